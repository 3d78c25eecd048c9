import type { DataSource } from 'typeorm';
import { coverOfIssue, issueField } from '#joint/passport/cover';
import { startTestPostgres } from '#testing/postgres';
import type { TestPostgres } from '#testing/postgres';
import { sampleSource } from '#testing/sample-log';
import type { SampleLog } from '#testing/sample-log';
import { sampleIssue, samplePassportLogs, sampleRegion } from '#testing/sample-region';
import { Follower } from '#stream/follower';
import { PgInbox } from '#stream/pg/inbox';
import { fromUtf8, toBase64, toHex } from '#tlog/bytes';
import { addSignatures } from '#tlog/checkpoint';
import { parseVkey } from '#tlog/key';
import { leafHash } from '#tlog/merkle';
import { parseNote } from '#tlog/note';
import { checkPassport, makePassport } from '#tlog/passport';
import { parsePolicy } from '#tlog/policy';
import { openDatabase } from '../database';
import { inboxMigrations } from '../peers';
import { logMigrations } from '../relay-tables';
import { Passports } from './passports';
import { Roster } from './roster';
import { StoredTiles } from './stored-tiles';
import { keepCosigned, witnessMigrations } from './tables';

jest.setTimeout(120_000);

const region = sampleRegion();
const [commission, organization, inspection] = region.logs as [SampleLog, SampleLog, SampleLog];
const subject = { field: issueField, value: sampleIssue };
const ids = Array.from({ length: 300 }, (_, n) => `0190a000-0000-7000-8000-${String(n).padStart(12, '0')}`);
const seats = region.witnesses.map((key) => ({ name: key.name, keyName: key.name, key: () => Promise.resolve(key) }));
const silent = { info: () => undefined, warn: () => undefined, error: () => undefined };
const clock = () => '2026-03-02T01:00:00.000Z';
const noteOf = ({ files }: SampleLog) => parseNote(files.get('checkpoint')!);

let postgres: TestPostgres;
let database: DataSource;
let passports: Passports;
beforeAll(async () => {
  postgres = await startTestPostgres();
});
beforeEach(async () => {
  const migrations = [...logMigrations, ...inboxMigrations, ...witnessMigrations];
  const url = await postgres.fresh();
  database = await openDatabase({ url, applicationName: 'test', migrations, onPoolError: () => undefined });
  await ownLog(commission);
  const peers = new Map([
    [organization.origin, 'organization'],
    [inspection.origin, 'inspection'],
  ] as const);
  const inbox = new PgInbox(database, peers);
  for (const log of [organization, inspection]) await follow(log, inbox);
  const tiles = new StoredTiles(database, commission.origin);
  passports = new Passports(database, commission.origin, new Roster(seats, { kind: 'none' }), tiles);
});
afterEach(() => database.destroy());
afterAll(() => postgres.stop());

async function ownLog({ entries, size, root, files }: SampleLog): Promise<void> {
  for (const [index, bytes] of entries.entries()) {
    const row = [index, ids[index], index, Buffer.from(bytes), toHex(leafHash(bytes))];
    await database.query('insert into log.entry (index, id, position, bytes, hash) values ($1, $2, $3, $4, $5)', row);
  }
  await database.query(`insert into log.checkpoint (size, root, note, signed_at) values ($1, $2, $3, '')`, [
    String(size),
    toBase64(root),
    fromUtf8(files.get('checkpoint')!),
  ]);
}

async function follow(log: SampleLog, inbox: PgInbox): Promise<void> {
  const follower = new Follower({
    ...{ origin: log.origin, key: parseVkey(log.vkey), inbox, log: silent, clock },
    source: { ...sampleSource(log), wake: async function* () {} },
    onAccepted: () => undefined,
  });
  expect(await follower.step()).toBe('accepted');
}

/** Each witness's note by itself, as it is gathered. */
async function cosigned(log: SampleLog): Promise<void> {
  const { text, signatures } = noteOf(log);
  const own = signatures.filter(({ name }) => name === log.origin);
  for (const line of signatures.filter(({ name }) => name !== log.origin)) {
    const note = addSignatures({ text, signatures: own }, line);
    const { origin, size } = log;
    await keepCosigned(database, { origin, witness: line.name, size, root: toBase64(log.root), time: 1n, note });
  }
}

const make = () => passports.make(subject, ids, coverOfIssue);

describe('a passport out of an agency’s database', () => {
  it('is, byte for byte, the one that the whole logs give, and the second time as well', async () => {
    for (const log of region.logs) await cosigned(log);
    const expected = makePassport(subject, await samplePassportLogs(region), coverOfIssue);
    expect(fromUtf8((await make())!)).toBe(fromUtf8(expected));
    expect(await make()).toEqual(expected);
  });

  it('stands under the log’s own word alone while nobody has cosigned', async () => {
    const policy = { ...parsePolicy(region.policy), rule: { kind: 'none' } as const };
    const { entries } = checkPassport((await make())!, policy, coverOfIssue);
    expect(entries).toHaveLength(5);
  });

  it('is not made when what is stored is not what the log signed', async () => {
    await database.query(`update inbox.entry set hash = $2 where origin = $1 and index = 280`, [
      inspection.origin,
      'a'.repeat(64),
    ]);
    await expect(make()).rejects.toThrow('do not give the root');
  });

  it('of what no log holds yet is none', async () => {
    expect(await passports.make(subject, [], coverOfIssue)).toBeUndefined();
  });
});
