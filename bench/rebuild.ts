// All joint read models built anew from the inbox, beside the live ones that followed it event by event: how long, in
// how much memory, and whether they come out byte-equal.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startTestPostgres } from '#testing/postgres';
import { runAgency, startLogPeer } from './children';
import type { BenchOptions } from './options';
import { against, round } from './rounds';

export async function measureRebuild({ events = 1_000_000 }: BenchOptions): Promise<object> {
  const folder = mkdtempSync(join(tmpdir(), 'sanfang-bench-rebuild-'));
  const postgres = await startTestPostgres();
  try {
    const peer = await startLogPeer(folder, events);
    const shared = { database: postgres.url, log: peer.url, vkey: peer.vkey, size: events };
    const followed = await runAgency({ ...shared, task: 'follow' });
    await peer.stop();
    const report = await runAgency({ ...shared, task: 'rebuild' });
    return {
      events,
      meanEntryBytes: peer.meanEntryBytes,
      seconds: against(120 * (events / 1_000_000), report.seconds, 'lower'),
      perSecond: round(events / report.seconds),
      cpuSeconds: report.cpuSeconds,
      equal: report.rebuilt.every(({ equal }) => equal),
      views: report.rebuilt,
      peakRssMB: against(400, report.peakRssMB, 'lower'),
      following: { seconds: followed.seconds, cpuSeconds: followed.cpuSeconds, peakRssMB: followed.peakRssMB },
    };
  } finally {
    await postgres.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}
