// Where an act stands in a signed log: what pages show beside it and what a later act names as its basis.
import type { DataSource } from 'typeorm';

export type Address = { readonly origin: string; readonly index: number; readonly hash: string; readonly at: string };

type Row = { id: string; origin: string; index: string; hash: string; at: string };

export class Addresses {
  constructor(
    private readonly database: DataSource,
    private readonly ownOrigin: string,
  ) {}

  /** Addresses by event id, of the own log and of all peers'; an event without one is not in a log (yet). */
  async find(eventIds: readonly string[]): Promise<Map<string, Address>> {
    if (eventIds.length === 0) return new Map();
    const rows: Row[] = await this.database.query(
      `select id, $2 as origin, index, hash, convert_from(bytes, 'UTF8')::json ->> 'at' as at
       from log.entry where id = any($1::uuid[])
       union all
       select id, origin, index, hash, convert_from(bytes, 'UTF8')::json ->> 'at' as at
       from inbox.entry where id = any($1::uuid[])`,
      [eventIds, this.ownOrigin],
    );
    const found = new Map<string, Address>();
    for (const { id, origin, index, hash, at } of rows) {
      // Ids are unique within a log; a peer that repeats one of ours must not take its place.
      if (!found.has(id) || origin === this.ownOrigin) found.set(id, { origin, index: Number(index), hash, at });
    }
    return found;
  }
}
