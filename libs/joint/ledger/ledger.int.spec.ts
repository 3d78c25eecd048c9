import type { DataSource } from 'typeorm';
import fc from 'fast-check';
import { addDays } from '#kernel/working-days';
import type { LedgerQuery } from '#contracts/api';
import { openDatabase } from '#chassis/database';
import {
  createIndexes,
  createTable,
  fromStored,
  selectList,
  tableOf,
  viewMigrationSql,
  writesOf,
} from '#chassis/views/table';
import { LogWriter, registration, tell } from '#testing/joint-logs';
import type { Story } from '#testing/joint-logs';
import { startTestPostgres } from '#testing/postgres';
import type { TestPostgres } from '#testing/postgres';
import { waitingFor } from '../verification/queue';
import type { LedgerRow } from './ledger';
import { ledger } from './ledger';
import { lightOf } from './lights';
import type { Asked } from './query';
import { cursorAfter, filtered, paged } from './query';

const today = '2025-06-01';
const units = ['u1', 'u2', 'u3'];
const titles = [
  '理论学习不够深入',
  '选人用人程序不规范',
  '三重一大（决策）不严格',
  'PPP项目100%_监管不力',
  '作风 不实',
];
const outcomes: Story['outcomes'][] = [['open'], ['returned'], ['substantiallyDone'], ['accepted']];
let postgres: TestPostgres;
let database: DataSource;
let rows: LedgerRow[];

/** 60 issues of three units, at every stage, with due dates around today; one row of which only a verifier spoke. */
function written(): LedgerRow[] {
  const made = Array.from({ length: 60 }, (_, n) => {
    const issueId = `f1-${String(n + 1).padStart(4, '0')}`;
    const writer = new LogWriter();
    const rectify = addDays(today, (n % 9) * 5 - 12);
    const [unitId, title] = [units[n % 3] as string, titles[n % 5] as string];
    const special = n % 7 === 0 ? 'selection' : 'none';
    const deadlines = { ...registration.deadlines, rectify };
    const data = { ...registration, issueId, unitId, title, text: '', special, deadlines } as const;
    writer.add('inspection.issue-registered.v1', data);
    tell(writer, issueId, { special, steps: n % 5, outcomes: outcomes[n % 4] as Story['outcomes'] });
    // Some verdicts have not come back to the office yet.
    const unheard = n % 5 === 4 && n % 3 === 0 ? /^inspection\.(issue-closed-out|close-out-returned)\.v1$/ : /^$/;
    const events = Object.values(writer.logs()).flat();
    const ordered = events.filter(({ type }) => !unheard.test(type)).sort((a, b) => (a.at < b.at ? -1 : 1));
    return ordered.reduce<LedgerRow | undefined>((row, event) => ledger.evolve(row, event, issueId), undefined);
  });
  const early = new LogWriter();
  early.add('commission.close-out-received.v1', { issueId: 'f1-9999', attempt: 1 });
  const unknown = ledger.evolve(undefined, early.logs().commission[0]!, 'f1-9999');
  return [...made, unknown].filter((row) => row !== undefined);
}

beforeAll(async () => {
  postgres = await startTestPostgres();
  database = await openDatabase({
    url: postgres.url,
    applicationName: 'ledger-spec',
    migrations: [],
    onPoolError: () => {},
  });
  await database.query(viewMigrationSql);
  await createTable(database.manager, ledger, 'live');
  await createIndexes(database.manager, ledger, 'live');
  rows = written();
  const parameters: unknown[] = [];
  const [write] = writesOf(ledger, 'live', rows, [], (value) => `$${parameters.push(value)}`);
  await database.query(write as string, parameters);
}, 60_000);

afterAll(async () => {
  await database.destroy();
  await postgres.stop();
});

async function read(where: string, parameters: readonly unknown[], tail: string): Promise<LedgerRow[]> {
  const sql = `select ${selectList(ledger)} from ${tableOf(ledger)} where ${where} ${tail}`;
  const found: object[] = await database.query(sql, [...parameters]);
  return found.map((row) => fromStored<LedgerRow>(ledger, row));
}

const nothing: Asked['common'] = new Set();

async function allPages(
  query: LedgerQuery,
  sees: 'all' | string[],
  common: Asked['common'] = nothing,
): Promise<LedgerRow[]> {
  const found: LedgerRow[] = [];
  for (let cursor: string | undefined; ;) {
    const next = { ...query, ...(cursor !== undefined && { cursor }) };
    const page = paged({ query: next, seer: { sees }, today, common });
    const read1 = await read(page.where, page.parameters, page.tail);
    found.push(...read1.slice(0, page.limit));
    const last = found.at(-1);
    if (read1.length <= page.limit || !last) return found;
    cursor = cursorAfter(last, query);
  }
}

