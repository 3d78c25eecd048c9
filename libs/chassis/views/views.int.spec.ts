// Read models on a real PostgreSQL: rows and cursor together, rebuilt beside the live ones, nothing skipped.
import { randomUUID } from 'node:crypto';
import { Client } from 'pg';
import type { DataSource } from 'typeorm';
import { canonicalBytes } from '#kernel/canonical-json';
import type { Actor, PlainEntry } from '#kernel/envelope';
import type { View } from '#kernel/view';
import type { EventStore, NewEvent } from '#store/event-store';
import { MemoryStore } from '#store/memory/memory-store';
import { lossyLink } from '#testing/lossy-link';
import type { LossyLink } from '#testing/lossy-link';
import { startTestPostgres } from '#testing/postgres';
import type { TestPostgres } from '#testing/postgres';
import { migration, openDatabase } from '../database';
import { publisherOf } from '../publishing';
import { openerOf } from '../sealing/opener';
import { Pulse } from '../pulse';
import { ownEvents, peerEvents } from './sources';
import { startViews, viewMigrations } from './start-views';
import { swapLock } from './view-set';
import type { Views } from './start-views';

type Round = {
  readonly id: string;
  readonly name: string;
  readonly organisations: number;
  readonly units: readonly string[];
  readonly seen: object;
};

/** Not idempotent on purpose: an event applied twice would show. */
const rounds: View<Round> = {
  name: 'testRounds',
  version: 1,
  columns: { id: 'text', name: 'text', organisations: 'integer', units: 'texts', seen: 'json' },
  indexes: ['(name)'],
  keys: (event) => ('roundId' in event.data ? [String(event.data['roundId'])] : []),
  evolve(row, event, id) {
    const empty: Round = { id, name: '', organisations: 0, units: [], seen: {} };
    const data = event.data as { name?: string; unitName?: string; unitId?: string };
    if (event.type.includes('round-opened')) return { ...(row ?? empty), name: data.name ?? '' };
    if (data.unitName === '毒') throw new Error('cannot fold this');
    if (event.type.includes('round-closed')) return undefined;
    const known = row ?? empty;
    return {
      ...known,
      organisations: known.organisations + 1,
      units: [...known.units, data.unitName ?? ''],
      seen: { last: data.unitId },
    };
  },
};

const publish = publisherOf([
  {
    decider: 'round',
    map: {
      Enrolled: (event) => ({
        type: 'inspection.organisation-enrolled.v1',
        data: { roundId: event.subject, unitId: 'u1', unitName: event.data['unit'] },
      }),
      Closed: (event) => ({ type: 'inspection.round-closed.v1', data: { roundId: event.subject } }),
    },
  },
]);
const actor: Actor = { agency: 'inspection', id: 'p1', name: '张某', role: 'inspectionOffice' };
const peerOrigin = 'commission.example/events/v1';

let postgres: TestPostgres;
let url: string;
let database: DataSource;
let store: EventStore;
let pulse: Pulse;
let running: Views | undefined;
let link: LossyLink | undefined;
const faults: string[] = [];

beforeAll(async () => {
  postgres = await startTestPostgres();
});
afterAll(() => postgres.stop());

const open = (through: string): Promise<DataSource> => {
  const inbox = migration(
    2026112499,
    'TestInbox',
    `create schema inbox; create table inbox.entry (origin text, index bigint, bytes bytea, hash text, primary key (origin, index));`,
  );
  return openDatabase({
    url: through,
    applicationName: 'test',
    migrations: [...viewMigrations, inbox],
    onPoolError: () => {},
  });
};
beforeEach(async () => {
  url = await postgres.fresh();
  database = await open(url);
  store = new MemoryStore();
  pulse = new Pulse();
  faults.length = 0;
});
afterEach(async () => {
  await running?.stop();
  running = undefined;
  await database.destroy();
  await link?.stop();
  link = undefined;
});

