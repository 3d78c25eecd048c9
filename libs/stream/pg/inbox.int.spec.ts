import { DataSource } from 'typeorm';
import { sampleEntries, sampleEntry, sampleLog, sampleSource } from '#testing/sample-log';
import type { SampleLog } from '#testing/sample-log';
import { startTestPostgres } from '#testing/postgres';
import type { TestPostgres } from '#testing/postgres';
import { parseVkey } from '#tlog/key';
import { Frontier, leafHash } from '#tlog/merkle';
import { toHex } from '#tlog/bytes';
import { readEntry } from '../entry-schema';
import { Follower } from '../follower';
import { InboxMoved, RepeatedId } from '../inbox';
import type { Acceptance } from '../inbox';
import type { Hint } from '../peer-source';
import { inboxSchema, PgInbox, positionSchema } from './inbox';

jest.setTimeout(120_000);

const silent = { info: () => undefined, warn: () => undefined, error: () => undefined };
const origin = 'inspection.example.gov.cn/events/v1';
const at = '2026-03-02T01:00:00.000Z';
async function* noHints(): AsyncGenerator<Hint> {}

let postgres: TestPostgres;
let database: DataSource;
let inbox: PgInbox;

beforeAll(async () => {
  postgres = await startTestPostgres();
});
beforeEach(async () => {
  database = await new DataSource({ type: 'postgres', url: await postgres.fresh() }).initialize();
  await database.query(inboxSchema);
  await database.query(positionSchema);
  inbox = new PgInbox(database, new Map([[origin, 'inspection']]));
});
afterEach(() => database.destroy());
afterAll(() => postgres.stop());

function followerOf(log: () => SampleLog): Follower {
  return new Follower({
    origin,
    key: parseVkey(log().vkey),
    source: {
      checkpoint: () => sampleSource(log()).checkpoint(),
      tile: (...file) => sampleSource(log()).tile(...file),
      bundle: (...file) => sampleSource(log()).bundle(...file),
      wake: noHints,
    },
    inbox,
    clock: () => at,
    log: silent,
    onAccepted: () => undefined,
  });
}

function acceptance(from: number, bytes: readonly Uint8Array[]): Acceptance {
  const frontier = Frontier.empty();
  const entries = bytes.map((entry, index) => {
    frontier.append(leafHash(entry));
    return { index: BigInt(index), ...readEntry(entry), bytes: entry, hash: toHex(leafHash(entry)) };
  });
  return { from: BigInt(from), entries: entries.slice(from), frontier, checkpoint: new Uint8Array(0), verifiedAt: at };
}

const count = async (table: string) => Number((await database.query(`select count(*) as n from ${table}`))[0].n);

describe('the inbox on PostgreSQL', () => {
  it('keeps what was accepted, so that another process goes on from there', async () => {
    const entries = sampleEntries(600);
    let log = sampleLog(entries.slice(0, 300));
    expect(await followerOf(() => log).step()).toBe('accepted');
    log = sampleLog(entries);
    const next = followerOf(() => log);
    expect(await next.step()).toBe('accepted');
    expect(await next.step()).toBe('nothing');
    const rows: { bytes: Buffer }[] = await database.query('select bytes from inbox.entry order by index');
    expect(Buffer.concat(rows.map(({ bytes }) => bytes)).equals(Buffer.concat(entries))).toBe(true);
    const [peer] = await database.query('select agency, size, checkpoint from inbox.peer');
    expect(peer).toMatchObject({ agency: 'inspection', size: '600' });
    expect(peer.checkpoint).toBe(Buffer.from(log.files.get('checkpoint')!).toString('utf8'));
  });

  it('lets one of two win that accept from the same size, and writes nothing of the other', async () => {
    await inbox.load(origin);
    const entries = sampleEntries(40);
    const both = [
      inbox.accept(origin, acceptance(0, entries)),
      inbox.accept(origin, acceptance(0, entries.slice(0, 9))),
    ];
    const ended = await Promise.allSettled(both);
    expect(ended.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    const lost = ended.find((one): one is PromiseRejectedResult => one.status === 'rejected');
    expect(lost!.reason).toBeInstanceOf(InboxMoved);
    expect(await count('inbox.entry')).toBe(Number((await inbox.load(origin)).frontier.size));
  });

  it('refuses an id for the second time and moves nothing', async () => {
    await inbox.load(origin);
    const entries = [...sampleEntries(5), sampleEntry(2, { revision: 77 })];
    await inbox.accept(origin, acceptance(0, entries.slice(0, 4)));
    await expect(inbox.accept(origin, acceptance(4, entries))).rejects.toThrow(RepeatedId);
    expect((await inbox.load(origin)).frontier.size).toBe(4n);
    expect(await count('inbox.entry')).toBe(4);
  });

  it('keeps a fork as evidence and the peer stopped, over restarts', async () => {
    const entries = sampleEntries(40);
    let log = sampleLog(entries);
    const first = Buffer.from(log.files.get('checkpoint')!);
    await followerOf(() => log).step();
    log = sampleLog(entries.map((entry, i) => (i === 5 ? sampleEntry(5, { data: { text: '改' } }) : entry)));
    expect(await followerOf(() => log).step()).toBe('stopped');
    log = sampleLog(sampleEntries(41));
    const restarted = followerOf(() => log);
    expect(await restarted.step()).toBe('stopped');
    expect(restarted.state().message).toContain('two different logs of size 40');
    const [evidence] = await database.query('select kind, note, held from inbox.evidence');
    expect(evidence.kind).toBe('fork');
    expect(evidence.held.equals(first)).toBe(true);
    expect(evidence.note.equals(first)).toBe(false);
    expect(await count('inbox.entry')).toBe(40);
  });

  it('keeps the same damage once, and not more than a hundred kinds of it', async () => {
    for (let n = 0; n < 150; n++) {
      const note = Buffer.alloc(100_000, `${n}`);
      for (let twice = 0; twice < 2; twice++) {
        await inbox.keep(origin, { kind: 'refused', at, message: 'not a note', note });
      }
    }
    expect(await count('inbox.evidence')).toBe(100);
    const [{ longest }] = await database.query('select max(length(note)) as longest from inbox.evidence');
    expect(longest).toBe(65_536);
  });

  it('tells what it holds at some places, and how far a topic was read', async () => {
    const entries = sampleEntries(30);
    const log = sampleLog(entries);
    await followerOf(() => log).step();
    const found = await inbox.entriesAt(origin, [3n, 29n, 30n]);
    expect([...found.keys()].sort()).toEqual([29n, 3n]);
    expect(Buffer.from(found.get(29n)!).equals(entries[29]!)).toBe(true);
    expect((await inbox.entriesAt('other.example/events/v1', [3n])).size).toBe(0);
    expect(await inbox.position(origin, 't')).toBeUndefined();
    for (const next of [5n, 9n, 2n]) {
      await inbox.savePosition(origin, 't', next);
      expect(await inbox.position(origin, 't')).toBe(next);
    }
  });
});
