import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { DataSource } from 'typeorm';
import { check } from '../../../apps/web/src/history/check';
import type { Remembered } from '../../../apps/web/src/history/check';
import { agencies } from '#kernel/envelope';
import type { Agency } from '#kernel/envelope';
import type { AnyView } from '#kernel/view';
import type { ProvenLog } from '#contracts/history';
import { Clock } from '#chassis/clock';
import { openDatabase } from '#chassis/database';
import { inboxMigrations } from '#chassis/peers';
import type { Peers } from '#chassis/peers';
import type { Person } from '#chassis/person';
import { Pulse } from '#chassis/pulse';
import { Reads } from '#chassis/reads';
import { logMigrations } from '#chassis/relay-tables';
import { createTable, viewMigrationSql, writesOf } from '#chassis/views/table';
import { Holdings } from '#chassis/witness/holdings';
import { Passports } from '#chassis/witness/passports';
import { Proofs } from '#chassis/witness/proofs';
import type { KnownLog } from '#chassis/witness/proofs';
import { Roster } from '#chassis/witness/roster';
import { StoredTiles } from '#chassis/witness/stored-tiles';
import { keepCosigned, witnessMigrations } from '#chassis/witness/tables';
import { Follower } from '#stream/follower';
import { PgInbox } from '#stream/pg/inbox';
import { LogWriter, tell } from '#testing/joint-logs';
import { startTestPostgres } from '#testing/postgres';
import type { TestPostgres } from '#testing/postgres';
import { sampleEntry, sampleLog, sampleSource } from '#testing/sample-log';
import type { SampleLog } from '#testing/sample-log';
import { fromUtf8, toBase64, toHex } from '#tlog/bytes';
import { addSignatures } from '#tlog/checkpoint';
import { cosign } from '#tlog/cosignature';
import { writeFork } from '#tlog/fork';
import { COSIGNER_KEY_TYPE, formatVkey, LOG_KEY_TYPE, parseVkey, signingKey } from '#tlog/key';
import type { VerifierKey } from '#tlog/key';
import { Frontier, leafHash } from '#tlog/merkle';
import { parseNote } from '#tlog/note';
import { isEnough, parsePolicy } from '#tlog/policy';
import { ledger } from '../ledger/ledger';
import { witnessedEvents } from '../ledger/witnessed.api';
import { timeline } from '../ledger/timeline';
import { HistoryApi } from './history.api';
import { TotalsApi } from './totals.api';

const issueId = 'f1-0001';
const writer = new LogWriter();
// Ten other issues stand before and behind, so that proofs have something to prove.
for (let n = 2; n < 12; n++) tell(writer, `f1-00${n}`, { special: 'none', steps: 2, outcomes: ['open'] });
tell(writer, issueId, { special: 'none', steps: 4, outcomes: ['returned', 'accepted'] });
writer.add('organization.feedback-received.v1', { feedbackId: 'f1', roundId: 'r1', held: 11 });
// Two speak of the office's key, for later than its log goes.
const named = 'inspection.example/events/v1';
const key = formatVkey(signingKey(named, LOG_KEY_TYPE, new Uint8Array(32).fill(22)));
const word = { origin: named, vkey: key, lastGoodSize: 1_000, successor: '' };
for (const agency of ['commission', 'organization'] as const) writer.add(`${agency}.key-revoked.v1`, word);
const published = writer.logs();
const witnesses = agencies.map((agency, n) =>
  signingKey(`${agency}.example/witness/v1`, COSIGNER_KEY_TYPE, new Uint8Array(32).fill(40 + n)),
);
const logs = new Map(
  agencies.map((agency, n): [Agency, SampleLog] => {
    const entries = published[agency].map(({ id, type, at, actor, data }, i) => {
      return sampleEntry(i, { id, type, at, actor, data, seen: { 'inspection.example/events/v1': i } });
    });
    return [
      agency,
      sampleLog(entries, { origin: `${agency}.example/events/v1`, seed: new Uint8Array(32).fill(20 + n) }),
    ];
  }),
);
const logOf = (agency: Agency): SampleLog => logs.get(agency)!;
const own = 'commission' as const;
const seats = agencies.map((agency, n) => {
  // The own witness's key is not in its seat; whoever serves it knows it.
  const key = agency === own ? undefined : witnesses[n]!;
  return { name: agency, keyName: witnesses[n]!.name, agency, key: () => Promise.resolve(key) };
});
const members = agencies.map((name) => ({ kind: 'witness', name }) as const);
const roster = new Roster(seats, { kind: 'group', needed: 2, members });
const silent = { info: () => undefined, warn: () => undefined, error: () => undefined };
const officer = { agency: own, sees: 'all' } as unknown as Person;
const received = '2026-03-02T01:00:00.000Z';

