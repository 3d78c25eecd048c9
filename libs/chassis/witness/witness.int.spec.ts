import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { DataSource } from 'typeorm';
import { sampleEntries, sampleEntry, sampleLog, sampleSource } from '#testing/sample-log';
import type { SampleLog } from '#testing/sample-log';
import { startTestPostgres } from '#testing/postgres';
import type { TestPostgres } from '#testing/postgres';
import { Follower } from '#stream/follower';
import { PgInbox } from '#stream/pg/inbox';
import { fromUtf8, toHex, utf8 } from '#tlog/bytes';
import { openCheckpoint } from '#tlog/checkpoint';
import { proveFork, readFork } from '#tlog/fork';
import { COSIGNER_KEY_TYPE, parseVkey, signingKey } from '#tlog/key';
import { leafHash, perfectRoot, proveConsistency } from '#tlog/merkle';
import { sha256 } from '#tlog/sha256';
import { writeAddCheckpoint } from '#tlog/witness';
import { openDatabase } from '../database';
import { inboxMigrations } from '../peers';
import { Pulse } from '../pulse';
import { Cosignatures } from './cosignatures';
import { Forks } from './forks';
import { Roster } from './roster';
import { StoredTree } from './stored-tree';
import { witnessMigrations } from './tables';
import { Witness } from './witness';

jest.setTimeout(120_000);

const silent = { info: () => undefined, warn: () => undefined, error: () => undefined };
const key = signingKey('commission.example.gov.cn/witness/v1', COSIGNER_KEY_TYPE, new Uint8Array(32).fill(9));
const entries = sampleEntries(600);
const at = (size: number): SampleLog => sampleLog(entries.slice(0, size));
const { origin, vkey } = at(1);
const logKey = parseVkey(vkey);
const hash = toHex(sha256(utf8(origin)));
const noteOf = (log: SampleLog) => log.files.get('checkpoint')!;
const proofOf = (from: number, to: number) =>
  proveConsistency(BigInt(from), BigInt(to), (level, n) => {
    const first = Number(n) << level;
    return perfectRoot(Buffer.concat(entries.slice(first, first + (1 << level)).map(leafHash)));
  });
const asked = (from: number, to: number) =>
  writeAddCheckpoint(BigInt(from), from === 0 ? [] : proofOf(from, to), noteOf(at(to)));

let postgres: TestPostgres;
let database: DataSource;
let inbox: PgInbox;
let folder: string;
let pulse: Pulse;
let witness: Witness;
let cosignatures: Cosignatures;
let forks: string[];

beforeAll(async () => {
  postgres = await startTestPostgres();
});
beforeEach(async () => {
  const migrations = [...inboxMigrations, ...witnessMigrations];
  const url = await postgres.fresh();
  database = await openDatabase({ url, applicationName: 'test', migrations, onPoolError: () => undefined });
  folder = mkdtempSync(join(tmpdir(), 'sanfang-witness-'));
  inbox = new PgInbox(database, new Map([[origin, 'inspection']]));
  pulse = new Pulse();
  forks = [];
  const tree = new StoredTree(database);
  const clock = () => '2026-03-02T01:00:00.000Z';
  const guard = new Forks({ folder, tree, clock, log: silent, onFork: (which) => forks.push(which) });
  const seat = { name: 'commission', keyName: key.name, key: () => Promise.resolve(key) };
  const roster = new Roster([seat], { kind: 'witness', name: 'commission' });
  cosignatures = await Cosignatures.open(database, roster, pulse, { origin: 'own.example/events/v1', folder });
  witness = new Witness({
    ...{ database, key, tree, cosignatures, pulse, log: silent },
    logs: [{ origin, key: () => Promise.resolve(logKey) }],
    milliseconds: () => Number(process.hrtime.bigint() / 1_000_000n) + 1_767_139_200_000,
    onFork: (which, size, note) => guard.report(which, { size, note, from: 'test' }, inbox),
  });
});
afterEach(async () => {
  await witness.stop();
  await database.destroy();
  rmSync(folder, { recursive: true });
});
afterAll(() => postgres.stop());

