// Where an act stands in a signed log: what pages show beside it and what a later act names as its basis.
import type { DataSource } from 'typeorm';

export type Address = { readonly origin: string; readonly index: number; readonly hash: string; readonly at: string };

type Row = { id: string; origin: string; index: string; hash: string; bytes: Buffer };

export class Addresses {
  constructor(
    private readonly database: DataSource,
    private readonly ownOrigin: string,
  ) {}

  /** Addresses by event id, of the own log and of all peers'; an event without one is not in a log (yet). */
  async find(eventIds: readonly string[]): Promise<Map<string, Address>> {
    if (eventIds.length === 0) return new Map();
    const rows: Row[] = await this.database.query(
      `select id, $2 as origin, index, hash, bytes from log.entry where id = any($1::uuid[])
       union all
       select id, origin, index, hash, bytes from inbox.entry where id = any($1::uuid[])`,
      [eventIds, this.ownOrigin],
    );
    const found = new Map<string, Address>();
    for (const { id, origin, index, hash, bytes } of rows) {
      // Ids are unique within a log; a peer that repeats one of ours must not take its place.
      if (found.has(id) && origin !== this.ownOrigin) continue;
      // Read here and not by PostgreSQL, whose JSON functions fail on a NUL character anywhere in the entry.
      const { at } = JSON.parse(bytes.toString('utf8')) as { at: string };
      found.set(id, { origin, index: Number(index), hash, at });
    }
    return found;
  }
}
