// What people do all day, on a ledger of a whole province: pages at any depth with any two filters, search by two
// characters, the overview, the export; through the office's real HTTP interface, sixteen clients at once.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { exportLimit, paths } from '#contracts/api';
import { tableOf } from '#chassis/views/table';
import { ledger } from '#joint/ledger/ledger';
import { numbersOf, pick, rareWords } from './chinese';
import { roundIdOf, unitIdOf } from './histories';
import { closedLoad } from './http-load';
import type { Caller, Sent } from './http-load';
import { withClient } from './loaded';
import { callersOf, fillLedger, startOffice } from './office';
import type { Office } from './office';
import type { BenchOptions } from './options';
import { quantiles } from './quantiles';
import { against, round } from './rounds';

const clients = 16;

export async function measureLedger({ events = 265_000, seconds = 8 }: BenchOptions): Promise<object> {
  const data = mkdtempSync(join(tmpdir(), 'sanfang-bench-ledger-'));
  const office = await startOffice(data);
  const callers = callersOf(clients, office);
  try {
    await fillLedger(office.database, events);
    const next = numbersOf(7);
    const measure = async (goal: number, ask: () => string): Promise<object> => {
      const request = (): Sent => ({ method: 'GET', path: ask() });
      await closedLoad(callers, Math.min(2, seconds), request);
      const { latencies, perSecond } = await closedLoad(callers, seconds, request);
      const { p50, p95, p99 } = quantiles(latencies);
      return { p50, p95: against(goal, p95, 'lower'), p99, perSecond: round(perSecond) };
    };
    return {
      issues: events,
      clients,
      unit: 'milliseconds',
      page: await measure(30, () => pagePath(next)),
      search: await measure(50, () => searchPath(next)),
      overview: await measure(50, () => paths.overview),
      export: await measureExport(office, callers[0] as Caller),
    };
  } finally {
    callers.forEach((caller) => caller.close());
    await office.region.stop();
    rmSync(data, { recursive: true, force: true });
  }
}

type Filter = (next: () => number) => readonly [string, string];
const filters: readonly Filter[] = [
  (next) => ['round', roundIdOf(Math.floor(next() * 6))],
  (next) => ['unit', unitIdOf(Math.floor(next() * 300))],
  (next) => ['status', pick(next, ['open', 'registered', 'claimed', 'rectifying', 'closeOutRequested', 'closedOut'])],
  (next) => ['class', pick(next, ['immediate', 'timeLimited', 'longTerm'])],
  (next) => ['special', pick(next, ['none', 'selection', 'ideology'])],
  (next) => ['light', pick(next, ['green', 'yellow', 'red'])],
];

function pagePath(next: () => number): string {
  const first = Math.floor(next() * filters.length);
  const second = (first + 1 + Math.floor(next() * (filters.length - 1))) % filters.length;
  const sort = pick(next, ['due', 'due', 'number', 'unit'] as const);
  const order = pick(next, ['asc', 'desc'] as const);
  const two = [first, second].map((n) => (filters[n] as Filter)(next) as [string, string]);
  const query = new URLSearchParams([...two, ['sort', sort], ['order', order], ['limit', '50']]);
  query.set('cursor', somewhere(next, sort, order));
  return `${paths.ledger}?${query}`;
}

/** A cursor as the service makes it, for a row that may stand anywhere. */
function somewhere(next: () => number, sort: 'due' | 'number' | 'unit', order: string): string {
  const id = `f${String(Math.floor(next() * 6_600)).padStart(6, '0')}-0020`;
  const due = new Date(Date.UTC(2025, 0, 1 + Math.floor(next() * 700))).toISOString().slice(0, 10);
  const value = { due, unit: unitIdOf(Math.floor(next() * 300)), number: id }[sort];
  return Buffer.from(JSON.stringify([sort, order, value, id])).toString('base64url');
}

const commonWords = ['制度', '监督', '会议', '台账', '自查', '档案'];

function searchPath(next: () => number): string {
  const search = pick(next, next() < 0.5 ? rareWords : commonWords);
  return `${paths.ledger}?${new URLSearchParams({ search, limit: '50' })}`;
}

/** The file of the list nearest to the most lines that leave at once, with the memory that it takes. */
async function measureExport({ region, database }: Office, caller: Caller): Promise<object> {
  const [list] = await withClient(database, async (client) => {
    const found = await client.query<{ round: string; status: string; special: string; lines: number }>(
      `select round_id as round, status, special, count(*)::integer as lines from ${tableOf(ledger)} where known = 1
       group by 1, 2, 3 having count(*) <= ${exportLimit} order by 4 desc limit 1`,
    );
    return found.rows;
  });
  if (!list) throw new Error('no list is short enough to be exported');
  const { lines, ...filter } = list;
  const pid = region.pid('inspection') as number;
  const before = residentMB(pid);
  let peak = before;
  const watch = setInterval(() => (peak = Math.max(peak, residentMB(pid))), 10);
  const from = performance.now();
  const path = `${paths.exportLedger}?${new URLSearchParams(filter)}`;
  const answer = await caller.send({ method: 'GET', path });
  const milliseconds = performance.now() - from;
  clearInterval(watch);
  if (answer.status !== 200)
    throw new Error(`${path}: ${answer.status} ${answer.bytes.toString('utf8').slice(0, 200)}`);
  return {
    lines,
    bytes: answer.bytes.length,
    milliseconds: against(1_000, round(milliseconds), 'lower'),
    aboveRestMB: against(100, round(peak - before), 'lower'),
  };
}

function residentMB(pid: number): number {
  const kilobytes = /^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
  return Number(kilobytes) / 1024;
}
