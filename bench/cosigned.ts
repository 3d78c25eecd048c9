// How long an event waits until others stand by it: from the request that causes it to its own agency's checkpoint with one
// peer's cosignature, with both (final), and until both peers hold it in their own databases (mirrored). A whole region runs.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { Pool } from 'pg';
import { urlOfRunning } from '#chassis/database-url';
import type { Agency } from '#kernel/envelope';
import { Region } from '../apps/region/src/region';
import { openDesk, report } from './desk';
import type { Desk, Load } from './desk';
import type { BenchOptions } from './options';
import { quantiles } from './quantiles';
import { against } from './rounds';

const loads: readonly Load[] = [
  { rate: 1, seconds: 30 },
  { rate: 50, seconds: 30 },
  { rate: 200, seconds: 15 },
];
const lookMs = 10;
const patienceMs = 60_000;

type Pools = { readonly own: Pool; readonly peers: readonly Pool[] };

/** How far the inspection office's log was covered when: sizes, as the office itself knows them. */
type Look = {
  readonly at: number;
  readonly signed: number;
  readonly cosignedByOne: number;
  readonly cosignedByBoth: number;
  /** Under one checkpoint with both cosignatures, as an outsider is shown it. */
  readonly oneNote: number;
  readonly mirrored: number;
};

export async function measureCosigned({ seconds }: BenchOptions): Promise<object> {
  const data = mkdtempSync(join(tmpdir(), 'sanfang-bench-cosigned-'));
  const region = await Region.start({ data });
  const poolOf = async (agency: Agency): Promise<Pool> =>
    new Pool({ connectionString: await urlOfRunning(join(region.folder(agency), 'postgres')), max: 1 });
  const pools = { own: await poolOf('inspection'), peers: [await poolOf('commission'), await poolOf('organization')] };
  try {
    const desk = await openDesk(region);
    const watching = new Watching(pools);
    await run(watching, pools, desk, { rate: 20, seconds: 5 });
    const results: object[] = [];
    for (const each of loads) {
      const load = { ...each, ...(seconds !== undefined && { seconds }) };
      results.push({ ...load, ...(await run(watching, pools, desk, load)) });
    }
    return { from: 'inspection, HTTP request sent', milliseconds: results };
  } finally {
    for (const pool of [pools.own, ...pools.peers]) await pool.end();
    await region.stop();
    rmSync(data, { recursive: true, force: true });
  }
}

async function run(watching: Watching, { peers: [peer] }: Pools, desk: Desk, load: Load): Promise<object> {
  const sent = new Map<string, number>();
  const stopped = new AbortController();
  const looking = watching.until(stopped.signal);
  const acknowledged = await report(desk, load, sent);
  const indices = await indicesOf(peer!, [...sent.keys()]);
  const last = Math.max(...indices.values());
  const looks = await looking.passed(last, stopped);
  const waited = (size: (look: Look) => number): number[] =>
    [...indices].map(([id, index]) => looks.find((look) => size(look) > index)!.at - (sent.get(id) ?? NaN));
  const [final, mirrored] = [
    quantiles(waited((look) => look.cosignedByBoth)),
    quantiles(waited((look) => look.mirrored)),
  ];
  return {
    acknowledged: quantiles(acknowledged),
    signed: quantiles(waited(({ signed }) => signed)),
    cosignedByOne: quantiles(waited(({ cosignedByOne }) => cosignedByOne)),
    cosignedByBoth: final,
    underOneNote: quantiles(waited(({ oneNote }) => oneNote)),
    mirrored,
    p99: { cosignedByBoth: against(5000, final.p99, 'lower'), mirrored: against(10_000, mirrored.p99, 'lower') },
  };
}

/** Where the events stand in the office's log, as a peer holds it. Waits until it holds them all. */
async function indicesOf(pool: Pool, ids: readonly string[]): Promise<Map<string, number>> {
  const started = performance.now();
  for (;;) {
    const { rows } = await pool.query<{ id: string; index: string }>(
      'select id, index from inbox.entry where id = any($1)',
      [ids],
    );
    if (rows.length === ids.length) return new Map(rows.map(({ id, index }) => [id, Number(index)]));
    if (performance.now() - started > patienceMs) throw new Error(`${ids.length - rows.length} events did not arrive`);
    await pause(100);
  }
}

class Watching {
  constructor(private readonly pools: Pools) {}

  /** Looks every few milliseconds until it is told to stop. */
  until(signal: AbortSignal) {
    const looks: Look[] = [];
    const behind = (index: number): boolean => {
      const look = looks.at(-1);
      return !look || Math.min(look.cosignedByBoth, look.oneNote, look.mirrored) <= index;
    };
    const ended = (async () => {
      while (!signal.aborted) {
        looks.push(await this.look());
        await pause(lookMs);
      }
    })();
    ended.catch(() => undefined);
    return {
      /** @throws Error when the entry is not mirrored and cosigned by both in time */
      passed: async (index: number, stop: AbortController): Promise<readonly Look[]> => {
        const started = performance.now();
        while (behind(index) && performance.now() - started < patienceMs) await pause(lookMs);
        stop.abort();
        await ended;
        if (behind(index)) throw new Error(`entry ${index} was not covered by all within ${patienceMs} ms`);
        return looks;
      },
    };
  }

  private async look(): Promise<Look> {
    const own = this.pools.own.query<{ signed: string; sizes: string[]; both: string }>(
      `with own as (select split_part(note, E'\\n', 1) as origin, size from log.checkpoint order by size desc limit 1)
       select own.size as signed,
         array(select max(size) from witness.cosignature where origin = own.origin
               group by witness order by 1 desc) as sizes,
         coalesce((select size from witness.cosignature where origin = own.origin
                   group by size having count(distinct witness) >= 2 order by size desc limit 1), 0) as both
       from own`,
    );
    const held = this.pools.peers.map((pool) =>
      pool.query<{ size: string }>(`select size from inbox.peer where agency = 'inspection'`),
    );
    const [{ rows }, ...mirrors] = await Promise.all([own, ...held]);
    const { signed = '0', sizes = [], both = '0' } = rows[0] ?? {};
    return {
      at: performance.now(),
      signed: Number(signed),
      cosignedByOne: Number(sizes[0] ?? 0),
      cosignedByBoth: Number(sizes[1] ?? 0),
      oneNote: Number(both),
      mirrored: Math.min(...mirrors.map((mirror) => Number(mirror.rows[0]?.size ?? 0))),
    };
  }
}
