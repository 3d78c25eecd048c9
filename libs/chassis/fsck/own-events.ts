// The stored events behind the entries: each published event, put through the publishing rules again, must give the
// very entry that was signed, and each entry must have its event.
import { canonicalBytes } from '#kernel/canonical-json';
import type { EventStore } from '#store/event-store';
import { equal } from '#tlog/bytes';
import { leafHash } from '#tlog/merkle';
import { TILE_WIDTH } from '#tlog/tile';
import { entryOf } from '../publishing';
import type { Publisher } from '../publishing';
import type { Sql } from '../database';
import type { Finding } from './finding';
import { leafAt } from './judge-rows';
import type { OwnLog } from './own-log';
import type { Row } from './stored-rows';

export type Stored = {
  readonly id: string;
  readonly position: bigint;
  readonly bytes: Uint8Array;
  readonly commit: string;
};

/** One pass over the store beside a pass over the log, bundle by bundle from the first. */
export class OwnEvents {
  private readonly events: AsyncGenerator<Stored, void>;
  private waiting: Stored | undefined;
  private passed = -1n;

  constructor(store: EventStore, publish: Publisher) {
    this.events = published(store, publish);
  }

  async *judgeBundle(log: OwnLog, n: bigint): AsyncGenerator<Finding, void> {
    const width = log.width(n);
    const rows = await log.rows.bundle(n, width);
    const truth = (await log.leaves(n)) ?? (await log.rows.byHash(n, width));
    const entries = truth ? await log.entries(n, truth) : [];
    for (const [nth, row] of rows.entries()) {
      const index = n * BigInt(TILE_WIDTH) + BigInt(nth);
      yield* this.judge(index, row, truth && leafAt(truth, nth), entries[nth]);
      if (row?.position !== undefined) this.passed = row.position;
    }
  }

  /** A published event that the log has passed must be in it, also when its head says so beyond the last entry. */
  async *judgeRest(log: OwnLog, sql: Sql): AsyncGenerator<Finding, void> {
    const [head]: { position: string | null }[] = await sql.query('select position from log.head');
    const passed = BigInt(head?.position ?? -1);
    for (let event = await this.next(); event; event = await this.next()) {
      if (event.position > this.passed && event.position > passed) return;
      // It may have been entered, and not signed yet, a moment ago.
      const known = event.position > this.passed && (await entered(sql, event.id));
      if (!known) yield leftOut(log.size - 1n, event);
    }
  }

  async end(): Promise<void> {
    await this.events.return();
  }

  private async *judge(
    index: bigint,
    row: Row | undefined,
    leaf: Uint8Array | undefined,
    entry: Uint8Array | undefined,
  ): AsyncGenerator<Finding, void> {
    for (let event = await this.next(); ; event = await this.next()) {
      if (event && leaf && equal(leafHash(event.bytes), leaf)) return;
      const signed = entry && (JSON.parse(Buffer.from(entry).toString('utf8')) as { id: string; commit: string });
      const id = signed?.id ?? row?.id;
      if (event && event.id === id) {
        if (signed) yield differs(index, event.commit === signed.commit);
        return;
      }
      if (event && row?.position !== undefined && event.position < row.position) {
        yield leftOut(index, event);
        continue;
      }
      if (event && row?.position === event.position) {
        yield { fault: 'otherEvent', index, what: `the store has the event ${event.id} here, the log ${id}` };
        return;
      }
      this.waiting = event;
      yield { fault: 'noEvent', index, what: `no stored event stands behind the entry${id ? ` ${id}` : ''}` };
      return;
    }
  }

  private async next(): Promise<Stored | undefined> {
    const event = this.waiting;
    this.waiting = undefined;
    if (event) return event;
    const found = await this.events.next();
    return found.done ? undefined : found.value;
  }
}

async function entered(sql: Sql, id: string): Promise<boolean> {
  const rows = await sql.query('select 1 from log.entry where id = $1', [id]);
  return rows.length > 0;
}

function differs(index: bigint, committed: boolean): Finding {
  return committed
    ? { fault: 'entry', index, what: 'the entry does not say what the stored event says' }
    : { fault: 'event', index, what: 'the stored event was changed: it does not fit its published commitment' };
}

function leftOut(index: bigint, event: Stored): Finding {
  return { fault: 'leftOut', index, what: `the stored event ${event.id} is not in the log` };
}

/** The published events of a store, in its order, as the entries that they give. */
export async function* published(store: Pick<EventStore, 'readAll'>, publish: Publisher): AsyncGenerator<Stored, void> {
  for await (const event of store.readAll()) {
    const entry = entryOf(event, publish);
    if (entry) yield { id: event.id, position: event.position, bytes: canonicalBytes(entry), commit: entry.commit };
  }
}
