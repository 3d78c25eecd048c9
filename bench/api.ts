// The office's HTTP interface under load: pages of the ledger against a bare Fastify over the same tables, commands
// that are accepted at the limit, and how long they take at a steady rate.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { paths } from '#contracts/api';
import type { Done, LedgerPage } from '#contracts/answers';
import { demonstrationFeedback } from '../apps/region/src/feedback-text';
import { admit, staffOf } from '../apps/region/src/people';
import type { Person } from '../apps/region/src/people';
import type { BareReady } from './bare-fastify';
import { start, stop } from './children';
import { roundIdOf } from './histories';
import { Caller, closedLoad, cookieOf, openLoad } from './http-load';
import type { Sent } from './http-load';
import { nextMessage } from './loaded';
import { callersOf, fillLedger, startOffice } from './office';
import type { Office } from './office';
import type { BenchOptions } from './options';
import { quantiles } from './quantiles';
import { against, interleaved, median, ratio, round } from './rounds';

const clients = 16;
const statuses = ['registered', 'claimed', 'rectifying', 'closeOutRequested', 'closedOut'] as const;

export async function measureApi({ events = 20_000, rounds = 5, seconds = 4 }: BenchOptions): Promise<object> {
  const data = mkdtempSync(join(tmpdir(), 'sanfang-bench-api-'));
  const office = await startOffice(data);
  const bare = start('bare-fastify', [office.database]);
  try {
    const { url } = await nextMessage<BareReady>(bare);
    const writing = await preparedIssues(office);
    await fillLedger(office.database, events);
    const pages = await measurePages(office, url, rounds, seconds);
    return { issues: events, clients, ...pages, ...(await measureCommands(office, writing, seconds)) };
  } finally {
    await stop(bare);
    await office.region.stop();
    rmSync(data, { recursive: true, force: true });
  }
}

async function measurePages(office: Office, bareUrl: string, rounds: number, seconds: number): Promise<object> {
  const query = (turn: number) =>
    new URLSearchParams({ round: roundIdOf(turn), status: statuses[turn % statuses.length] as string, limit: '50' });
  const ours = callersOf(clients, office);
  const theirs = callersOf(clients, { url: bareUrl, cookie: '' });
  const measured = await interleaved(rounds, [
    {
      name: 'sanfang',
      measure: () => closedLoad(ours, seconds, (turn) => ({ method: 'GET', path: `${paths.ledger}?${query(turn)}` })),
    },
    {
      name: 'bareFastify',
      measure: () => closedLoad(theirs, seconds, (turn) => ({ method: 'GET', path: `/page?${query(turn)}` })),
    },
  ]);
  [...ours, ...theirs].forEach((caller) => caller.close());
  const speeds = (name: string) => (measured.get(name) ?? []).map(({ perSecond }) => perSecond);
  const shown = (name: string) => {
    const { p50, p95 } = quantiles((measured.get(name) ?? []).flatMap(({ latencies }) => latencies));
    return { perSecond: round(median(speeds(name))), p50, p95 };
  };
  return {
    pages: {
      sanfang: shown('sanfang'),
      bareFastify: shown('bareFastify'),
      ratios: { 'sanfang/bareFastify': against(0.5, ratio(speeds('sanfang'), speeds('bareFastify'))) },
    },
  };
}

type Writing = { readonly issues: readonly string[]; readonly owner: Person };

