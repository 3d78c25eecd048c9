// Appends with an expected revision: our store, with the relay signing beside it as in a service, against Emmett,
// castore, message-db, a one-statement append function and a bare insert. w = writers at once, k = events of one
// append.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startTestPostgres } from '#testing/postgres';
import { appenders } from './append-contenders';
import type { Appender } from './append-contenders';
import { cpuSeconds } from './cpu';
import { meanBodyBytes, newEvent, streamLength } from './events';
import type { BenchOptions } from './options';
import { quantiles } from './quantiles';
import { against, interleaved, median, ratio, round } from './rounds';

const loads = [
  { name: 'w1k1', writers: 1, events: 1, goals: { appendFunction: 0.7 } },
  { name: 'w16k1', writers: 16, events: 1, goals: { emmett: 4, appendFunction: 1.5, bareInsert: 1.2 } },
  { name: 'w1k10', writers: 1, events: 10, goals: {} },
  { name: 'w16k10', writers: 16, events: 10, goals: { emmett: 1.5 } },
] as const;

type Stretch = {
  readonly perSecond: number;
  /** Client, server and what goes on behind the answers, such as our signing. */
  readonly cpuMicroseconds: number;
  readonly latencies: readonly number[];
};
type Load = { readonly writers: number; readonly events: number };

export async function measureAppend({ rounds = 3, seconds = 3 }: BenchOptions): Promise<object> {
  const postgres = await startTestPostgres();
  const folder = mkdtempSync(join(tmpdir(), 'sanfang-bench-append-'));
  const contenders = await appenders(() => postgres.fresh(), folder);
  try {
    for (const each of contenders) await stretch(each, { writers: 16, events: 1 }, 1, 'warm');
    const results: Record<string, object> = {};
    for (const { name, goals, ...load } of loads) {
      let turn = 0;
      const measured = await interleaved(
        rounds,
        contenders.map((each) => ({
          name: each.name,
          measure: () => stretch(each, load, seconds, `${name}-${turn++}`),
        })),
      );
      results[name] = shown(measured, goals);
    }
    return { unit: 'events a second', meanBodyBytes, rounds, seconds, ...results };
  } finally {
    for (const each of contenders) await each.close();
    await postgres.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

function shown(measured: ReadonlyMap<string, readonly Stretch[]>, goals: Readonly<Record<string, number>>): object {
  const speeds = (name: string) => (measured.get(name) ?? []).map(({ perSecond }) => perSecond);
  const each = Object.fromEntries(
    [...measured].map(([name, stretches]) => {
      const { p50, p99 } = quantiles(stretches.flatMap(({ latencies }) => latencies));
      const cpuMicroseconds = round(median(stretches.map((one) => one.cpuMicroseconds)));
      return [name, { perSecond: round(median(speeds(name))), cpuMicroseconds, p50, p99 }];
    }),
  );
  const ratios = Object.fromEntries(
    Object.entries(goals).map(([peer, goal]) => [`pg/${peer}`, against(goal, ratio(speeds('pg'), speeds(peer)))]),
  );
  return { ...each, ratios };
}

async function stretch(appender: Appender, load: Load, seconds: number, prefix: string): Promise<Stretch> {
  const cpu = cpuSeconds();
  const started = performance.now();
  const end = started + seconds * 1000;
  const latencies: number[] = [];
  let stored = 0;
  const write = async (writer: number): Promise<void> => {
    let [stream, revision, n] = [0, -1, writer * 31];
    while (performance.now() < end) {
      if (revision + 1 + load.events > streamLength) {
        stream++;
        revision = -1;
      }
      const events = Array.from({ length: load.events }, () => newEvent(n++));
      const from = performance.now();
      await appender.append(`issue-${prefix}-${writer}-${stream}`, events, revision);
      latencies.push(performance.now() - from);
      revision += load.events;
      stored += load.events;
    }
  };
  await Promise.all(Array.from({ length: load.writers }, (_, writer) => write(writer)));
  const perSecond = stored / ((performance.now() - started) / 1000);
  await appender.settle();
  return { perSecond, cpuMicroseconds: ((cpuSeconds() - cpu) * 1e6) / stored, latencies };
}