const nothing = { kept: async () => undefined, take: () => Promise.reject(new Error('nothing is sealed here')) };
const begin = async (view: View<Round> = rounds): Promise<Views> => {
  const sources = [
    ownEvents(store, 'inspection', 'inspection.example/events/v1', publish),
    peerEvents(
      database,
      pulse,
      { agency: 'commission', origin: peerOrigin },
      openerOf('inspection', { privateKeyOf: async () => undefined, taken: nothing }),
    ),
  ];
  running = await startViews({
    database,
    views: [view],
    sources,
    pulse,
    now: () => '2026-01-01T00:00:00Z',
    onFault: (what, error) => faults.push(`${what}: ${String(error)}`),
  });
  return running;
};
const event = (type: string, data: NewEvent['data'] = {}): NewEvent => ({
  id: randomUUID(),
  type,
  data,
  meta: { actor, commandId: randomUUID(), seen: {}, salt: 's' },
});
const enrol = async (round: string, unit: string): Promise<bigint> => {
  const stream = `round-${round}`;
  let last: bigint | 'no_stream' = 'no_stream';
  try {
    for await (const recorded of store.readStream(stream)) last = recorded.revision;
  } catch {
    last = 'no_stream';
  }
  return (await store.append(stream, [event('Enrolled', { unit })], last)).position;
};
const peer = async (index: number, type: string, stream: string, data: object): Promise<void> => {
  const entry: PlainEntry = {
    v: 1,
    id: randomUUID(),
    type,
    stream,
    revision: 0,
    at: '2026-01-01T00:00:00Z',
    actor: { ...actor, agency: 'commission' },
    seen: {},
    commit: '',
    data: data as PlainEntry['data'],
  };
  await database.query('insert into inbox.entry (origin, index, bytes, hash) values ($1, $2, $3, $4)', [
    peerOrigin,
    index,
    Buffer.from(canonicalBytes(entry)),
    'ab',
  ]);
  pulse.tell({ kind: 'inbox', origin: peerOrigin, size: index + 1 });
};
/** So many receipts in a peer's log at once, spread over so many rounds. */
const backlog = async (count: number, over: number): Promise<void> => {
  const entries = Array.from({ length: count }, (_, index) => {
    const data = { feedbackId: `f${index}`, roundId: `r${index % over}`, held: 1 };
    const at = '2026-01-01T00:00:00Z';
    const by: Actor = { ...actor, agency: 'commission' };
    const head = {
      v: 1,
      id: randomUUID(),
      type: 'commission.feedback-received.v1',
      stream: `receipt-${index}`,
    } as const;
    const entry: PlainEntry = { ...head, revision: 0, at, actor: by, seen: {}, commit: '', data };
    return Buffer.from(canonicalBytes(entry)).toString('utf8');
  });
  await database.query(
    `insert into inbox.entry (origin, index, bytes, hash)
     select $1, nth - 1, convert_to(entry, 'UTF8'), 'ab' from unnest($2::text[]) with ordinality as e (entry, nth)`,
    [peerOrigin, entries],
  );
  pulse.tell({ kind: 'inbox', origin: peerOrigin, size: count });
};
const rows = (): Promise<object[]> =>
  database.query('select id, organisations::int, units, seen from views.test_rounds order by id');
const organisationsOf = async (round: string): Promise<unknown> =>
  (await database.query('select organisations::int from views.test_rounds where id = $1', [round]))[0]?.organisations;
