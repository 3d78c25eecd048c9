// One event's way: asked of one agency over HTTP, stored, signed, fetched by another agency, verified, projected, and
// readable there in a query. Open loop: a request leaves when it is due, whatever became of the one before.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { urlOfRunning } from '#chassis/database-url';
import { Pool } from 'pg';
import { Region } from '../apps/region/src/region';
import { openDesk, report } from './desk';
import type { Desk, Load } from './desk';
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
    const desk = await openDesk(region);
    const warm = { rate: 20, seconds: 5 };
    await run(pool, desk, warm);
    await notify?.run(warm);
    await emmett?.run(warm);
    const rates: object[] = [];
    for (const each of loads) {
      const load = { ...each, ...(seconds !== undefined && { seconds }) };
      const own = await run(pool, desk, load);
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

async function run(pool: Pool, desk: Desk, load: Load): Promise<Run> {
  const count = load.rate * load.seconds;
  const sent = new Map<string, number>();
  const observing = seenOf(pool, 'select id from views.timeline where id = any($1)', sent, count);
  // A refused request ends the run below; what its observer says then must not hide it.
  observing.catch(() => undefined);
  const acknowledged = await report(desk, load, sent);
  const seen = await observing;
  const latencies = [...seen].map(([id, at]) => at - (sent.get(id) ?? NaN));
  return { readable: quantiles(latencies), acknowledged: quantiles(acknowledged), lost: count - seen.size };
}