/** The demonstration's issues, with somebody who may report progress on them. */
async function preparedIssues(office: Office): Promise<Writing> {
  const { url, cookie, region } = office;
  const clerk = new Caller(url, 1, cookie);
  const send = async (path: string, body: object): Promise<Done> => {
    const { status, bytes } = await clerk.send({ method: 'POST', path, body });
    if (status > 299) throw new Error(`POST ${path}: ${status} ${bytes.toString('utf8')}`);
    return JSON.parse(bytes.toString('utf8')) as Done;
  };
  const opened = { name: '压测轮次', term: '第十四届', year: 2026, tier: 'county', ruleSetId: 'three-months' };
  const { id: roundId } = await send(paths.rounds, opened);
  const { id: unitId } = await send(paths.organisations(roundId), { unitName: '示范县第一局党组' });
  const issues = await frozenIssues(office, roundId, unitId, send);
  const staff = staffOf({ unitId, unitName: '示范县第一局党组' }, 0);
  await admit(region, staff);
  const by = async (role: Person['role'], path: (issueId: string) => string, body: object): Promise<void> => {
    const who = staff.find((each) => each.role === role) as Person;
    const caller = new Caller(url, 4, await cookieOf(url, who.login, who.password));
    for (const issueId of issues) {
      const { status, bytes } = await caller.send({ method: 'POST', path: path(issueId), body });
      if (status > 299) throw new Error(`${path(issueId)}: ${status} ${bytes.toString('utf8')}`);
    }
    caller.close();
  };
  const duty = { leadLeader: '牵头领导丙', department: '办公室', person: '责任人乙' };
  await by('orgLiaison', (issueId) => paths.issueAction(issueId, 'proposeClaim'), duty);
  await by('orgSecretary', (issueId) => paths.issueAction(issueId, 'signClaim'), {});
  clerk.close();
  return { issues, owner: staff.find(({ role }) => role === 'taskOwner') as Person };
}

async function frozenIssues(
  { url, cookie }: Office,
  roundId: string,
  unitId: string,
  send: (path: string, body: object) => Promise<Done>,
): Promise<string[]> {
  const form = new FormData();
  form.set('roundId', roundId);
  form.set('feedbackDate', '2026-09-01');
  form.set('file', new Blob([demonstrationFeedback.text]), demonstrationFeedback.name);
  const headers = { cookie, 'sanfang-console': '1', 'sanfang-command': crypto.randomUUID() };
  const answer = await fetch(url + paths.feedbacks, { method: 'POST', headers, body: form });
  const { id } = (await answer.json()) as Done;
  const line = (n: number) => ({
    ...{ key: `k${n}`, number: `一(${n})`, title: `第${n}项问题`, text: '制度落实不够严格。', group: '政治建设方面' },
    ...{ unitId, class: 'timeLimited', kind: 'single', special: 'none', competentDepartment: '' },
  });
  await send(paths.outline(id), { lines: Array.from({ length: 64 }, (_, n) => line(n + 1)) });
  await send(paths.freeze(id), { difference: '压测用的清单，与原文不同。' });
  const reader = new Caller(url, 1, cookie);
  for (;;) {
    const { bytes } = await reader.send({ method: 'GET', path: `${paths.ledger}?round=${roundId}&limit=200` });
    const { lines } = JSON.parse(bytes.toString('utf8')) as LedgerPage;
    if (lines.length === 64) return (reader.close(), lines.map(({ issueId }) => issueId));
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

async function measureCommands({ url }: Office, { issues, owner }: Writing, seconds: number): Promise<object> {
  const cookie = await cookieOf(url, owner.login, owner.password);
  const progress = (turn: number): Sent => ({
    method: 'POST',
    path: paths.issueAction(issues[turn % issues.length] as string, 'reportProgress'),
    body: { text: `本周推进情况第${turn}次报告：${'已补齐记录并逐项核对，'.repeat(18)}完成。` },
  });
  const callers = callersOf(clients, { url, cookie });
  await closedLoad(callers, 2, progress);
  const { perSecond } = await closedLoad(callers, seconds, progress);
  const many = [new Caller(url, 64, cookie)];
  const steady = await openLoad(many, { rate: 200, seconds: Math.max(5, seconds) }, progress);
  [...callers, ...many].forEach((caller) => caller.close());
  const { p50, p99 } = quantiles(steady.latencies);
  return {
    commands: {
      acceptedPerSecond: against(1_500, round(perSecond)),
      at200PerSecond: { p50, p99: against(50, p99, 'lower') },
    },
  };
}
