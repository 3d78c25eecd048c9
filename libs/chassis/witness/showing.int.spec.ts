import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { DataSource } from 'typeorm';
import { sampleEntries, sampleLog, sampleSource } from '#testing/sample-log';
import { startTestPostgres } from '#testing/postgres';
import type { TestPostgres } from '#testing/postgres';
import { Follower } from '#stream/follower';
import { PgInbox } from '#stream/pg/inbox';
import { openCheckpoint, parseCheckpoint } from '#tlog/checkpoint';
import { COSIGNER_KEY_TYPE, parseVkey, signingKey } from '#tlog/key';
import { parseNote } from '#tlog/note';
import { writeAddCheckpoint } from '#tlog/witness';
import { openDatabase } from '../database';
import { inboxMigrations } from '../peers';
import { Pulse } from '../pulse';
import { Cosignatures } from './cosignatures';
import type { GatheredLog } from './exchange';
import { Roster } from './roster';
import type { Seat } from './roster';
import { Showing } from './showing';
import { ClockSkews } from './skew';
import { StoredTree } from './stored-tree';
import { witnessMigrations } from './tables';
import { Witness } from './witness';

jest.setTimeout(120_000);

const entries = sampleEntries(600);
const log = sampleLog(entries);
const note = log.files.get('checkpoint')!;
const { origin, vkey } = log;
const logKey = parseVkey(vkey);
const tiles = sampleSource(log);
const rootOf = (size: number) =>
  parseCheckpoint(parseNote(sampleLog(entries.slice(0, size)).files.get('checkpoint')!).text);
const own: GatheredLog = {
  origin,
  key: () => Promise.resolve(logKey),
  size: () => entries.length,
  rootAt: (size) => Promise.resolve(rootOf(Number(size)).root),
  onContradiction: () => Promise.reject(new Error('nothing contradicts here')),
};

let postgres: TestPostgres;
const opened: DataSource[] = [];
const closing: (() => Promise<unknown> | void)[] = [];

beforeAll(async () => void (postgres = await startTestPostgres()));
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
  for (const database of opened.splice(0)) await database.destroy();
});
afterAll(() => postgres.stop());

async function fresh(): Promise<DataSource> {
  const migrations = [...inboxMigrations, ...witnessMigrations];
  const url = await postgres.fresh();
  const database = await openDatabase({ url, applicationName: 'test', migrations, onPoolError: () => undefined });
  opened.push(database);
  return database;
}

type Told = { readonly what: string; readonly witness: string };
const sink = (told: Told[] = []) => ({
  info: () => undefined,
  warn: (details: object, what: string) => void told.push({ ...(details as Told), what }),
  error: () => undefined,
});

/** A witness of another agency: its own database, which holds the whole log, its own key, its own address. */
async function witnessOf(
  name: string,
  seed: number,
  ahead = 0,
): Promise<{ seat: Seat; witness: Witness; pulse: Pulse }> {
  const database = await fresh();
  const key = signingKey(`${name}.example.gov.cn/witness/v1`, COSIGNER_KEY_TYPE, new Uint8Array(32).fill(seed));
  const pulse = new Pulse();
  const folder = mkdtempSync(join(tmpdir(), 'sanfang-showing-'));
  const roster = new Roster([], { kind: 'none' });
  const witness = new Witness({
    ...{ database, key, pulse, log: sink(), tree: new StoredTree(database) },
    cosignatures: await Cosignatures.open(database, roster, pulse, { origin: 'own.example/events/v1', folder }),
    logs: [{ origin, key: () => Promise.resolve(logKey) }],
    milliseconds: () => performance.now() + 1_767_139_200_000 + ahead * 1_000,
    onFork: () => Promise.reject(new Error('nothing contradicts here')),
  });
  const inbox = new PgInbox(database, new Map([[origin, 'inspection']]));
  const source = { ...tiles, wake: async function* () {} };
  const clock = () => '2026-03-02T01:00:00.000Z';
  await new Follower({ origin, key: logKey, inbox, log: sink(), source, clock, onAccepted: () => undefined }).step();
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request
      .on('data', (chunk: Buffer) => chunks.push(chunk))
      .on('end', () => {
        void witness.add(Buffer.concat(chunks)).then((answer) => {
          response.writeHead(answer.status);
          response.end(answer.status === 200 ? answer.body : answer.status === 409 ? `${answer.size}\n` : answer.why);
        });
      });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  closing.push(
    () => new Promise((resolve) => void server.close(resolve)),
    () => witness.stop(),
  );
  closing.push(() => rmSync(folder, { recursive: true }));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return { witness, pulse, seat: { name, keyName: key.name, url, key: () => Promise.resolve(key) } };
}

