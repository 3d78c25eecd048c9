// The way of one event through the peers of `loop`: the same rates, the same measure, the same driver.
import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { Pool } from 'pg';
import { startTestPostgres } from '#testing/postgres';
import { start, stop } from './children';
import { Caller } from './http-load';
import { nextMessage, withClient } from './loaded';
import type { LoopPeerReady } from './loop-peer';
import { quantiles } from './quantiles';
import { seenOf } from './seen';

export type LoopLoad = { readonly rate: number; readonly seconds: number };
export type LoopResult = { readonly readable: ReturnType<typeof quantiles>; readonly lost: number };
export type LoopPeer = { run(load: LoopLoad): Promise<LoopResult>; stop(): Promise<void> };

export async function startLoopPeer(name: 'notify' | 'emmett'): Promise<LoopPeer> {
  const postgres = await startTestPostgres();
  await withClient(postgres.url, async (client) => {
    await client.query(
      `create table events (position bigint generated always as identity primary key, id uuid unique, data text)`,
    );
    await client.query('create table seen (id uuid primary key, data text, position bigint)');
  });
  const author = start('loop-peer', [`${name}-author`, postgres.url]);
  const { url } = await nextMessage<LoopPeerReady>(author);
  const reader = start('loop-peer', [`${name}-reader`, postgres.url]);
  await nextMessage<LoopPeerReady>(reader);
  const pool = new Pool({ connectionString: postgres.url, max: 2 });
  const caller = new Caller(url, 64);
  return {
    run: (load) => run(pool, caller, load),
    async stop() {
      caller.close();
      await pool.end();
      await stop(reader);
      await stop(author);
      await postgres.stop();
    },
  };
}

async function run(pool: Pool, caller: Caller, { rate, seconds }: LoopLoad): Promise<LoopResult> {
  const count = rate * seconds;
  const sent = new Map<string, number>();
  const seeing = seenOf(pool, 'select id from seen where id = any($1)', sent, count);
  const started = performance.now();
  const requests: Promise<unknown>[] = [];
  for (let n = 0; n < count; n++) {
    await pause(Math.max(0, started + (n * 1000) / rate - performance.now()));
    const id = randomUUID();
    sent.set(id, performance.now());
    const body = { id, text: `本周推进情况第${n}次报告：已补齐记录${n}份。` };
    requests.push(caller.send({ method: 'POST', path: '/', body }));
  }
  await Promise.all(requests);
  const seen = await seeing;
  const latencies = [...seen].map(([id, at]) => at - (sent.get(id) ?? NaN));
  return { readable: quantiles(latencies), lost: count - seen.size };
}
