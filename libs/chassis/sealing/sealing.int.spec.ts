// From a command to what the addressee's views see, over the real store, database, relay and log, and back through every
// program that makes the entries anew.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { DataSource } from 'typeorm';
import type { Decider } from '#kernel/decider';
import { demand } from '#kernel/decider';
import type { Agency, Published } from '#kernel/envelope';
import type { Publishing } from '#kernel/reactor';
import { veil } from '#contracts/personal';
import { PgInbox } from '#stream/pg/inbox';
import { openPgStore } from '#store/pg/pg-store';
import type { ServedStore } from '#store/event-store';
import { startTestPostgres } from '#testing/postgres';
import type { TestPostgres } from '#testing/postgres';
import { toBase64, toHex } from '#tlog/bytes';
import { signCheckpoint } from '#tlog/checkpoint';
import { LOG_KEY_TYPE, signingKey } from '#tlog/key';
import { leafHash } from '#tlog/merkle';
import { writeEntry } from '#stream/entry-schema';
import { Ask } from '../ask';
import { Asking } from '../asking';
import { openDatabase } from '../database';
import { checkLogs } from '../fsck/fsck';
import { eventIdOf } from '../ids';
import { inboxMigrations } from '../peers';
import { publisherOf } from '../publishing';
import { Pulse } from '../pulse';
import { startRelay } from '../relay';
import { sampleClock, sampleOrigin, sampleSigner, silent } from '../relay-sample';
import type { RelayStep } from '../relay-fault';
import { logMigrations } from '../relay-tables';
import { SubjectKeys } from '../subjects/subject-keys';
import { subjectMigrations } from '../subjects/tables';
import { TakenBodies } from '../subjects/taken-bodies';
import { peerEvents } from '../views/sources';
import type { Delivered } from '../views/sources';
import { openerOf } from './opener';
import { announcedKeys, sealerOf } from './sealer';
import { pairOf, suiteName } from './suite';
import type { SealingPair } from './suite';

jest.setTimeout(120_000);

const commissionOrigin = 'commission.sanfang.example/events/v1';
const commissionSigner = signingKey(commissionOrigin, LOG_KEY_TYPE, new Uint8Array(32).fill(3));
const canary = '金丝雀举报内容';
const clue = { clueId: 'h1-1', unitName: '甲单位', source: '来信', person: '某甲', post: '科长', contents: canary };
const by = { id: 'a3', name: '张某', role: 'inspectionOffice' };
const secrets = [canary, '某甲', '甲单位', '张某', 'clue', 'noted'];

// The decider borrows names from the permission table, so that the real table is what the test runs against.
type Noted = { type: 'Noted'; data: { text: string } } | { type: 'Handed'; data: { clues: (typeof clue)[] } };
const noted: Decider<number, { type: 'RegisterIssue'; text: string }, Noted> = {
  name: 'issue',
  initial: 0,
  decide: ({ text }, count) => {
    demand(count < 50, 'revision.busy');
    return [
      { type: 'Noted', data: { text } },
      { type: 'Handed', data: { clues: text.split(',').map((contents) => ({ ...clue, contents })) } },
    ];
  },
  evolve: (count) => count + 1,
};
const publishing: Publishing = {
  decider: 'issue',
  map: {
    Noted: ({ subject }) => ({ type: 'inspection.round-closed.v1', data: { roundId: subject } }),
    Handed: ({ data }) => ({
      type: 'inspection.clue-handed-over.v1',
      data: {
        handOverId: 'h1',
        roundId: 'r1',
        count: 1,
        clues: data.clues,
        handedOverBy: by,
      },
    }),
  },
};
const publish = publisherOf([publishing]);
const office = { agency: 'inspection' as const, id: 'system-x', name: '系统', role: 'system' };
const commandId = (n: number): string => `00000000-0000-4000-8000-${String(n).padStart(12, '0')}`;

let postgres: TestPostgres;
let database: DataSource;
let store: ServedStore;
let folder: string;
let commission: SealingPair;
let announced = 0;
let subjects: SubjectKeys;

beforeAll(async () => {
  postgres = await startTestPostgres();
  commission = await pairOf(new Uint8Array(32).fill(1));
});
beforeEach(async () => {
  const url = await postgres.fresh();
  const migrations = [...logMigrations, ...inboxMigrations, ...subjectMigrations];
  database = await openDatabase({ url, applicationName: 'test', migrations, onPoolError: () => undefined });
  folder = mkdtempSync(join(tmpdir(), 'sanfang-sealing-'));
  store = await openPgStore({ url, durability: 'unchecked' });
  subjects = await SubjectKeys.open({ sql: database, folder, profile: 'intl' });
  announced = 0;
});
afterEach(async () => {
  await store.close();
  await database.destroy();
  rmSync(folder, { recursive: true, force: true });
});
afterAll(() => postgres?.stop());

