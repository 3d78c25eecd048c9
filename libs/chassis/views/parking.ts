// What this version of the code cannot use is set aside with its reason, and with it all that follows in the same
// stream: order within a stream is kept, other streams go on, nothing is skipped silently (trust.md 3.4, 3.8).
import type { Sql } from '../database';
import type { Delivered } from './sources';

export const followsParked = 'an earlier event of the stream is parked';

/** Streams set aside, each from the position where it stopped. */
export class Parked {
  constructor(private readonly from = new Map<string, bigint>()) {}

  add(event: Pick<Delivered, 'stream' | 'position'>): void {
    if (!this.holds(event)) this.from.set(event.stream, event.position);
  }

  holds(event: Pick<Delivered, 'stream' | 'position'>): boolean {
    const from = this.from.get(event.stream);
    return from !== undefined && event.position >= from;
  }
}

export async function parkedStreams(sql: Sql, consumer: string, source: string): Promise<Parked> {
  const rows: { stream: string; from: string }[] = await sql.query(
    'select stream, min(position) as from from views.parked where consumer = $1 and source = $2 group by stream',
    [consumer, source],
  );
  return new Parked(new Map(rows.map((row) => [row.stream, BigInt(row.from)])));
}

/** What is to be set aside with a batch, as it stands in the table. */
export type ParkedEvent = {
  readonly position: string;
  readonly stream: string;
  readonly type: string;
  readonly reason: string;
  readonly at: string;
};

export function parkedEvent(
  event: Pick<Delivered, 'position' | 'stream' | 'type'>,
  reason: string,
  at: string,
): ParkedEvent {
  const { position, stream, type } = event;
  return { position: position.toString(), stream, type, reason: reason.slice(0, 1000), at };
}

/** `consumer`, `source` and `rows` are placeholders of a statement's parameters. */
export function parkingOf(consumer: string, source: string, rows: string): string {
  return `insert into views.parked (consumer, source, position, stream, type, reason, parked_at)
    select ${consumer}, ${source}, row.position, row.stream, row.type, row.reason, row.at
      from json_to_recordset(${rows}::json) as row(position bigint, stream text, type text, reason text, at text)
    on conflict do nothing`;
}

export async function parkIn(sql: Sql, consumer: string, source: string, event: ParkedEvent): Promise<void> {
  await sql.query(parkingOf('$1', '$2', '$3'), [consumer, source, JSON.stringify([event])]);
}