const isOpen = ({ status }: LedgerRow): boolean => status !== 'closedOut' && status !== 'substantiallyDone';

function meant(row: LedgerRow, query: LedgerQuery, sees: 'all' | string[]): boolean {
  const { unit, status, special, light, search } = query;
  return (
    row.known === 1 &&
    (sees === 'all' || sees.includes(row.unitId)) &&
    (unit === undefined || row.unitId === unit) &&
    (status === undefined || row.status === status || (status === 'open' && isOpen(row))) &&
    (query.class === undefined || row.class === query.class) &&
    (special === undefined || row.special === special) &&
    (light === undefined || lightOf(row.due, today, row.status) === light) &&
    (search ?? '')
      .normalize('NFKC')
      .toLowerCase()
      .split(/\s+/)
      .every((word) => row.words.includes(word))
  );
}

const anyQuery = fc.record(
  {
    unit: fc.constantFrom(...units),
    status: fc.constantFrom(
      'open',
      'registered',
      'claimed',
      'rectifying',
      'closeOutRequested',
      'substantiallyDone',
      'closedOut',
    ),
    special: fc.constantFrom('none', 'selection'),
    light: fc.constantFrom('red', 'yellow', 'green'),
    search: fc.constantFrom(
      '学',
      '学习',
      '理论学习',
      '（决策）',
      '(决策)',
      'ppp',
      '100%',
      '100__监',
      '三重%不严格',
      '%_',
      '作风 不实',
      '不 严格',
      '\\',
      '无此内容',
    ),
    sort: fc.constantFrom('due', 'number', 'unit'),
    order: fc.constantFrom('asc', 'desc'),
    limit: fc.integer({ min: 1, max: 25 }),
  },
  { requiredKeys: [] },
) as fc.Arbitrary<LedgerQuery>;

describe('the ledger in PostgreSQL', () => {
  it('keeps every row as it was written', async () => {
    const stored = await read('true', [], 'order by id');
    expect(stored).toEqual([...rows].sort((a, b) => (a.id < b.id ? -1 : 1)));
  });

  it('finds exactly the lines that are meant and may be seen, each once over all pages', async () => {
    const sees = fc.constantFrom<'all' | string[]>('all', ['u1'], ['u1', 'u3'], []);
    const common = fc.constantFrom(nothing, new Set(['学', '学习', '作风', '%_', '\\']));
    await fc.assert(
      fc.asyncProperty(anyQuery, sees, common, async (query, seen, words) => {
        const found = await allPages(query, seen, words);
        const expected = rows.filter((row) => meant(row, query, seen));
        expect(found.map(({ id }) => id).sort()).toEqual(expected.map(({ id }) => id).sort());
      }),
      { numRuns: 150 },
    );
  }, 60_000);

  it('holds for each verifier what it has not decided, even while the office has not heard of the verdict', async () => {
    const requested = rows.filter(({ status }) => status === 'closeOutRequested');
    const undecided = requested.filter(({ verifier, parts, attempt }) => parts[verifier]?.verdict?.attempt !== attempt);
    expect(undecided.length).toBeGreaterThan(0);
    expect(undecided.length).toBeLessThan(requested.length);
    for (const authority of ['commission', 'organization'] as const) {
      const { where, parameters } = waitingFor(authority);
      const waiting = await read(where, parameters, 'order by id');
      const expected = undecided.filter(({ verifier }) => verifier === authority);
      expect(waiting.map(({ id }) => id)).toEqual(expected.map(({ id }) => id));
    }
  });

  it('pages in the order that was asked for', async () => {
    const byDue = await allPages({ sort: 'due', order: 'desc', limit: 7 }, 'all');
    const dues = byDue.map(({ due }) => due);
    expect(dues).toEqual([...dues].sort().reverse());
    const byText = await allPages({ sort: 'number', limit: 7 }, 'all');
    expect(byText.map(({ id }) => id)).toEqual(byText.map(({ id }) => id).sort());
  });

  it('answers a search from the index when there is much to search', async () => {
    const plan = (search: string): Promise<string> =>
      database.transaction(async (sql) => {
        await sql.query('set local enable_seqscan = off');
        const { where, parameters } = filtered({ query: { search }, seer: { sees: 'all' }, today, common: nothing });
        const explain = `explain (format json) select id from ${tableOf(ledger)} where ${where}`;
        return JSON.stringify(await sql.query(explain, [...parameters]));
      });
    expect(await plan('学习')).toContain('grams_idx');
    expect(await plan('理论学习')).toContain('words_idx');
  });
});