let postgres: TestPostgres;
let database: DataSource;
let folder: string;
let api: HistoryApi;
let reads: Reads;

beforeAll(async () => {
  postgres = await startTestPostgres();
});
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'sanfang-evidence-'));
  const migrations = [...logMigrations, ...inboxMigrations, ...witnessMigrations];
  const url = await postgres.fresh();
  database = await openDatabase({ url, applicationName: 'test', migrations, onPoolError: () => undefined });
  await ownLog();
  const others = agencies.filter((agency) => agency !== own);
  const inbox = new PgInbox(database, new Map(others.map((agency) => [logOf(agency).origin, agency])));
  for (const agency of others) await follow(logOf(agency), inbox);
  for (const [n, agency] of agencies.entries())
    await cosigned(
      logOf(agency),
      witnesses.filter((_, i) => i !== n),
    );
  await views();
  api = apiOver();
});
afterEach(async () => {
  await database.destroy();
  rmSync(folder, { recursive: true });
});
afterAll(() => postgres.stop());

async function ownLog(): Promise<void> {
  const { entries, size, root, files } = logOf(own);
  for (const [index, bytes] of entries.entries()) {
    await database.query('insert into log.entry (index, id, position, bytes, hash) values ($1, $2, $1, $3, $4)', [
      index,
      published[own][index]!.id,
      Buffer.from(bytes),
      toHex(leafHash(bytes)),
    ]);
  }
  const note = fromUtf8(files.get('checkpoint')!);
  const row = [String(size), toBase64(root), note, received];
  await database.query('insert into log.checkpoint (size, root, note, signed_at) values ($1, $2, $3, $4)', row);
}

async function follow(log: SampleLog, inbox: PgInbox): Promise<void> {
  const follower = new Follower({
    ...{ origin: log.origin, key: parseVkey(log.vkey), inbox, log: silent, clock: () => received },
    source: { ...sampleSource(log), wake: async function* () {} },
    onAccepted: () => undefined,
  });
  expect(await follower.step()).toBe('accepted');
}

async function cosigned(log: SampleLog, by: typeof witnesses): Promise<void> {
  const note = parseNote(log.files.get('checkpoint')!);
  for (const key of by) {
    const line = cosign(note.text, 1_772_413_200n, key);
    const { origin, size } = log;
    const row = { origin, witness: key.name, size, root: toBase64(log.root), time: 1_772_413_200n };
    await keepCosigned(database, { ...row, note: addSignatures(note, line) });
  }
}

async function views(): Promise<void> {
  await database.query(viewMigrationSql);
  const events = Object.values(published)
    .flat()
    .sort((a, b) => (a.at < b.at ? -1 : 1));
  for (const view of [ledger, timeline] as AnyView[]) {
    await createTable(database.manager, view, 'live');
    const rows = new Map<string, { id: string }>();
    for (const event of events) {
      for (const id of view.keys(event)) rows.set(id, view.evolve(rows.get(id) as never, event, id) as never);
    }
    const parameters: unknown[] = [];
    const bind = (value: unknown) => `$${parameters.push(value)}`;
    const [write] = writesOf(view, 'live', [...rows.values()] as never, [], bind);
    await database.query(write as string, parameters);
  }
}

function proofsOver(known: [KnownLog, ...KnownLog[]]): Proofs {
  const tiles = new StoredTiles(database, known[0].origin);
  const passports = new Passports(database, known[0].origin, roster, tiles);
  const ownWords = published[own].flatMap(({ id, type }) => (type === `${own}.key-revoked.v1` ? [id] : []));
  return new Proofs({ sql: database, logs: known, roster, ownWitness: witnesses[0]!, passports, tiles, ownWords });
}

