// Process managers over a real database: each cause asks once however often it comes, and a "no" is set aside, not lost.
import type { DataSource } from 'typeorm';
import type { Decider } from '#kernel/decider';
import { Refused } from '#kernel/decider';
import type { Actor, Published } from '#kernel/envelope';
import type { Reactor } from '#kernel/reactor';
import { startTestPostgres } from '#testing/postgres';
import type { TestPostgres } from '#testing/postgres';
import type { Ask } from './ask';
import { openDatabase } from './database';
import { startReactors } from './reactors';
import type { Reactors } from './reactors';
import type { Batch, Delivered, Source } from './views/sources';
import { viewMigrations } from './views/start-views';

const decider = { name: 'issue' } as unknown as Decider<unknown, { type: string }, never>;
const actor: Actor = { agency: 'commission', id: 'p1', name: '张某', role: 'supervisionOffice' };
const origin = 'commission.example/events/v1';

/** Each accepted close-out asks its issue to record the verdict. */
const verdicts: Reactor = {
  name: 'verdicts',
  on: {
    'commission.close-out-accepted.v1': (event) => [
      { decider, id: event.data.issueId, command: { type: 'RecordVerdict' } },
    ],
  },
};

let postgres: TestPostgres;
let database: DataSource;
let running: Reactors | undefined;
let asked: Ask<{ type: string }>[];
let answer: (ask: Ask<{ type: string }>) => Promise<unknown>;

beforeAll(async () => {
  postgres = await startTestPostgres();
});
afterAll(() => postgres.stop());
beforeEach(async () => {
  database = await openDatabase({
    url: await postgres.fresh(),
    applicationName: 'test',
    migrations: viewMigrations,
    onPoolError: () => {},
  });
  asked = [];
  answer = () => Promise.resolve();
});
afterEach(async () => {
  await running?.stop();
  await database.destroy();
});

const accepted = (position: bigint, issueId: string): Delivered => {
  const id = `00000000-0000-4000-8000-00000000000${position}`;
  const at = '2026-01-01T00:00:00Z';
  const type = 'commission.close-out-accepted.v1';
  const address = { origin, index: Number(position) - 1, hash: 'ab' };
  const published: Published = {
    agency: 'commission',
    origin,
    id,
    type,
    stream: `verification-${issueId}`,
    at,
    actor,
    data: { issueId },
    address,
  };
  return { position, stream: `verification-${issueId}`, type, at, published };
};

/** A log that holds these events and then waits. */
const logOf = (...events: Delivered[]): Source => ({
  name: origin,
  async *follow(after: bigint, signal: AbortSignal): AsyncGenerator<Batch> {
    yield { events: events.filter((event) => event.position > after), caughtUp: true };
    if (signal.aborted) return;
    await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }));
  },
});

const start = (source: Source): void => {
  running = startReactors({
    database,
    reactors: [verdicts],
    sources: [source],
    agency: 'inspection',
    ask: async (ask) => {
      asked.push(ask);
      await answer(ask);
    },
    now: () => '2026-01-01T00:00:00Z',
    onFault: () => {},
  });
};
const eventually = async (check: () => boolean | Promise<boolean>): Promise<void> => {
  for (let tries = 0; !(await check()); tries++) {
    if (tries > 300) throw new Error('not in time');
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
};
const parked = (): Promise<{ stream: string; reason: string }[]> =>
  database.query('select stream, reason from views.parked order by position');

describe('a reactor', () => {
  it('asks in the name of the service, on the ground of the act that it follows', async () => {
    start(logOf(accepted(1n, 'i1')));
    await eventually(() => asked.length === 1);
    expect(asked[0]).toMatchObject({
      id: 'i1',
      command: { type: 'RecordVerdict' },
      meta: { who: { agency: 'inspection', role: 'system' }, cause: { origin, index: 0, hash: 'ab' } },
    });
  });

  it('asks again with the same command id when it does not know whether it was heard', async () => {
    answer = () => Promise.reject(new Error('the connection broke'));
    start(logOf(accepted(1n, 'i1')));
    await eventually(() => asked.length === 2);
    answer = () => Promise.resolve();
    await eventually(() => asked.length >= 3);
    expect(new Set(asked.map((ask) => ask.meta.commandId)).size).toBe(1);
  });

  it('does not ask again, after a restart, for what was answered', async () => {
    start(logOf(accepted(1n, 'i1')));
    await eventually(async () => (await database.query('select 1 from views.reactor_cursor')).length === 1);
    await running?.stop();
    start(logOf(accepted(1n, 'i1'), accepted(2n, 'i2')));
    await eventually(() => asked.length === 2);
    expect(asked.map((ask) => ask.id)).toEqual(['i1', 'i2']);
  });

  it('sets a refused request aside with its reason, and what follows in that stream, and goes on with the others', async () => {
    answer = (ask) => (ask.id === 'i1' ? Promise.reject(new Refused('closeOut.notRequested')) : Promise.resolve());
    start(logOf(accepted(1n, 'i1'), accepted(2n, 'i1'), accepted(3n, 'i2')));
    await eventually(() => asked.some((ask) => ask.id === 'i2'));
    expect(asked.map((ask) => ask.id)).toEqual(['i1', 'i2']);
    expect((await parked()).map(({ stream, reason }) => [stream, reason.slice(0, 30)])).toEqual([
      ['verification-i1', 'refused: closeOut.notRequested'],
      ['verification-i1', 'an earlier event of the stream'],
    ]);
  });

  it('waits for a service that is busy instead of setting its request aside', async () => {
    let times = 0;
    answer = () => (++times < 3 ? Promise.reject(new Refused('service.unavailable')) : Promise.resolve());
    start(logOf(accepted(1n, 'i1')));
    await eventually(() => times === 3);
    expect(await parked()).toEqual([]);
  });
});