/** The commission's log as the follower has verified it here: announcements alone. */
async function announce(pair: SealingPair, change: object = {}): Promise<void> {
  const inbox = new PgInbox(database, new Map([[commissionOrigin, 'commission' as const]]));
  const { frontier } = await inbox.load(commissionOrigin);
  const id = `0190a000-0000-7000-8000-${String(announced++).padStart(12, '0')}`;
  const data = { suite: suiteName, key: pair.id, publicKey: toBase64(pair.publicKey), ...change };
  const type = 'commission.sealing-key-announced.v1';
  const head = { v: 1 as const, id, type, stream: 'sealingKey-commission', revision: 0, at: sampleClock() };
  const bytes = writeEntry({
    ...head,
    actor: { ...office, agency: 'commission' },
    seen: {},
    commit: '0'.repeat(64),
    data,
  });
  const leaf = leafHash(bytes);
  const from = frontier.size;
  frontier.append(leaf);
  const checkpoint = signCheckpoint(
    { origin: commissionOrigin, size: frontier.size, root: frontier.root() },
    commissionSigner,
  );
  const entries = [{ index: from, id, type, bytes, hash: toHex(leaf) }];
  await inbox.accept(commissionOrigin, { from, entries, frontier, checkpoint, verifiedAt: sampleClock() });
}

function asking(): Asking {
  const commitKey = new Uint8Array(32).fill(5);
  const keyOf = announcedKeys(database, [{ agency: 'commission', origin: commissionOrigin }]);
  const seal = sealerOf({ agency: 'inspection', origin: sampleOrigin, publish, commitKey, keyOf, subjects });
  return new Asking({ store, clock: { now: sampleClock }, seen: () => ({}), commitKey, seal });
}
const handOver = (n: number, text: string = canary) =>
  asking().ask(
    new Ask(noted, 'i1', { type: 'RegisterIssue', text } as never, { who: office, commandId: commandId(n) }),
  );

/** Lets a relay do all there is to do, or die at a step. */
async function relayed(wanted: number, dieAt?: RelayStep): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    const pulse = new Pulse();
    const dies = (error: Error) => (error.message === 'pulled' ? resolve() : reject(error));
    const crash = (step: RelayStep) => {
      if (step === dieAt) throw new Error('pulled');
    };
    const parts = { store, database, publish, origin: sampleOrigin, signer: sampleSigner, folder, pulse, crash };
    const starting = startRelay({ ...parts, clock: sampleClock, onFatal: dies, log: silent });
    starting.catch(dies);
    pulse.beats.subscribe(() => {
      const done = starting.then(async (relay) => {
        if (relay.size() < wanted) return;
        await relay.stop();
        resolve();
      });
      done.catch(() => undefined);
    });
  });
}

type Row = { index: string; id: string; bytes: Buffer; hash: string };
const entries = (): Promise<Row[]> => database.query('select index, id, bytes, hash from log.entry order by index');
const findings = async () => {
  const found = [];
  for await (const each of checkLogs({ store, database, publish, key: sampleSigner, folder }, { allCheckpoints: true }))
    found.push(each);
  return found;
};

/** What a peer makes of the log: its inbox filled with these entries, read by its views. */
async function seenBy(reader: Agency, pair: SealingPair | undefined, rows: readonly Row[]): Promise<Delivered[]> {
  await database.query('delete from inbox.entry where origin = $1', [sampleOrigin]);
  await new PgInbox(database, new Map([[sampleOrigin, 'inspection' as const]])).load(sampleOrigin);
  for (const { index, id, bytes, hash } of rows) {
    await database.query(`insert into inbox.entry values ($1, $2, $3, 'any', $4, $5, '')`, [
      sampleOrigin,
      index,
      id,
      bytes,
      hash,
    ]);
  }
  const privateKeyOf = async (id: string) => (id === pair?.id ? pair.privateKey : undefined);
  const taken = new TakenBodies(database, subjects, 'intl');
  const stop = new AbortController();
  const from = { agency: 'inspection' as const, origin: sampleOrigin };
  const source = peerEvents(database, new Pulse(), from, openerOf(reader, { privateKeyOf, taken }));
  for await (const { events } of source.follow(0n, stop.signal)) return [...events];
  return [];
}

