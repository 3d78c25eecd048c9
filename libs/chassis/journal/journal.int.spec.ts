// The journal over a real PostgreSQL: every event once, whatever dies in between; anchors on time, also in silence.
import { setTimeout as timer } from 'node:timers/promises';
import { openPgStore } from '#store/pg/pg-store';
import { firstMoment, JournalPlace } from '#testing/journal-place';
import { startTestPostgres } from '#testing/postgres';
import type { TestPostgres } from '#testing/postgres';
import { writeEntry } from '#stream/entry-schema';
import { anchorCommit, anchorOf } from '#tlog/anchor';
import { fromBase64Url } from '#tlog/base64-url';
import { parseEntry } from '#tlog/entry';
import { entryOf, publisherOfSlices } from '../publishing';
import { sampleEvent, sampleOrigin } from '../relay-sample';
import { ownerStream } from '../store-home';
import { AnchorWatch } from './anchor-watch';
import { anchorsOf } from './anchoring';
import type { AnchoredData } from './anchoring';
import type { JournalStep } from './journal';

jest.setTimeout(120_000);

let postgres: TestPostgres;
let place: JournalPlace;
beforeAll(async () => {
  postgres = await startTestPostgres();
});
beforeEach(async () => {
  place = await JournalPlace.make(await postgres.fresh());
});
afterEach(() => place.database.destroy());
afterAll(() => postgres.stop());

const minutes = (count: number) => count * 60_000;

async function anchors(): Promise<AnchoredData[]> {
  const found: AnchoredData[] = [];
  for await (const anchor of anchorsOf(place.store, 'inspection')) found.push(anchor);
  return found;
}

