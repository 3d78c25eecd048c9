// Followers under load: whatever sixteen writers do, and whatever happens to the connection, a follower sees every
// acknowledged event once and in order.
import { randomUUID } from 'node:crypto';
import { Client } from 'pg';
import { startTestPostgres, type TestPostgres } from '#testing/postgres';
import { all, fact, given, Listener, sampleMeta } from '../contract/samples';
import { type EventStore, type NewEvent, type RecordedEvent, Unavailable, WrongExpectedRevision } from '../event-store';
import { openPgReader, openPgStore, type PgStore } from './pg-store';

const writers = 16;
const appends = 200_000;

let postgres: TestPostgres;
let url: string;
beforeAll(async () => {
  postgres = await startTestPostgres();
}, 120_000);
afterAll(() => postgres.stop(), 120_000);
beforeEach(async () => {
  url = await postgres.fresh();
});

const open = () => openPgStore({ url, durability: 'unchecked', lockWaitMs: 5_000 });

/** What a follower must have seen: positions without a hole, and each stream's revisions from 0 without a hole. */
class OrderCheck {
  seen = 0;
  firstFault = 'none';
  private readonly next = new Map<string, bigint>();
  private position: bigint;

  constructor(private readonly after: bigint) {
    this.position = after;
  }

  take(events: readonly RecordedEvent[]): void {
    for (const { position, stream, revision } of events) {
      if (position !== this.position + 1n) this.fault(`position ${position} after ${this.position}`);
      const due = this.next.get(stream) ?? (this.after === 0n ? 0n : revision);
      if (revision !== due) this.fault(`${stream}: revision ${revision}, due ${due}`);
      this.position = position;
      this.next.set(stream, revision + 1n);
      this.seen++;
    }
  }

  private fault(text: string): void {
    if (this.firstFault === 'none') this.firstFault = text;
  }
}

/** Follows the store until its end is `end`. */
async function follow(store: Pick<EventStore, 'subscribeAll'>, after: bigint, end: bigint): Promise<OrderCheck> {
  const check = new OrderCheck(after);
  const stopper = new AbortController();
  for await (const batch of store.subscribeAll({ after, signal: stopper.signal })) {
    check.take(batch);
    if (batch[batch.length - 1]?.position === end) stopper.abort();
  }
  return check;
}

describe('a follower of the event store on PostgreSQL', () => {
  let store: PgStore;
  beforeEach(async () => {
    store = await open();
  });
  afterEach(() => store.close());

  it('misses and reorders none of 200,000 appends of 16 writers, nor does one that starts in their middle', async () => {
    const share = appends / writers;
    const end = BigInt(appends);
    let late: Promise<OrderCheck> | undefined;
    const write = async (writer: number) => {
      const revisions: bigint[] = [];
      for (let n = 0; n < share; n++) {
        const lane = n % 50;
        const stream = `issue-${writer}-${lane}`;
        const event = { id: randomUUID(), type: 'Noted', data: { n, text: '整改情况' }, meta: sampleMeta };
        const { revision, position } = await store.append(stream, [event], revisions[lane] ?? 'no_stream');
        revisions[lane] = revision;
        if (position > end / 2n) late ??= follow(store, end / 4n, end);
      }
    };
    const live = follow(store, 0n, end);
    // A process of its own would poll; it must come to the same sequence as the live one.
    const reader = openPgReader({ url });
    const polling = follow(reader, 0n, end);
    await Promise.all(Array.from({ length: writers }, (_, writer) => write(writer)));
    expect(await live).toMatchObject({ seen: appends, firstFault: 'none' });
    expect(await late).toMatchObject({ seen: appends - appends / 4, firstFault: 'none' });
    expect(await polling).toMatchObject({ seen: appends, firstFault: 'none' });
    await reader.close();
  }, 180_000);

  it('sees every acknowledged event once, though the writer’s connection is killed over and over', async () => {
    const acknowledged = new Map<string, bigint>();
    const check = new OrderCheck(0n);
    const listener = new Listener(store, {}, ({ events }) => check.take(events.splice(0)));
    const killer = new Client({ connectionString: url });
    await killer.connect();
    let writing = true;
    const kill = async () => {
      for (let round = 0; round < 15; round++) {
        await new Promise((resolve) => setTimeout(resolve, 60));
        await killer.query(
          `select pg_terminate_backend(pid) from pg_stat_activity
           where datname = current_database() and pid <> pg_backend_pid() and ($1 or application_name = 'sanfang-store')`,
          [round % 3 === 2],
        );
      }
      writing = false;
    };
    const write = async (writer: number) => {
      for (let last: bigint | undefined; writing;) {
        const event = fact({ writer });
        last = await appendWithRepeats(store, `issue-${writer}`, event, last);
        acknowledged.set(event.id, last);
      }
    };
    await Promise.all([kill(), ...Array.from({ length: writers }, (_, writer) => write(writer))]);
    await killer.end();
    await given(store, 'end-1', 1);
    while (check.seen < acknowledged.size + 1) await new Promise((resolve) => setTimeout(resolve, 10));
    await listener.stop();
    const stored = await all(store.readAll());
    const ids = new Map(stored.map((event) => [event.id, event.revision]));
    expect(ids.size).toBe(stored.length);
    expect(stored.length).toBe(acknowledged.size + 1);
    expect([...acknowledged].filter(([id, revision]) => ids.get(id) !== revision)).toEqual([]);
    expect(check).toMatchObject({ seen: stored.length, firstFault: 'none' });
  }, 120_000);

  it('comes back to a writable store after its connections were killed while nothing was written', async () => {
    const listener = new Listener(store);
    await listener.hasCaughtUp();
    const killer = new Client({ connectionString: url });
    await killer.connect();
    await killer.query(
      'select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()',
    );
    await killer.end();
    const event = fact();
    await appendWithRepeats(store, 'issue-1', event, undefined);
    expect(store.isWritable()).toBe(true);
    expect((await listener.saw(1)).map(({ id }) => id)).toEqual([event.id]);
    await listener.stop();
  });
});

/** What a caller does: an unknown outcome is repeated with the same id until it is known. */
async function appendWithRepeats(store: EventStore, stream: string, event: NewEvent, last: bigint | undefined) {
  for (;;) {
    try {
      return (await store.append(stream, [event], last ?? 'no_stream')).revision;
    } catch (error) {
      if (error instanceof WrongExpectedRevision) throw error;
      if (!(error instanceof Unavailable)) throw error;
    }
  }
}
