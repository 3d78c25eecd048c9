// A copy of whole events, published or not, as it lies at the peers of the agency that made it: only that agency opens it,
// when its own store is lost (docs/spec/copies.md). Sealed with a secret, not to a public key, so that nobody else can
// make one either.
import type { JsonObject } from '#kernel/canonical-json';
import type { EventMeta } from '#kernel/envelope';
import type { Recorded } from '#store/append-all';
import { fromUtf8 } from '#tlog/bytes';
import { cipherNamed } from '../ciphers/by-name';
import { CipherFault } from '../ciphers/cipher';
import type { Cipher } from '../ciphers/cipher';

/** It holds the events after entry `from - 1` of the log up to entry `next - 1`, in the order of the store. */
export type CopyPlace = { readonly origin: string; readonly from: bigint; readonly next: bigint };

/** Not opened by any of the own keys, or not what it must be. */
export class CopyFault extends Error {
  override readonly name = 'CopyFault';
}

const mark = 'sanfang/copy/v1';
const header = /^sanfang\/copy\/v1 ([a-z0-9-]{1,40}) (0|[1-9]\d{0,15}) ([1-9]\d{0,15})\n/;
// How much happened between two published events is nobody's business.
const sizeStep = 4_096;

/** @param key 32 bytes */
export function sealCopy(place: CopyPlace, events: readonly Recorded[], key: Uint8Array, cipher: Cipher): Uint8Array {
  const head = `${mark} ${cipher.name} ${place.from} ${place.next}\n`;
  const text = Buffer.from(events.map(lineOf).join(''));
  const padded = Buffer.alloc(Math.ceil(text.length / sizeStep) * sizeStep);
  text.copy(padded);
  return Buffer.concat([Buffer.from(head), cipher.seal(key, padded, boundTo(head, place.origin))]);
}

/** What a copy says of itself, for whoever keeps it without being able to open it. @throws CopyFault */
export function placeOfCopy(bytes: Uint8Array): { readonly from: bigint; readonly next: bigint } {
  const { from, next } = headOf(bytes);
  return { from, next };
}

/** @param keys own keys, of which any may have sealed it @throws CopyFault */
export function openCopy(origin: string, bytes: Uint8Array, keys: readonly Uint8Array[]): readonly Recorded[] {
  const { head, name } = headOf(bytes);
  const sealed = bytes.subarray(head.length);
  for (const key of keys) {
    const padded = openedWith(key, name, sealed, boundTo(head, origin));
    if (padded) return eventsOf(padded);
  }
  throw new CopyFault('not opened by keys/recovery.key: damaged, or sealed with a key that is not there any more');
}

function headOf(bytes: Uint8Array) {
  const found = header.exec(fromUtf8(bytes.subarray(0, 100).filter((byte) => byte < 128)));
  if (!found) throw new CopyFault('has not the form of a copy');
  const [head, name, from, next] = found as unknown as [string, string, string, string];
  if (BigInt(next) <= BigInt(from)) throw new CopyFault('ends before it begins');
  return { head, name, from: BigInt(from), next: BigInt(next) };
}

function openedWith(key: Uint8Array, name: string, sealed: Uint8Array, associated: string): Uint8Array | undefined {
  try {
    return cipherNamed(name).open(key, sealed, associated);
  } catch (error) {
    if (error instanceof CipherFault) return undefined;
    throw error;
  }
}

/** What stands before it and whose log it belongs to: a copy in another's place does not open. */
function boundTo(head: string, origin: string): string {
  return `${head}${origin}`;
}

function lineOf({ at, data, id, meta, revision, stream, type }: Recorded): string {
  return `${JSON.stringify({ at, data, id, meta, revision: String(revision), stream, type })}\n`;
}

function eventsOf(padded: Uint8Array): Recorded[] {
  const end = padded.lastIndexOf(10) + 1;
  if (padded.subarray(end).some((byte) => byte !== 0)) throw new CopyFault('is not padded with zeros');
  const lines = fromUtf8(padded.subarray(0, end)).split('\n').slice(0, -1);
  return lines.map((line) => {
    const { revision, ...event } = JSON.parse(line) as Omit<Recorded, 'revision' | 'data' | 'meta'> & {
      readonly revision: string;
      readonly data: JsonObject;
      readonly meta: EventMeta;
    };
    return { ...event, revision: BigInt(revision) };
  });
}