async function anchored(count: number): Promise<AnchoredData[]> {
  for (let tries = 0; tries < 2_000; tries++) {
    const found = await anchors();
    if (found.length >= count) return found;
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
  throw new Error(`there are not ${count} anchors`);
}

describe('the journal', () => {
  it('takes every event of the store once and in order, published or not, and the mark of the store not at all', async () => {
    const mark = { ...sampleEvent(9_999), type: 'StoreOwned' };
    await place.store.append(ownerStream, [mark], 'no_stream');
    await place.append(1_203);
    const journal = await place.start();
    for (let tries = 0; journal.size() < 1_203 && tries < 5_000; tries++) await new Promise((r) => setTimeout(r, 2));
    await journal.stop();
    const rows = await place.database.query('select id from journal.leaf order by index');
    const events = (await place.events()).filter(({ stream }) => stream !== ownerStream);
    expect(rows.map(({ id }: { id: string }) => id)).toEqual(events.map(({ id }) => id));
  });

  it('follows a store on PostgreSQL as well', async () => {
    const store = await openPgStore({ url: await postgres.fresh(), durability: 'unchecked' });
    const own = await JournalPlace.make(await postgres.fresh(), store);
    await own.append(40);
    const journal = await own.start();
    await own.append(3);
    await own.caughtUp(journal);
    await journal.stop();
    await own.demandWhole();
    await store.close();
    await own.database.destroy();
  });

  it.each<JournalStep>(['before-rows', 'rows', 'before-anchor', 'anchor'])(
    'killed at "%s" goes on as if nothing had happened',
    async (step) => {
      await (await place.start()).stop();
      let deaths = 0;
      for (const grow of [1, 1_001, 2]) {
        await place.append(grow);
        await place.pass(minutes(11));
        const before = (await anchors()).length;
        const stored = (await place.events()).length;
        const isDone = (journal: { size(): number; lastAt(): string }) =>
          journal.size() >= stored && journal.lastAt() === place.clock();
        for (let tries = 0; tries < 3 && (await place.runUntil(step, isDone)) === 'died'; tries++) deaths++;
        const journal = await place.start();
        await anchored(before + 1);
        await place.caughtUp(journal);
        await journal.stop();
        await place.demandWhole();
        const made = await anchors();
        expect(made.map(({ nth }) => nth)).toEqual(made.map((_, n) => n));
        expect(made.length).toBeLessThanOrEqual(before + 2);
      }
      expect(deaths).toBeGreaterThanOrEqual(3);
    },
  );

  it('anchors at its cadence when nothing happens, the first after one cadence, and once after a long absence', async () => {
    await place.append(5);
    const journal = await place.start();
    await place.caughtUp(journal);
    await place.pass(minutes(9));
    expect(await anchors()).toEqual([]);
    for (let nth = 1; nth <= 4; nth++) {
      await place.pass(minutes(nth === 1 ? 1 : 10));
      await anchored(nth);
      await place.caughtUp(journal);
    }
    await journal.stop();
    const made = await anchors();
    expect(made.map(({ at }) => Date.parse(at) - firstMoment)).toEqual([10, 20, 30, 40].map(minutes));
    expect(made.map(({ checkpoint }) => checkpoint.split('\n')[1])).toEqual(['5', '6', '7', '8']);
    await place.pass(minutes(600));
    const again = await place.start();
    await anchored(5);
    await place.pass(minutes(9));
    expect(await anchors()).toHaveLength(5);
    await again.stop();
  });

  it('anchors on when the clock is set back by days and stands still: a silence would be what anchors exist to show', async () => {
    await place.append(1);
    const sleep = (ms: number, signal: AbortSignal) => timer(Math.min(ms, 50), undefined, { signal });
    const journal = await place.start({ everySeconds: 1, sleep });
    await place.pass(2_000);
    await anchored(1);
    await place.pass(-3 * 24 * minutes(60));
    await anchored(2);
    await anchored(3);
    await journal.stop();
    await place.demandWhole();
  });

  it('shows the others a commitment that salt and checkpoint open, and nothing else of what is inside', async () => {
    await place.append(5);
    const journal = await place.start();
    await place.caughtUp(journal);
    await place.pass(minutes(10));
    const [made] = await anchored(1);
    await journal.stop();
    const publish = publisherOfSlices([]);
    const entries = (await place.events()).flatMap((event) => entryOf(event, publish) ?? []);
    expect(entries).toHaveLength(1);
    const commit = anchorCommit(fromBase64Url(made!.salt), made!.checkpoint);
    expect(anchorOf(parseEntry(writeEntry(entries[0]!)))).toEqual({
      nth: 0,
      commit,
      everySeconds: 600,
      at: entries[0]!.at,
    });
    const shown = Buffer.from(writeEntry(entries[0]!)).toString('utf8');
    const rows = await place.database.query('select secret, hash from journal.leaf');
    const secrets = rows.flatMap(({ secret, hash }: Record<string, Buffer>) => [secret!, hash!]);
    const inside = [made!.salt, made!.checkpoint.split('\n')[2]!, 'round-1', 'private', ...secrets.flatMap(spellings)];
    expect(inside.filter((word) => shown.includes(word))).toEqual([]);
  });

  it('that was lost is begun anew under another name, and says so', async () => {
    await place.append(5);
    const journal = await place.start();
    await place.caughtUp(journal);
    await place.pass(minutes(10));
    await anchored(1);
    await journal.stop();
    await place.database.query('delete from journal.leaf');
    await place.database.query('delete from journal.head');
    const again = await place.start();
    await place.caughtUp(again);
    await place.pass(minutes(10));
    const [, made] = await anchored(2);
    await place.caughtUp(again);
    await again.stop();
    expect(made!.checkpoint.split('\n').slice(0, 2)).toEqual(['inspection.sanfang.example/private/v2', '6']);
    expect(place.told).toEqual(['the journal was lost and is begun anew']);
    await place.demandWhole();
  });

  it('does not go on from rows that are older than what it anchored, nor from a head that nobody signed', async () => {
    await place.append(5);
    const journal = await place.start();
    await place.caughtUp(journal);
    const [early] = await place.database.query('select * from journal.head');
    await place.append(3);
    await place.caughtUp(journal);
    await place.pass(minutes(10));
    await anchored(1);
    await place.caughtUp(journal);
    await journal.stop();
    const set = (row: Record<string, unknown>) =>
      place.database.query('update journal.head set size = $1, frontier = $2, note = $3, position = $4', [
        ...['size', 'frontier', 'note', 'position'].map((name) => row[name]),
      ]);
    await set({ ...early, frontier: early.frontier.replace(/.$/, (c: string) => (c === '0' ? '1' : '0')) });
    await expect(place.start()).rejects.toThrow('do not fit together');
    await place.database.query('delete from journal.leaf where index >= 5');
    await set(early);
    await expect(place.start()).rejects.toThrow('was anchored with 8 events, the database has 5');
  });

  it('says nothing of what it holds when it fails', async () => {
    await place.append(5);
    const canary = '举报人张三丰';
    const told: string[] = [];
    await place.store.append('clue-1', [{ ...sampleEvent(77), data: { reporter: canary } }], 'no_stream');
    await place.database.query('alter table journal.leaf add constraint few check (index < 3)');
    const journal = await place.start({
      onFatal: (error) => told.push(`${error.message} ${error.stack} ${JSON.stringify(error)}`),
      log: { info: () => undefined, warn: keep, error: keep },
    });
    function keep(fields: object, what: string) {
      const { err } = fields as { err?: Error };
      told.push(`${JSON.stringify(fields)} ${what} ${err?.message} ${err?.stack}`);
    }
    for (let tries = 0; told.length < 2 && tries < 2_000; tries++) await new Promise((r) => setTimeout(r, 2));
    await journal.stop();
    expect(told.length).toBeGreaterThanOrEqual(2);
    expect(told.join('\n')).toContain('few');
    expect(told.join('\n')).not.toContain(canary);
  });
});

function spellings(bytes: Buffer): string[] {
  return [bytes.toString('hex'), bytes.toString('base64'), bytes.toString('base64url')];
}

describe('the watch over anchors', () => {
  const peer = { agency: 'commission', origin: 'commission.sanfang.example/events/v1' } as const;
  let began: number;
  let ownAt: number;
  const watch = () => {
    const own = { agency: 'inspection', origin: sampleOrigin, lastAt: () => new Date(ownAt).toISOString() } as const;
    return new AnchorWatch({ sql: place.database, own, peers: [peer], everySeconds: 600, clock: place.clock });
  };
  const missing = async (by: AnchorWatch) => (await by.states()).map((state) => state.missing);
  const arrived = async (index: number, at: number, received = at, everySeconds: unknown = 600) => {
    const data = { nth: index, commit: 'a'.repeat(64), everySeconds };
    const bytes = Buffer.from(JSON.stringify({ at: new Date(at).toISOString(), data }));
    await place.database.query(
      `insert into inbox.peer values ($1, 'commission', 0, '', '', '', null) on conflict do nothing`,
      [peer.origin],
    );
    await place.database.query(`insert into inbox.entry values ($1, $2, gen_random_uuid(), $3, $4, '', $5)`, [
      ...[peer.origin, index, 'commission.journal-anchored.v1', bytes, new Date(received).toISOString()],
    ]);
  };
  beforeEach(() => {
    began = ownAt = place.now;
  });

  it('tells of a peer that has shown none for two cadences, and of the own journal', async () => {
    const by = watch();
    await arrived(0, began + minutes(5));
    place.now = began + minutes(20);
    expect(await missing(by)).toEqual([false, false]);
    place.now += 1;
    expect(await missing(by)).toEqual([true, false]);
    ownAt = place.now;
    place.now = began + minutes(25) + 1;
    expect(await missing(by)).toEqual([false, true]);
    await arrived(1, place.now);
    expect(await missing(by)).toEqual([false, false]);
  });

  it('counts from its own start when nothing was seen yet, and after an absence of its own', async () => {
    await arrived(0, began - minutes(300));
    expect(await missing(watch())).toEqual([false, false]);
    const by = watch();
    place.now += minutes(20) + 1;
    expect((await by.states())[1]).toMatchObject({
      missing: true,
      lastAt: new Date(began - minutes(300)).toISOString(),
    });
  });

  it('does not believe an anchor of tomorrow, nor a cadence beyond the promised one', async () => {
    const by = watch();
    await arrived(0, began + minutes(6_000), began);
    ownAt = place.now = began + minutes(20) + 1;
    expect(await missing(by)).toEqual([false, true]);
    await arrived(1, place.now, place.now, 1e9);
    ownAt = place.now += minutes(120) + 1;
    expect(await missing(by)).toEqual([false, true]);
  });
});