describe('an event for one agency alone', () => {
  it('is refused, and nothing of its command is stored, while that agency has announced no key', async () => {
    await expect(handOver(1)).rejects.toMatchObject({ code: 'sealing.noKey', details: { agency: '纪委监委' } });
    expect(await store.head()).toBeUndefined();
    await announce(commission, { key: 'f'.repeat(16) });
    await expect(handOver(1)).rejects.toMatchObject({ code: 'sealing.noKey' });
    await announce(commission, { suite: 'another' });
    await expect(handOver(1)).rejects.toMatchObject({ code: 'sealing.noKey' });
    await announce(commission);
    expect((await handOver(1)).revision).toBe(1);
  });

  it('is refused when it would not fit, before anything is stored', async () => {
    await announce(commission);
    const twenty = Array.from({ length: 20 }, () => '问'.repeat(2_000)).join();
    await expect(handOver(1, twenty)).rejects.toMatchObject({ code: 'sealing.tooLong' });
    expect(await store.head()).toBeUndefined();
  });

  it('stands in the log without a word of what it says, by whom and about what', async () => {
    await announce(commission);
    await handOver(1);
    await relayed(2);
    const [open, sealed] = await entries();
    expect(open!.bytes.toString()).toContain('inspection.round-closed.v1');
    const text = sealed!.bytes.toString();
    for (const secret of secrets) expect(text).not.toContain(secret);
    expect(JSON.parse(text)).toMatchObject({
      type: 'inspection.sealed.v1',
      stream: `sealed-${sealed!.id}`,
      revision: 0,
    });
    expect(Object.keys(JSON.parse(text) as object)).not.toContain('cause');
  });

  it('has an id that nobody can work out from the command', async () => {
    await announce(commission);
    await handOver(1);
    const [first, second] = await events();
    expect(first!.id).toMatch(/^[0-9a-f-]{36}$/);
    expect(second!.id).not.toBe(eventIdOf('issue-i1', commandId(1), 1));
  });

  it.each<RelayStep>(['before-entries', 'entries', 'checkpoint', 'told'])(
    'is the same bytes after a crash at "%s"',
    async (step) => {
      await announce(commission);
      await handOver(1);
      await relayed(2, step);
      const before = await entries();
      await relayed(2);
      const after = await entries();
      expect(after).toHaveLength(2);
      for (const [n, row] of before.entries()) expect(after[n]!.bytes.equals(row.bytes)).toBe(true);
      // The pass over the store makes each entry anew and compares.
      expect(await findings()).toEqual([]);
    },
  );

  it('is found changed, by its index, whichever part of the stored event is touched', async () => {
    await announce(commission);
    await handOver(1);
    await relayed(2);
    const changes = [
      `data = replace(data, '${veil}', '改过')`,
      `meta = (meta::jsonb #- '{sealed}')::text`,
      `meta = jsonb_set(meta::jsonb, '{sealed,commit}', '"x"')::text`,
      `meta = jsonb_set(meta::jsonb, '{sealed,ct}', '"AAAA"')::text`,
    ];
    await database.query('alter table store.events disable trigger user');
    for (const change of changes) {
      await database.query('create table kept as select * from store.events');
      await database.query(`update store.events set ${change} where type = 'Handed'`);
      expect(await findings()).toEqual([expect.objectContaining({ fault: 'event', index: 1n })]);
      await database.query('delete from store.events');
      await database.query('insert into store.events select * from kept');
      await database.query('drop table kept');
    }
    expect(await findings()).toEqual([]);
  });
});

const events = async () => {
  const found = [];
  for await (const event of store.readAll()) found.push(event);
  return found;
};

describe('in the other agencies', () => {
  let rows: Row[];
  beforeEach(async () => {
    await announce(commission);
    await handOver(1);
    await relayed(2);
    rows = await entries();
  });

  it('the addressee sees type, stream, author and data as if they had not been sealed, with a veil over its words', async () => {
    const [, event] = await seenBy('commission', commission, rows);
    expect(event).toMatchObject({ position: 2n, stream: 'issue-i1', type: 'inspection.clue-handed-over.v1' });
    const { published } = event as { published: Published };
    expect(published).toMatchObject({ agency: 'inspection', actor: office, sealed: true, address: { index: 1 } });
    expect(published.data).toMatchObject({ clues: [{ clueId: 'h1-1', contents: veil }], handedOverBy: by });
  });

  it('everybody else sees that something is sealed, and no fault', async () => {
    const [, event] = await seenBy('organization', undefined, rows);
    expect(event?.fault).toBeUndefined();
    expect(event?.published).toMatchObject({ type: 'inspection.sealed.v1', data: {}, sealed: true });
    for (const secret of secrets)
      expect(JSON.stringify(event, (_, v: unknown) => (typeof v === 'bigint' ? String(v) : v))).not.toContain(secret);
  });

  it('an addressee that cannot open it sets it aside with the reason, and nothing else', async () => {
    const [first, event] = await seenBy('commission', undefined, rows);
    expect(first?.fault).toBeUndefined();
    expect(event).toMatchObject({
      type: 'inspection.sealed.v1',
      fault: expect.stringContaining('restore keys/sealing.key'),
    });
    const damaged = JSON.parse(rows[1]!.bytes.toString()) as { sealed: { commit: string } };
    damaged.sealed.commit = '0'.repeat(64);
    const [, refused] = await seenBy('commission', commission, [
      rows[0]!,
      { ...rows[1]!, bytes: Buffer.from(JSON.stringify(damaged)) },
    ]);
    expect(refused).toMatchObject({ fault: expect.stringContaining('cannot be opened') });
  });

  it('a rotation is an announcement: later bodies go to the new key, earlier ones stay with the old one', async () => {
    const next = await pairOf(new Uint8Array(32).fill(2));
    await announce(next);
    await handOver(2);
    await relayed(4);
    const keys = (await entries()).flatMap(({ bytes }) => {
      const { sealed } = JSON.parse(bytes.toString()) as { sealed?: { to: { commission: { key: string } } } };
      return sealed ? [sealed.to.commission.key] : [];
    });
    expect(keys).toEqual([commission.id, next.id]);
  });
});