function knownLogs(key = (vkey: string): VerifierKey | undefined => parseVkey(vkey)): [KnownLog, ...KnownLog[]] {
  return agencies
    .map((agency): KnownLog => {
      const { origin, vkey, size } = logOf(agency);
      return { agency, origin, key: () => Promise.resolve(key(vkey)), size: () => Number(size), stopped: () => false };
    })
    .sort((a) => (a.agency === own ? -1 : 1)) as [KnownLog, ...KnownLog[]];
}

function apiOver(): HistoryApi {
  const known = knownLogs();
  const [{ origin }, ...others] = known;
  const proofs = proofsOver(known);
  const holdings = new Holdings({ sql: database, logs: known, roster, folder });
  const all = Number.MAX_SAFE_INTEGER;
  const standing = { reach: () => ({ witnessed: all, final: all, by: [] }), firstWitnessed: () => Promise.resolve(1) };
  const told = { position: () => 0n, cutOff: () => received } as never;
  const from = others.map((log) => log.origin);
  reads = new Reads(database, told, new Pulse(), origin, from, { ...standing, peers: () => [] });
  return new HistoryApi(reads, proofs, holdings, peersOver(), new Clock());
}

function peersOver(): Peers {
  const [{ origin }, ...others] = knownLogs();
  return { states: () => others, own: () => ({ origin, size: 0 }) } as unknown as Peers;
}

const history = (query = {}) => api.issue(officer, issueId, query);
const nobody = () => undefined;

describe('the history of an issue over the API', () => {
  it('holds, by the browser’s own check, for every record that the three logs have of it', async () => {
    const { logs: proven, steps, unlogged, now } = await history();
    const found = check(proven, nobody, issueId);
    expect(found.fault).toBeUndefined();
    const events = Object.values(published).flat();
    const expected = events.filter(({ data }) => data['issueId'] === issueId).map(({ id }) => id);
    expect(steps.map(({ id }) => id).sort()).toEqual(expected.sort());
    expect(found.logs.reduce((sum, { entries }) => sum + entries.length, 0)).toBe(expected.length);
    expect(found.logs.map(({ agency }) => agency)).toEqual([own, 'organization', 'inspection']);
    expect(found.logs.every(({ enough, cosignatures }) => enough && cosignatures.length === 2)).toBe(true);
    const telling = found.logs.filter(({ entries }) => entries.length > 0);
    expect(telling.map(({ agency }) => agency)).toEqual([own, 'inspection']);
    expect(telling.every(({ since }) => since === '2026-03-02T01:00:00.000Z')).toBe(true);
    expect(unlogged).toBe(0);
    expect(now.status).toBe('closedOut');
    expect(steps.at(-1)?.facts).toMatchObject({ status: 'closedOut', returns: 1, attempt: 2 });
  });

  it('dates what peers recorded by when it was stored here, and what was recorded here by itself', async () => {
    const { steps } = await history();
    const own1 = steps.filter(({ agency }) => agency === own);
    expect(own1.every(({ at, knownAt }) => at === knownAt)).toBe(true);
    expect(steps.filter(({ agency }) => agency === 'inspection').every(({ knownAt }) => knownAt === received)).toBe(
      true,
    );
    // Heard first of its own receipt, long before the office's log came.
    expect(steps[0]).toMatchObject({ type: 'commission.close-out-received.v1' });
    expect(steps[0]?.facts).toBeUndefined();
  });

  it('shows with their proofs what agencies say of each other’s keys, the own word as well', async () => {
    for (const { logs: told } of [await api.logs({}), await api.issue(officer, issueId, {})]) {
      expect(told.map(({ agency, words = [] }) => [agency, words.map(({ text }) => JSON.parse(text).type)])).toEqual([
        [own, ['commission.key-revoked.v1']],
        ['organization', ['organization.key-revoked.v1']],
        ['inspection', []],
      ]);
      const other = told.map((log) => {
        const words = log.words?.map((each) => ({ ...each, text: each.text.replace('1000', '1') }));
        return { ...log, entries: [], ...(words && { words }) };
      });
      expect(check(other, nobody).fault).toMatchObject({ kind: 'entry', agency: own });
    }
  });

  it('shows nobody the issue of another unit', async () => {
    const other = { agency: own, sees: ['u9'] } as unknown as Person;
    await expect(api.issue(other, issueId, {})).rejects.toMatchObject({ code: 'record.none' });
  });

  it('lets a byte changed in the agency’s own database be found by the page, by its index', async () => {
    const target = published.inspection.findIndex(
      ({ data, type }) => data['issueId'] === issueId && /measure/.test(type),
    );
    const { origin } = logOf('inspection');
    const at = [origin, target];
    const [{ bytes }] = await database.query('select bytes from inbox.entry where origin = $1 and index = $2', at);
    const changed = Buffer.from(bytes.toString('utf8').replace('修订', '修改'), 'utf8');
    await database.query('update inbox.entry set bytes = $3 where origin = $1 and index = $2', [...at, changed]);
    const found = check((await history()).logs, nobody, issueId);
    expect(found.fault).toMatchObject({ kind: 'entry', agency: 'inspection', index: target });
  });

  it('proves that what a reader saw before is still the beginning, and proves nothing that is not held', async () => {
    const { origin, size, entries, vkey } = logOf('inspection');
    const seen = (upTo: number): Remembered => {
      const frontier = Frontier.empty();
      for (const entry of entries.slice(0, upTo)) frontier.append(leafHash(entry));
      return { size: upTo, root: toBase64(frontier.root()), vkey, at: received };
    };
    const against = async (before: Remembered) => {
      const { logs: proven } = await api.logs({ seen: `elsewhere.example/v1:3,${origin}:${before.size}` });
      return check(proven, (of) => (of === origin ? before : undefined));
    };
    for (const upTo of [1, 7, 16, Number(size) - 1, Number(size)]) {
      expect([upTo, (await against(seen(upTo))).fault]).toEqual([upTo, undefined]);
    }
    expect((await against({ ...seen(7), root: seen(8).root })).fault?.kind).toBe('past');
    expect((await against({ ...seen(7), size: Number(size) + 1 })).fault?.kind).toBe('shrunk');
  });

  it('speaks of the logs by themselves: all three, the own one first', async () => {
    const { logs: heads } = await api.logs({});
    expect(heads.map(({ agency, entries }: ProvenLog) => [agency, entries.length])).toEqual([
      [own, 0],
      ['organization', 0],
      ['inspection', 0],
    ]);
    expect(check(heads, nobody)).toMatchObject({ logs: [{ enough: true }, { enough: true }, { enough: true }] });
  });
});

