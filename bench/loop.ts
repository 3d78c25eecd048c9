// One event's way: asked of one agency over HTTP, stored, signed, fetched by another agency, verified, projected, and
// readable there in a query. Open loop: a request leaves when it is due, whatever became of the one before.
import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { paths } from '#contracts/api';
import { urlOfRunning } from '#chassis/database-url';
import { eventIdOf } from '#chassis/ids';
import { Pool } from 'pg';
import { Client } from '../apps/region/src/client';
import { demonstrationFeedback } from '../apps/region/src/feedback-text';
import { admit, staffOf } from '../apps/region/src/people';
import { Region } from '../apps/region/src/region';
import { claim, ledger, openFeedback } from '../apps/region/src/scenario';
import type { Staff } from '../apps/region/src/scenario';
import { startLoopPeer } from './loop-peers';
import type { LoopLoad, LoopPeer, LoopResult } from './loop-peers';
import type { BenchOptions } from './options';
import { quantiles } from './quantiles';
import { against, round } from './rounds';
import { seenOf } from './seen';

/** Events a second and for how long: enough samples for a p99 at each rate. */
const loads = [
  { rate: 1, seconds: 20 },
  { rate: 50, seconds: 20 },
  { rate: 200, seconds: 10 },
];
/** An account may ask ten times a second, so the load is spread over as many people as it needs. */
const authors = 30;

type Run = LoopResult & { readonly acknowledged: ReturnType<typeof quantiles> };

export async function measureLoop({ peers = false, seconds }: BenchOptions): Promise<object> {
  const data = mkdtempSync(join(tmpdir(), 'sanfang-bench-loop-'));
  const region = await Region.start({ data });
  const pool = new Pool({
    connectionString: await urlOfRunning(join(region.folder('commission'), 'postgres')),
    max: 2,
  });
  const [notify, emmett] = peers ? [await startLoopPeer('notify'), await startLoopPeer('emmett')] : [];
  try {
    const { issues, writers } = await prepare(region);
    const warm = { rate: 20, seconds: 5 };
    await run(pool, issues, writers, warm);
    await notify?.run(warm);
    await emmett?.run(warm);
    const rates: object[] = [];
    for (const each of loads) {
      const load = { ...each, ...(seconds !== undefined && { seconds }) };
      const own = await run(pool, issues, writers, load);
      rates.push({ ...load, ...own, ...(notify && emmett && (await beside(own, notify, emmett, load))) });
    }
    return { from: 'inspection, HTTP request sent', to: 'commission, row seen by a query', milliseconds: rates };
  } finally {
    await notify?.stop();
    await emmett?.stop();
    await pool.end();
    await region.stop();
    rmSync(data, { recursive: true, force: true });
  }
}

async function beside(own: Run, notify: LoopPeer, emmett: LoopPeer, load: LoopLoad): Promise<object> {
  const [shared, consumer] = [await notify.run(load), await emmett.run(load)];
  const by = (peer: LoopResult): number => round(own.readable.p50 / peer.readable.p50, 3);
  const ratios = { 'p50/notify': against(2, by(shared), 'lower'), 'p50/emmett': against(0.05, by(consumer), 'lower') };
  return { notify: shared, emmett: consumer, ratios };
}

async function prepare(region: Region): Promise<{ issues: string[]; writers: Client[] }> {
  const { name, text } = demonstrationFeedback;
  const { cast } = await openFeedback(region, { name, bytes: new TextEncoder().encode(text) }, '2026-09-01');
  const lines = await ledger(cast.office);
  for (const line of lines) await claim(cast.staff.get(line.unitId) as Staff, line.issueId);
  const [first] = lines;
  if (!first) throw new Error('the demonstration text yields no issue');
  const people = Array.from({ length: authors }, (_, n) => staffOf(first, n + 1)[1]).filter(
    (each) => each !== undefined,
  );
  await admit(region, people);
  const signIns = people.map((each) => () => Client.signedIn(region.urls.inspection, each.login, each.password));
  const writers: Client[] = [];
  for (const signIn of signIns) writers.push(await signIn());
  return { issues: lines.map((line) => line.issueId), writers };
}

async function run(
  pool: Pool,
  issues: readonly string[],
  writers: readonly Client[],
  load: { rate: number; seconds: number },
): Promise<Run> {
  const count = load.rate * load.seconds;
  const sent = new Map<string, number>();
  const acknowledged: number[] = [];
  const observing = seenOf(pool, 'select id from views.timeline where id = any($1)', sent, count);
  // A refused request ends the run below; what its observer says then must not hide it.
  observing.catch(() => undefined);
  const started = performance.now();
  const requests: Promise<unknown>[] = [];
  for (let n = 0; n < count; n++) {
    await pause(Math.max(0, started + (n * 1000) / load.rate - performance.now()));
    const commandId = randomUUID();
    const issueId = issues[n % issues.length] as string;
    const path = paths.issueAction(issueId, 'reportProgress');
    const from = performance.now();
    sent.set(eventIdOf(`issue-${issueId}`, commandId, 0), from);
    const writer = writers[n % writers.length] as Client;
    requests.push(
      writer.send(path, { text: `本周推进情况第${n}次报告：已补齐记录${n}份。` }, { commandId }).then(() => {
        acknowledged.push(performance.now() - from);
      }),
    );
  }
  await Promise.all(requests);
  const seen = await observing;
  const latencies = [...seen].map(([id, at]) => at - (sent.get(id) ?? NaN));
  return { readable: quantiles(latencies), acknowledged: quantiles(acknowledged), lost: count - seen.size };
}
