// Copies of the own events, made when a peer asks for them: nothing is kept for that, and no step of the relay waits.
import type { EventStore, RecordedEvent } from '#store/event-store';
import type { Recorded } from '#store/append-all';
import { cipherOf } from '../ciphers/by-name';
import type { Cipher } from '../ciphers/cipher';
import type { Config } from '../config';
import type { Sql } from '../database';
import { ownerStream } from '../store-home';
import { sealCopy } from './copy';

export type MakingParts = {
  readonly store: Pick<EventStore, 'readAll'>;
  readonly sql: Sql;
  readonly origin: string;
  /** 32 bytes, of the agency alone. */
  readonly key: Uint8Array;
  readonly cipher: Cipher;
  /** Entries under the visible checkpoint. */
  readonly size: () => number;
};

/** Entries that a copy spans. */
export const copyEntries = 256;
/** A copy ends behind the entry with which it passes this many bytes. */
const copyBytes = 4_194_304;
/** An honest copy is never longer: its events are at most one append of 1 MiB beyond the bound, several between. */
export const maxCopyBytes = 67_108_864;

type Row = { readonly index: string; readonly position: string };

/** What a feed gives out of the own store; undefined when the settings say that peers keep nothing. */
export function copiesOf(
  { origin, profile, eventCopies }: Pick<Config, 'origin' | 'profile' | 'eventCopies'>,
  { keys, ...parts }: Pick<MakingParts, 'store' | 'sql' | 'size'> & { readonly keys: readonly Uint8Array[] },
): ((from: bigint) => Promise<Uint8Array | undefined>) | undefined {
  if (eventCopies === 'none') return undefined;
  const making = { ...parts, origin, key: keys.at(-1) as Uint8Array, cipher: cipherOf(profile) };
  return (from) => copyFrom(making, from);
}

/** @returns the copy that begins at entry `from`; undefined when the log is not so long */
export async function copyFrom(parts: MakingParts, from: bigint): Promise<Uint8Array | undefined> {
  const { sql, origin, key, cipher, size } = parts;
  const rows: Row[] = await sql.query(
    'select index, position from log.entry where index >= $1 and index < $2 order by index',
    [String(from > 0n ? from - 1n : 0n), String(Math.min(Number(from) + copyEntries, size()))],
  );
  const before = from > 0n ? rows.shift() : undefined;
  if (rows.length === 0) return undefined;
  const { events, entries } = await gathered(parts.store, before && BigInt(before.position), rows);
  return sealCopy({ origin, from, next: from + BigInt(entries) }, events, key, cipher);
}

async function gathered(store: Pick<EventStore, 'readAll'>, after: bigint | undefined, rows: readonly Row[]) {
  const events: Recorded[] = [];
  let bytes = 0;
  let entries = 0;
  for await (const event of store.readAll(after === undefined ? {} : { from: after })) {
    if (event.position === after || event.stream === ownerStream) continue;
    const { position, ...recorded } = event;
    events.push(recorded);
    bytes += lengthOf(event);
    if (String(position) !== rows[entries]?.position) continue;
    entries++;
    if (entries === rows.length || bytes > copyBytes) return { events, entries };
  }
  throw new Error(`entry ${rows[entries]?.index} names an event that is not stored: run npm run fsck`);
}

function lengthOf({ data, meta }: RecordedEvent): number {
  return JSON.stringify(data).length + JSON.stringify(meta).length;
}