describe('the totals of the board', () => {
  const totals = () => new TotalsApi(reads, peersOver(), new Clock()).totals(officer);
  const standFor = async (inspection: number) => {
    const sources = [
      ['own', logOf(own).size],
      [logOf('organization').origin, logOf('organization').size],
      [logOf('inspection').origin, inspection],
    ] as const;
    for (const [source, position] of sources) {
      await database.query(
        `insert into views.cursor (view, generation, source, position) values ('ledger', 'live', $1, $2)`,
        [source, String(position)],
      );
    }
  };

  it('are those of the three logs, at the sizes that the ledger stands for', async () => {
    await standFor(Number(logOf('inspection').size));
    const found = await totals();
    expect(found.sizes[logOf('inspection').origin]).toBe(Number(logOf('inspection').size));
    expect(found).toMatchObject({ differences: 0, setAside: 0 });
    expect(found.states.reduce((sum, { ledger: count }) => sum + count, 0)).toBe(11);
  });

  it('name the issue that somebody changed in the agency’s own ledger, and the record that says otherwise', async () => {
    await standFor(Number(logOf('inspection').size));
    await database.query(`update ${reads.table(ledger)} set status = 'rectifying', closed_on = '' where id = $1`, [
      issueId,
    ]);
    const { differences, first, states } = await totals();
    expect(states.find(({ status }) => status === 'closedOut')).toMatchObject({ ledger: 0, logs: 1 });
    const index = published.inspection.findIndex(({ type }) => type === 'inspection.issue-closed-out.v1');
    expect(differences).toBe(1);
    expect(first).toMatchObject({ issueId, ledger: '整改中', logs: '已销号', agency: 'inspection', index });
  });
});

describe('the badge of a single record', () => {
  it('comes from where its event lies, in the own log or a peer’s, and there is none for what is in no log', async () => {
    const ids = [published[own][0]!.id, published.inspection[3]!.id, '0190a000-0000-7000-8000-00000000ffff'];
    const found = await witnessedEvents(reads, ids);
    expect([...found].sort()).toEqual(
      [
        [ids[0], 'final'],
        [ids[1], 'final'],
      ].sort(),
    );
    const near = { ...reads.standing.reach(''), final: 3, witnessed: 4 };
    Object.assign(reads.standing, { reach: () => near });
    expect((await witnessedEvents(reads, ids)).get(ids[1]!)).toBe('witnessed');
    expect(await witnessedEvents(reads, [])).toEqual(new Map());
  });
});

