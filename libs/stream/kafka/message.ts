// How an entry and a checkpoint travel in a message: value = the exact bytes, so that nothing needs decoding before it
// is hashed; key = the entry's stream; the place in the log stands in a header, unproven like everything else here.
import { MAX_ENTRY_SIZE } from '#tlog/bundle';

/** A message as it came. */
export type Carried = {
  readonly topic: string;
  readonly offset: bigint;
  readonly value: Uint8Array | null;
  readonly headers: Readonly<Record<string, unknown>>;
};

export type SentMessage = {
  readonly key: string;
  readonly value: Buffer;
  readonly headers?: Readonly<Record<string, string>>;
};

/** Not what a log's owner sends: no entry, or no place for it. */
export class MessageFault extends Error {
  override readonly name = 'MessageFault';
}

export function entryMessage(index: bigint, bytes: Uint8Array, stream: string): SentMessage {
  return { key: stream, value: Buffer.from(bytes), headers: { index: String(index) } };
}

export function checkpointMessage(origin: string, note: Uint8Array): SentMessage {
  return { key: origin, value: Buffer.from(note) };
}

/** @throws MessageFault */
export function readEntryMessage({ value, headers }: Carried): { readonly index: bigint; readonly bytes: Uint8Array } {
  const index = String(headers['index'] ?? '');
  if (!/^(0|[1-9]\d{0,17})$/.test(index)) throw new MessageFault('the message names no place in the log');
  if (value === null || value.length === 0) throw new MessageFault(`the message for entry ${index} is empty`);
  if (value.length > MAX_ENTRY_SIZE) throw new MessageFault(`${value.length} bytes are no entry`);
  return { index: BigInt(index), bytes: value };
}