/** Follows a log to its end, as the agency's follower does. */
async function store(log: SampleLog): Promise<void> {
  const follower = new Follower({
    ...{ origin, key: logKey, inbox, log: silent },
    source: { ...sampleSource(log), wake: async function* () {} },
    clock: () => '2026-03-02T01:00:00.000Z',
    onAccepted: (size) => pulse.tell({ kind: 'inbox', origin, size }),
  });
  expect(await follower.step()).toBe('accepted');
}
async function until(what: string, check: () => Promise<boolean> | boolean): Promise<void> {
  for (const end = performance.now() + 30_000; !(await check());) {
    if (performance.now() > end) throw new Error(`${what}: not within 30 s`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

/** Lets both requests come as far as the stored state before either may go on. */
async function bothAtOnce(one: Uint8Array, other: Uint8Array) {
  const gate = database.createQueryRunner();
  await gate.startTransaction();
  await gate.query('select 1 from witness.state for update');
  const answers = Promise.all([witness.add(one), witness.add(other)]);
  await until('both wait for the state', async () => {
    const [row] = await database.query(
      `select count(*)::int as waiting from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`,
    );
    return row.waiting === 2;
  });
  await gate.commitTransaction();
  await gate.release();
  return answers;
}

describe('a witness', () => {
  it('cosigns what is stored, once its state is on disk, and shows it', async () => {
    await store(at(300));
    const answer = await witness.add(asked(0, 300));
    expect(answer).toMatchObject({ status: 200, body: expect.stringMatching(/^— commission\S+ \S+\n$/) });
    const shown = (await witness.checkpoint(hash))!;
    expect(fromUtf8(shown)).toContain((answer as { body: string }).body);
    expect(openCheckpoint(shown, logKey, [key])).toMatchObject({ size: 300n, cosignatures: [{ key }] });
    expect(await witness.checkpoint(toHex(sha256(utf8('x'))))).toBeUndefined();
    expect(cosignatures.reach(origin)).toMatchObject({ witnessed: 300, final: 300 });
  });

  it('grants one of two requests at one old size: 200 and 409', async () => {
    await store(at(20));
    await witness.add(asked(0, 20));
    await store(at(600));
    for (const [one, other] of [
      [asked(20, 300), asked(20, 600)],
      [asked(20, 599), asked(20, 30)],
    ] as const) {
      await database.query(`update witness.state set size = 20, root = $1`, [await rootText(20)]);
      const answers = await bothAtOnce(one, other);
      expect(answers.map(({ status }) => status).sort()).toEqual([200, 409]);
      const size = (answers.find(({ status }) => status === 409) as { size: bigint }).size;
      expect(openCheckpoint((await witness.checkpoint(hash))!, logKey).size).toBe(size);
    }
  });

  it('never goes back', async () => {
    await store(at(600));
    await witness.add(asked(0, 600));
    expect(await witness.add(asked(0, 300))).toEqual({ status: 409, size: 600n });
    expect(await witness.add(asked(300, 600))).toEqual({ status: 409, size: 600n });
    expect(await witness.add(asked(600, 600))).toMatchObject({ status: 200 });
  });

  it('does not cosign what it does not hold, and says so', async () => {
    expect(await witness.add(asked(0, 300))).toMatchObject({ status: 503 });
    const waiting = witness.add(asked(0, 300));
    await store(at(300));
    expect(await waiting).toMatchObject({ status: 200 });
  });

  it('cosigns by itself what the follower stores', async () => {
    witness.start();
    await store(at(20));
    await until('20 are cosigned', () => cosignatures.reach(origin).final === 20);
    await store(at(600));
    await until('600 are cosigned', () => cosignatures.reach(origin).final === 600);
  });

  it('keeps the proof when it is shown another history, and lets the log be stopped', async () => {
    await store(at(600));
    await witness.add(asked(0, 600));
    const other = sampleLog([...entries.slice(0, 299), sampleEntry(9_999)]);
    expect(await witness.add(writeAddCheckpoint(0n, [], noteOf(other)))).toMatchObject({ status: 409 });
    expect(forks).toEqual([origin]);
    const [file] = readdirSync(folder).filter((name) => name.endsWith('.fork.json'));
    const sizes = proveFork(readFork(readFileSync(join(folder, file!))), logKey).map(({ size }) => size);
    expect(sizes).toEqual([300n, 600n]);
    expect((await inbox.load(origin)).stopped).toContain('not the one stored here');
    expect(await witness.add(writeAddCheckpoint(600n, [], noteOf(at(600))))).toMatchObject({ status: 503 });
  });

  it('remembers after a restart what was cosigned', async () => {
    await store(at(300));
    await witness.add(asked(0, 300));
    const roster = new Roster([{ name: 'commission', keyName: key.name, key: () => Promise.resolve(key) }], {
      kind: 'witness',
      name: 'commission',
    });
    const again = await Cosignatures.open(database, roster, pulse, { origin: 'own.example/events/v1', folder });
    expect(again.reach(origin)).toMatchObject({ witnessed: 300, final: 300 });
    expect(await again.firstWitnessed(origin, 299)).toBeGreaterThan(1_767_139_200);
    expect(await again.firstWitnessed(origin, 300)).toBeUndefined();
  });
});

async function rootText(size: number): Promise<string> {
  return Buffer.from(at(size).root).toString('base64');
}