describe('the keys that go with a passport', () => {
  it('are the rule that the agency follows itself, its own witness’s key included', async () => {
    const policy = parsePolicy((await proofsOver(knownLogs()).policyFile(['由纪委监委给出'])) ?? '');
    expect(new Set(policy.logs.map(formatVkey))).toEqual(new Set(agencies.map((agency) => logOf(agency).vkey)));
    expect(policy.witnesses.map(({ name, key }) => [name, formatVkey(key)])).toEqual([
      ['commission', formatVkey(witnesses[0]!)],
      ['organization', formatVkey(witnesses[1]!)],
      ['inspection', formatVkey(witnesses[2]!)],
    ]);
    const { origin } = logOf('inspection');
    const by = (...signed: number[]) => isEnough(policy, origin, new Set(signed.map((n) => formatVkey(witnesses[n]!))));
    expect([by(0, 1), by(0, 2)]).toEqual([true, false]);
  });

  it('are not given out while one of them is missing', async () => {
    const known = knownLogs((vkey) => (vkey === logOf('inspection').vkey ? undefined : parseVkey(vkey)));
    expect(await proofsOver(known).policyFile([])).toBeUndefined();
  });
});

describe('the reconciliation', () => {
  it('finds the copies of all agencies the same', async () => {
    const { logs: held, forks } = await api.reconciliation(officer);
    expect(held.map(({ agency, own: mine, size }) => [agency, mine, size])).toEqual([
      [own, true, Number(logOf(own).size)],
      ['organization', false, 2],
      ['inspection', false, Number(logOf('inspection').size)],
    ]);
    const verdicts = held.flatMap(({ holdings }) => holdings.map(({ verdict }) => verdict));
    expect(verdicts).toEqual(Array.from({ length: 6 }, () => 'same'));
    expect(forks).toEqual([]);
  });

  it('says between which entries a copy begins to differ', async () => {
    const log = logOf('inspection');
    const smaller = sampleLog(log.entries.slice(0, 9), { origin: log.origin, seed: new Uint8Array(32).fill(22) });
    await cosigned(smaller, [witnesses[1]!]);
    // Another hash at 12 and the frontier as it was: the tree of the stored hashes is no longer what others cosigned.
    await database.query(`update inbox.entry set hash = $2 where origin = $1 and index = 12`, [
      log.origin,
      'a'.repeat(64),
    ]);
    await cosigned(sampleLog(log.entries.slice(0, 20), { origin: log.origin, seed: new Uint8Array(32).fill(22) }), [
      witnesses[1]!,
    ]);
    await database.query('delete from witness.cosignature where size = $1', [String(log.size)]);
    const { logs: held } = await api.reconciliation(officer);
    const holdings = held.find(({ agency }) => agency === 'inspection')?.holdings;
    expect(holdings?.find(({ name }) => name === 'organization')).toMatchObject({
      ...{ size: 20, verdict: 'differs', difference: { from: 9, to: 20 } },
    });
    expect(holdings?.find(({ name }) => name === own)).toMatchObject({ size: 0, verdict: 'unknown' });
  });

  it('lists the evidence of a fork and hands out the very file', async () => {
    const { origin, files } = logOf('inspection');
    const seed = new Uint8Array(32).fill(22);
    const other = sampleLog(logOf('inspection').entries.slice(0, 3), { origin, seed });
    const bytes = writeFork({ origin, notes: [files.get('checkpoint')!, other.files.get('checkpoint')!] });
    const digest = '0123456789abcdef';
    writeFileSync(join(folder, `inspection.example-${digest}.fork.json`), bytes);
    writeFileSync(join(folder, 'fedcba9876543210.txt'), 'of something else');
    const { forks } = await api.reconciliation(officer);
    expect(forks).toMatchObject([{ digest, origin, sizes: [Number(logOf('inspection').size), 3] }]);
    const file = await api.evidence(digest);
    expect(Buffer.concat(await file.getStream().toArray())).toEqual(Buffer.from(bytes));
    await expect(api.evidence('fedcba9876543210')).rejects.toMatchObject({ code: 'record.none' });
  });
});