/** So far it has cosigned by itself. */
async function cosigned(witness: Witness, size: number): Promise<void> {
  const small = sampleLog(entries.slice(0, size)).files.get('checkpoint')!;
  expect(await witness.add(writeAddCheckpoint(0n, [], small))).toMatchObject({ status: 200 });
}

async function show(seats: readonly Seat[], told: Told[] = []) {
  const database = await fresh();
  const folder = mkdtempSync(join(tmpdir(), 'sanfang-showing-'));
  closing.push(() => rmSync(folder, { recursive: true }));
  const pulse = new Pulse();
  const members = seats.map(({ name }) => ({ kind: 'witness' as const, name }));
  const roster = new Roster(seats, { kind: 'group', needed: seats.length, members });
  const cosignatures = await Cosignatures.open(database, roster, pulse, { origin, folder });
  const skews = new ClockSkews();
  const milliseconds = () => performance.now() + 1_767_139_200_000;
  const parts = { seats, own, visible: () => note, tiles, cosignatures, skews, milliseconds };
  const showing = new Showing({ ...parts, pulse, log: sink(told) });
  closing.push(() => showing.stop());
  const path = join(folder, 'cosigned');
  return { cosignatures, skews, pulse, file: () => (existsSync(path) ? readFileSync(path) : undefined) };
}

async function until(what: string, check: () => boolean): Promise<void> {
  for (const end = performance.now() + 30_000; !check();) {
    if (performance.now() > end) throw new Error(`${what}: not within 30 s`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

describe('the checkpoint that is shown to all witnesses', () => {
  it('is cosigned by all of them at one size, however far each had come by itself', async () => {
    const [commission, organization] = [await witnessOf('commission', 9), await witnessOf('organization', 8)];
    await cosigned(commission.witness, 20);
    await cosigned(organization.witness, 300);
    const { cosignatures, file } = await show([commission.seat, organization.seat]);
    const keys = await Promise.all([commission.seat.key(), organization.seat.key()]);
    const cosigners = keys.flatMap((key) => key ?? []);
    // The file is written behind what memory knows.
    const shown = () => {
      const note = file();
      return note && openCheckpoint(note, logKey, cosigners);
    };
    await until('both have cosigned', () => cosignatures.reach(origin).final === 600);
    await until('their lines are in one note', () => shown()?.cosignatures.length === 2);
    expect(shown()?.size).toBe(600n);
  });

  it('reaches the others while one is down, which is told once', async () => {
    const commission = await witnessOf('commission', 9);
    const server: Server = createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => server.once('listening', resolve));
    const { port } = server.address() as AddressInfo;
    await new Promise((resolve) => server.close(resolve));
    const key = signingKey('organization.example.gov.cn/witness/v1', COSIGNER_KEY_TYPE, new Uint8Array(32).fill(8));
    const asked: number[] = [];
    const keyAsked = async () => (asked.push(asked.length), key);
    const away = { name: 'organization', keyName: key.name, url: `http://127.0.0.1:${port}`, key: keyAsked };
    const told: Told[] = [];
    const { cosignatures, pulse } = await show([away, commission.seat], told);
    await until('one has cosigned', () => cosignatures.reach(origin).witnessed === 600);
    expect(cosignatures.reach(origin).final).toBe(0);
    await until('it is told', () => told.length === 1);
    // The next growth finds it still away, and the line for the other one already taken.
    pulse.tell({ kind: 'log', size: 600 });
    const looked = asked.length;
    await until('it was asked again', () => asked.length > looked);
    expect(told).toMatchObject([{ witness: key.name }]);
  });

  it('tells whose clock is far off, by the time of the cosignature that was just given', async () => {
    const seats = await Promise.all([witnessOf('commission', 41, 3 * 86_400), witnessOf('organization', 42)]);
    const { skews, cosignatures } = await show(seats.map(({ seat }) => seat));
    const size = (n: number) => cosignatures.newestOf(origin, seats[n]!.seat.keyName)?.size;
    await until('both have cosigned', () => size(0) === 600n && size(1) === 600n && skews.large().length > 0);
    expect(skews.large()).toEqual([{ name: 'commission', seconds: expect.any(Number) }]);
    expect(Math.round(skews.large()[0]!.seconds / 86_400)).toBe(3);
  });
});
