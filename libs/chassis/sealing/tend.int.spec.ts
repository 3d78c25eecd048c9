// What becomes of the key that opens a destroyed body in the log: over a real store, relay and inbox.
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { DataSource } from 'typeorm';
import { neutral } from '#kernel/envelope';
import { PgInbox } from '#stream/pg/inbox';
import { openPgStore } from '#store/pg/pg-store';
import type { ServedStore } from '#store/event-store';
import { startTestPostgres } from '#testing/postgres';
import type { TestPostgres } from '#testing/postgres';
import { Asking } from '../asking';
import { openDatabase } from '../database';
import { inboxMigrations } from '../peers';
import { publisherOfSlices } from '../publishing';
import { Pulse } from '../pulse';
import { startRelay } from '../relay';
import { sampleClock, sampleOrigin, sampleSigner, silent } from '../relay-sample';
import { logMigrations } from '../relay-tables';
import { SubjectKeys } from '../subjects/subject-keys';
import { subjectMigrations } from '../subjects/tables';
import { announceSealingKey } from './announce';
import { sealingSlice } from './sealing-slice';
import { openSealingKeys } from './sealing-keys';
import type { SealingKeys } from './sealing-keys';
import { tend } from './tend';

jest.setTimeout(120_000);

const peers = [
  { agency: 'inspection' as const, origin: 'inspection.example/events/v1' },
  { agency: 'organization' as const, origin: 'organization.example/events/v1' },
];
const slices = [sealingSlice('commission')];
const publish = publisherOfSlices(slices);
// An hour is how long a command of a peer may be under way.
const [early, now] = ['2026-03-02T08:00:00.000Z', '2026-03-02T09:00:00.000Z'];
const late = '2026-03-02T08:00:00.001Z';

let postgres: TestPostgres;
let sql: DataSource;
let store: ServedStore;
let folder: string;
let keys: SealingKeys;
let subjects: SubjectKeys;

beforeAll(async () => {
  postgres = await startTestPostgres();
});
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'sanfang-tend-'));
  const url = await postgres.fresh();
  const migrations = [...logMigrations, ...inboxMigrations, ...subjectMigrations];
  sql = await openDatabase({ url, applicationName: 'test', migrations, onPoolError: () => undefined });
  store = await openPgStore({ url, durability: 'unchecked' });
  keys = await openSealingKeys(folder);
  subjects = await SubjectKeys.open({ sql, folder, profile: 'intl' });
  const inbox = new PgInbox(sql, new Map(peers.map(({ agency, origin }) => [origin, agency])));
  for (const { origin } of peers) await inbox.load(origin);
  await look();
});
afterEach(async () => {
  await store.close();
  await sql.destroy();
  rmSync(folder, { recursive: true, force: true });
});
afterAll(() => postgres?.stop());

async function look(): Promise<void> {
  const commitKey = new Uint8Array(32);
  const asking = new Asking({ store, clock: { now: sampleClock }, seen: () => ({}), commitKey });
  const announce = () => announceSealingKey(slices, 'commission', keys, (ask) => asking.ask(ask));
  const clock = () => now;
  await tend({ agency: 'commission', origin: sampleOrigin, peers, sql, store, keys, clock, announce });
}

/** Lets the relay bring what is stored into the log. */
async function relayed(wanted: number): Promise<void> {
  const pulse = new Pulse();
  const relay = await startRelay({
    ...{
      store,
      database: sql,
      publish,
      origin: sampleOrigin,
      signer: sampleSigner,
      folder: join(folder, 'log'),
      pulse,
    },
    ...{ clock: sampleClock, log: silent },
    onFatal: (error) => {
      throw error;
    },
  });
  await new Promise<void>((resolve) => {
    const check = (): void => (relay.size() >= wanted ? resolve() : undefined);
    pulse.beats.subscribe(check);
    check();
  });
  await relay.stop();
}

let entries = 0;
/** An entry as a peer's log has it: what it had seen of the own log, and to which own key it is sealed. */
async function arrives(origin: string, seen: number, at: string, key?: string): Promise<string> {
  const index = entries++;
  const id = `0190a000-0000-7000-8000-${String(index).padStart(12, '0')}`;
  const sealed = key === undefined ? undefined : { to: { commission: { key } } };
  const entry = { ...neutral('inspection', id), id, at, seen: { [sampleOrigin]: seen }, ...(sealed && { sealed }) };
  await sql.query(`insert into inbox.entry values ($1, $2, $3, $4, $5, '', '')`, [
    ...[origin, index, id, entry.type, Buffer.from(JSON.stringify(entry))],
  ]);
  return id;
}
const takenOver = (id: string, key: string, subject: string) =>
  sql.query(`insert into subjects.body values ($1, $2, $3, 'any', $4, null, null, '{}')`, [
    ...[peers[0]!.origin, id, subject, key],
  ]);

/** A body sealed to the only key, taken over and destroyed; the key that followed is in the log. */
async function destroyedAndTurned(): Promise<{ readonly first: string; readonly next: string }> {
  const first = keys.newest.id;
  await subjects.of('h1');
  await takenOver(await arrives(peers[0]!.origin, 1, early, first), first, 'h1');
  await subjects.destroy('h1', early);
  await look();
  await relayed(2);
  return { first, next: keys.newest.id };
}
const seenByBoth = async (size: number, at: string): Promise<void> => {
  for (const { origin } of peers) await arrives(origin, size, at);
};

describe('the key to which a destroyed body was sealed', () => {
  it('stays as long as nothing that it opens is destroyed', async () => {
    const first = keys.newest.id;
    await subjects.of('h1');
    await takenOver(await arrives(peers[0]!.origin, 1, early, first), first, 'h1');
    await seenByBoth(9, early);
    await look();
    expect(keys.ids()).toEqual([first]);
  });

  it('is followed by another one, which is announced', async () => {
    const { first, next } = await destroyedAndTurned();
    expect(keys.ids()).toEqual([first, next]);
    const announced = [];
    for await (const { data } of store.readStream('sealingKey-commission')) announced.push(data['key']);
    expect(announced).toEqual([first, next]);
    // Once: the newest opens nothing that is destroyed.
    await look();
    expect(keys.ids()).toEqual([first, next]);
  });

  it('is destroyed when every peer has long seen the next one, in the file as in memory', async () => {
    const { first, next } = await destroyedAndTurned();
    await seenByBoth(2, early);
    await look();
    expect(keys.ids()).toEqual([next]);
    expect(await keys.privateKeyOf(first)).toBeUndefined();
    const file = join(folder, 'keys', 'sealing.key');
    expect(readFileSync(file, 'utf8').trim().split('\n')).toHaveLength(1);
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect((await openSealingKeys(folder)).ids()).toEqual([next]);
  });

  it('stays while one peer has not seen the next one, or only just now', async () => {
    const { first, next } = await destroyedAndTurned();
    await arrives(peers[0]!.origin, 2, early);
    await arrives(peers[1]!.origin, 1, early);
    await look();
    expect(keys.ids()).toEqual([first, next]);
    await arrives(peers[1]!.origin, 2, late);
    await look();
    expect(keys.ids()).toEqual([first, next]);
  });

  it('stays while something in the inbox needs it that was not taken over', async () => {
    const { first, next } = await destroyedAndTurned();
    const id = await arrives(peers[0]!.origin, 1, early, first);
    await seenByBoth(2, early);
    await look();
    expect(keys.ids()).toEqual([first, next]);
    await subjects.of('h2');
    await takenOver(id, first, 'h2');
    await look();
    expect(keys.ids()).toEqual([next]);
  });
});
