// What the writer remembers of streams: the last revision, and the ids of the newest events so that a repeated append
// is recognised without a query. Only committed facts enter, and all of them are forgotten when the connection is lost.
import type { Client } from 'pg';
import type { Expected } from '../event-store';
import type { Place } from '../verdict';

export type Head = {
  /** undefined = the stream has no event; worth remembering too, since there is only one writer. */
  readonly last: bigint | undefined;
  /** The newest events, oldest first; never empty when the stream has an event. */
  readonly recent: readonly Place[];
};

const keptStreams = 5_000;
const keptPlaces = 8;

export class Heads {
  // A Map keeps insertion order, so its first key is the one not used for longest.
  private readonly heads = new Map<string, Head>();

  get(stream: string): Head | undefined {
    const head = this.heads.get(stream);
    if (head !== undefined) {
      this.heads.delete(stream);
      this.heads.set(stream, head);
    }
    return head;
  }

  set(stream: string, { last, recent }: Head): void {
    this.heads.delete(stream);
    this.heads.set(stream, { last, recent: recent.slice(-keptPlaces) });
    if (this.heads.size > keptStreams) this.heads.delete(this.heads.keys().next().value as string);
  }

  clear(): void {
    this.heads.clear();
  }
}

/** Reads heads from the table; a stream without events gets a head too. */
export async function loadHeads(client: Client, streams: readonly string[]): Promise<Map<string, Head>> {
  const { rows } = await client.query({
    name: 'store-heads',
    text: `select wanted.stream, newest.* from unnest($1::text[]) as wanted (stream) cross join lateral (
             select revision, position, id from store.events e where e.stream = wanted.stream
             order by revision desc limit ${keptPlaces}
           ) newest`,
    values: [streams],
  });
  const places = new Map<string, Place[]>(streams.map((stream) => [stream, []]));
  for (const row of rows) places.get(row.stream)?.push(placeOf(row));
  const heads = new Map<string, Head>();
  for (const [stream, found] of places) {
    const recent = found.sort((a, b) => Number(a.revision - b.revision));
    heads.set(stream, { last: recent[recent.length - 1]?.revision, recent });
  }
  return heads;
}

/** Must the table be asked where these ids stand, or does the head tell enough to judge? */
export function isBeyondMemory(head: Head, expected: Expected, ids: readonly string[]): boolean {
  const oldest = head.recent[0];
  if (oldest === undefined || head.last === undefined || oldest.revision === 0n) return false;
  if (expected === 'stream_exists') return ids.some((id) => !head.recent.some((place) => place.id === id));
  // An append at the head is judged new without looking; the unique index catches an id that stands further back.
  const expectedLast = expected === 'no_stream' ? -1n : expected;
  return expectedLast < head.last && expectedLast + 1n < oldest.revision;
}

/** Reads from the table where the ids stand in their streams. */
export async function loadPlaces(
  client: Client,
  wanted: readonly { readonly stream: string; readonly id: string }[],
): Promise<readonly (Place & { readonly stream: string })[]> {
  if (wanted.length === 0) return [];
  const { rows } = await client.query({
    name: 'store-places',
    // Lateral with a limit, so that the planner goes through the index whatever it thinks of the table's size.
    text: `select wanted.stream, found.* from unnest($1::text[], $2::uuid[]) as wanted (stream, id) cross join lateral (
             select revision, position, id from store.events e
             where e.stream = wanted.stream and e.id = wanted.id limit 1
           ) found`,
    values: [wanted.map((each) => each.stream), wanted.map((each) => each.id)],
  });
  return rows.map((row) => ({ stream: row.stream, ...placeOf(row) }));
}

function placeOf(row: { id: string; revision: string; position: string }): Place {
  return { id: row.id, revision: BigInt(row.revision), position: BigInt(row.position) };
}