const passed = async (views: Views, position: bigint): Promise<void> => {
  while (views.position() < position) await new Promise((resolve) => setTimeout(resolve, 5));
};
const eventually = async (check: () => Promise<boolean>): Promise<void> => {
  for (let tries = 0; !(await check()); tries++) {
    if (tries > 400) throw new Error('not in time');
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
};

describe('a read model', () => {
  it('applies stored and live events once each, in order', async () => {
    await enrol('r1', '甲');
    const views = await begin();
    await passed(views, await enrol('r1', '乙'));
    expect(await rows()).toEqual([{ id: 'r1', organisations: 2, units: ['甲', '乙'], seen: { last: 'u1' } }]);
  });

  it('goes on where it stopped', async () => {
    const first = await begin();
    await passed(first, await enrol('r1', '甲'));
    await first.stop();
    const last = await enrol('r1', '乙');
    await passed(await begin(), last);
    expect(await rows()).toMatchObject([{ organisations: 2, units: ['甲', '乙'] }]);
  });

  it('keeps lists of texts as they were, whatever PostgreSQL means by their characters', async () => {
    const views = await begin();
    const units = [
      '{甲}',
      'null',
      'NULL',
      '乙 丙',
      ' ',
      '"',
      '\\',
      'a,b',
      '\\"',
      "'",
      '\n',
      '\u3000',
      '𠀀',
      '{}',
      'nulls',
    ];
    let last = 0n;
    for (const unit of units) last = await enrol('r1', unit);
    await passed(views, last);
    expect(await rows()).toMatchObject([{ units }]);
  });

  it('removes a row that its fold removes', async () => {
    const views = await begin();
    await enrol('r1', '甲');
    await passed(views, (await store.append('round-r1', [event('Closed')], 0n)).position);
    expect(await rows()).toEqual([]);
  });

  it('is rebuilt beside the live one, equal byte for byte, while events go on', async () => {
    const views = await begin();
    for (let n = 0; n < 50; n++) await enrol(`r${n % 7}`, `单位${n}`);
    const busy = (async () => {
      for (let n = 0; n < 50; n++) await enrol(`r${n % 7}`, `后${n}`);
    })();
    const rebuilt = await views.rebuild('testRounds');
    await busy;
    expect(rebuilt.equal).toBe(true);
    await passed(views, await enrol('r0', '末'));
    const counted: { sum: string }[] = await database.query('select sum(organisations) from views.test_rounds');
    expect(Number(counted[0]?.sum)).toBe(101);
  });

  it('tells when the live rows were not what the events say, and is right afterwards', async () => {
    const views = await begin();
    await passed(views, await enrol('r1', '甲'));
    await database.query(`update views.test_rounds set organisations = 9`);
    expect((await views.rebuild('testRounds')).equal).toBe(false);
    expect(await rows()).toMatchObject([{ organisations: 1 }]);
  });

  describe('while its tables are swapped', () => {
    let other: Client;
    beforeEach(async () => {
      other = new Client({ connectionString: url });
      await other.connect();
    });
    const waiting = async (): Promise<number> =>
      (await other.query(`select from pg_locks where locktype = 'advisory' and not granted`)).rowCount ?? 0;

    it('has no batch under way: neither a wrong row is carried over nor does one wait for the other', async () => {
      await passed(await begin(), await enrol('r1', '甲'));
      await running?.stop();
      await database.query('update views.test_rounds set organisations = 9');
      const views = await begin();
      await other.query('select pg_advisory_lock_shared($1)', [swapLock]);
      const rebuilt = views.rebuild('testRounds');
      await eventually(async () => (await waiting()) === 1);
      const position = await enrol('r1', '乙');
      // Whether the batch asks for the lock before the swap has it, or is not even folded before.
      for (let tries = 0; tries < 50 && (await waiting()) < 2; tries++) await new Promise((go) => setTimeout(go, 10));
      await other.end();
      expect((await rebuilt).equal).toBe(false);
      await passed(views, position);
      expect(await rows()).toMatchObject([{ id: 'r1', organisations: 2 }]);
      expect(faults).toEqual([]);
    });

    it('takes in what came from both sources since it began to be rebuilt', async () => {
      const views = await begin();
      await passed(views, await enrol('r1', '甲'));
      await other.query('select pg_advisory_lock($1)', [swapLock]);
      const rebuilt = views.rebuild('testRounds');
      await eventually(async () => (await waiting()) === 1);
      await enrol('r2', '乙');
      await eventually(async () => (await waiting()) === 2);
      await peer(0, 'commission.feedback-received.v1', 'receipt-f1', { feedbackId: 'f1', roundId: 'r1', held: 3 });
      await new Promise((resolve) => setTimeout(resolve, 100));
      await other.end();
      expect((await rebuilt).equal).toBe(true);
      await eventually(async () => (await organisationsOf('r1')) === 2);
    });
  });

  it('is built anew when its version is raised', async () => {
    const views = await begin();
    await passed(views, await enrol('r1', '甲'));
    await views.stop();
    const second: View<Round> = {
      ...rounds,
      version: 2,
      evolve: (row, each, id) => ({ ...(rounds.evolve(row, each, id) as Round), name: '第二版' }),
    };
    await begin(second);
    expect(await database.query('select name from views.test_rounds')).toEqual([{ name: '第二版' }]);
  });

  it('parks a stream whose event it cannot fold, and goes on with the others', async () => {
    const views = await begin();
    await enrol('bad', '毒');
    await enrol('bad', '后来');
    await passed(views, await enrol('good', '甲'));
    expect(await rows()).toMatchObject([{ id: 'good' }]);
    const parked: { stream: string; reason: string }[] = await database.query(
      'select stream, reason from views.parked order by position',
    );
    expect(parked.map((each) => each.stream)).toEqual(['round-bad', 'round-bad']);
    expect(parked[0]?.reason).toContain('cannot fold this');
  });
});

describe('what peers publish', () => {
  it('is applied once, in the order of its log', async () => {
    await begin();
    await peer(0, 'commission.feedback-received.v1', 'receipt-f1', { feedbackId: 'f1', roundId: 'r1', held: 3 });
    await eventually(async () => (await rows()).length === 1);
    expect(await rows()).toMatchObject([{ id: 'r1', organisations: 1 }]);
  });

  it('is parked, not skipped, when its type is unknown, and so is what follows in its stream', async () => {
    await begin();
    await peer(0, 'commission.from-the-future.v9', 'receipt-f1', { roundId: 'r1' });
    await peer(1, 'commission.feedback-received.v1', 'receipt-f1', { feedbackId: 'f1', roundId: 'r1', held: 3 });
    await peer(2, 'commission.feedback-received.v1', 'receipt-f2', { feedbackId: 'f2', roundId: 'r2', held: 3 });
    await eventually(async () => (await rows()).length === 1);
    expect(await rows()).toMatchObject([{ id: 'r2' }]);
    expect(await database.query('select position::int from views.parked order by position')).toEqual([
      { position: 1 },
      { position: 2 },
    ]);
  });

  it('is parked when it speaks in the name of another agency', async () => {
    await begin();
    await peer(0, 'organization.feedback-received.v1', 'receipt-f1', { feedbackId: 'f1', roundId: 'r1', held: 3 });
    await eventually(async () => (await database.query('select 1 from views.parked')).length === 1);
    expect(await rows()).toEqual([]);
  });
});

describe('when the database or the way to it breaks', () => {
  /** What an asynchronous commit loses with the server: rows and cursor together. */
  const lose = (source: string): Promise<unknown> =>
    database.query(
      `with gone as (delete from views.test_rounds)
       update views.cursor set position = 0 where generation = 'live' and source = $1`,
      [source],
    );
  const organisations = async (): Promise<unknown> =>
    (await database.query('select sum(organisations)::int as sum from views.test_rounds'))[0].sum;

  it('a read model takes up again what a crash lost, though nothing new happens', async () => {
    const views = await begin();
    await passed(views, await enrol('r1', '甲'));
    await lose('own');
    const other = new Client({ connectionString: url });
    await other.connect();
    await other.query(
      'select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()',
    );
    await other.end();
    await eventually(async () => (await organisations().catch(() => 0)) === 1);
    await eventually(async () => views.ready());
  });

  it('a read model applies nothing twice when what was lost came from another source', async () => {
    const views = await begin();
    await passed(views, await enrol('r1', '甲'));
    await lose('own');
    await peer(0, 'commission.feedback-received.v1', 'receipt-f1', { feedbackId: 'f1', roundId: 'r1', held: 3 });
    await eventually(async () => (await organisations()) === 2);
    await passed(views, await enrol('r1', '乙'));
    expect(await organisations()).toBe(3);
  });

  it('a batch folded ahead of the one that is being written falls with it, and nothing is applied twice', async () => {
    link = await lossyLink(url);
    await database.destroy();
    database = await open(link.url);
    const views = await begin();
    await eventually(async () => views.ready());
    const lost = link.loseAnswerTo('views.demand');
    // More rows in each batch than are kept beyond the last two.
    await backlog(5_500, 700);
    await lost;
    await eventually(async () => (await organisations().catch(() => 0)) === 5_500);
    expect(await database.query('select distinct organisations::int from views.test_rounds order by 1')).toEqual([
      { organisations: 7 },
      { organisations: 8 },
    ]);
  });

  it('whoever waits is told of what was stored, though the answer to the storing was lost', async () => {
    link = await lossyLink(url);
    await database.destroy();
    database = await open(link.url);
    const views = await begin();
    await eventually(async () => views.ready());
    const heard: bigint[] = [];
    const lost = link.loseAnswerTo('views.demand');
    const position = await enrol('r1', '甲');
    await lost;
    pulse.beats.subscribe((beat) => {
      if (beat.kind === 'view' && beat.view === 'testRounds') heard.push(views.position());
    });
    await eventually(async () => heard.includes(position));
    expect(await organisations()).toBe(1);
  });
});
