// From the call that appends an event to the moment when a signed checkpoint that covers it is visible, while so many
// events a second come: the store and the relay as a service runs them, on a real PostgreSQL. Open loop: an event is
// appended when it is due, whatever became of the one before.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { Pulse } from '#chassis/pulse';
import { startTestPostgres } from '#testing/postgres';
import { sanfang } from './append-contenders';
import type { Appender } from './append-contenders';
import { newEvent } from './events';
import type { BenchOptions } from './options';
import { quantiles } from './quantiles';
import { against } from './rounds';

const rates = [100, 1_000];

export async function measureSigned({ seconds = 10 }: BenchOptions): Promise<object> {
  const postgres = await startTestPostgres();
  const folder = mkdtempSync(join(tmpdir(), 'sanfang-bench-signed-'));
  const pulse = new Pulse();
  const log = await sanfang(await postgres.fresh(), folder, pulse);
  try {
    // One entry an event, in the order of the store: the log's size says which events are covered.
    const signedAt: number[] = [];
    pulse.beats.subscribe((beat) => {
      if (beat.kind !== 'log') return;
      const now = performance.now();
      while (signedAt.length < beat.size) signedAt.push(now);
    });
    await run(log, signedAt, { rate: 200, seconds: 2 }, 'warm');
    const results: object[] = [];
    for (const rate of rates) results.push(await run(log, signedAt, { rate, seconds }, String(rate)));
    return { from: 'append called', to: 'checkpoint that covers it visible', milliseconds: results };
  } finally {
    await log.close();
    await postgres.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

type Load = { readonly rate: number; readonly seconds: number };

async function run(log: Appender, signedAt: readonly number[], load: Load, prefix: string): Promise<object> {
  const sent = new Map<number, number>();
  const acknowledged: number[] = [];
  const appends: Promise<void>[] = [];
  const started = performance.now();
  for (let n = 0; n < load.rate * load.seconds; n++) {
    const due = started + (n * 1000) / load.rate;
    if (due > performance.now()) await pause(due - performance.now());
    const from = performance.now();
    appends.push(
      log.append(`issue-signed-${prefix}-${n}`, [newEvent(n)], -1).then((stored) => {
        acknowledged.push(performance.now() - from);
        sent.set(Number((stored as { position: bigint }).position), from);
      }),
    );
  }
  await Promise.all(appends);
  await log.settle();
  const latencies = [...sent].map(([position, from]) => (signedAt[position - 1] ?? NaN) - from);
  const signed = quantiles(latencies);
  return {
    rate: load.rate,
    acknowledged: quantiles(acknowledged),
    signed,
    p50: against(50, signed.p50, 'lower'),
    p99: against(250, signed.p99, 'lower'),
  };
}
