// A region of three real agencies for one story: processes, clusters, logs in a temporary folder, gone afterwards. Where
// SANFANG_TEST_DATABASE_URL names a server, each agency gets a database of its own there instead of an embedded cluster.
import { mkdtempSync, rmSync } from 'node:fs';
import { execFile } from 'node:child_process';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { Client as Postgres } from 'pg';
import { urlOfRunning } from '#chassis/database-url';
import { testServerUrl } from '#chassis/postgres/test-server';
import { agencies } from '#kernel/envelope';
import type { Agency } from '#kernel/envelope';
import { startTestPostgres } from '#testing/postgres';
import { Answered } from '../../apps/region/src/client';
import { program } from '../../apps/region/src/programs';
import { Region } from '../../apps/region/src/region';
import type { RegionOptions } from '../../apps/region/src/region';
import { openFeedback } from '../../apps/region/src/scenario';
import type { Opened, PaperFile } from '../../apps/region/src/scenario';
import { demandForeign } from '../foreign/after-story';
import { memoryKept } from '../node/node-log';
import { ProtocolNode } from '../node/protocol-node';

export type World = {
  readonly region: Region;
  readonly data: string;
  /** Settings of all agencies, also for a command-line program; what is changed here holds from their next start on. */
  readonly settings: Record<string, string>;
  /** The event store of each agency, where it is not its PostgreSQL. */
  readonly nodes: Partial<Record<Agency, ProtocolNode>>;
  /** Of the agency's own database while it runs. */
  databaseUrl(agency: Agency): Promise<string>;
  end(): Promise<void>;
};

/** `SANFANG_TEST_STORE=esdb`: each agency on an event store of its own, a bench node that outlives its services. */
const onEsdb = process.env['SANFANG_TEST_STORE'] === 'esdb';

export type WorldOptions = Partial<RegionOptions> & {
  /** Told of the empty data folder before anything is in it. */
  readonly prepare?: (data: string) => void;
  /** Why the logs that it leaves are not shown to Go: they were damaged on purpose. */
  readonly damaged?: string;
  /** Told of it when no process uses it any more. */
  readonly cleared?: (data: string) => void;
};

export async function world({ env, prepare, damaged, cleared, ...options }: WorldOptions = {}): Promise<World> {
  const data = mkdtempSync(join(tmpdir(), 'sanfang-story-'));
  const given = testServerUrl() === undefined ? undefined : await startTestPostgres();
  const nodes: Partial<Record<Agency, ProtocolNode>> = {};
  const urls: Partial<Record<Agency, string>> = {};
  const settings: Record<string, string> = { SANFANG_DATA: data };
  for (const agency of agencies) {
    const own = agency.toUpperCase();
    if (given) settings[`${own}_DATABASE_URL`] = urls[agency] = await given.fresh();
    if (!onEsdb) continue;
    const node = await ProtocolNode.start({ kept: memoryKept(() => new Date().toISOString()) });
    nodes[agency] = node;
    settings[`${own}_EVENT_STORE_URL`] = node.url;
  }
  Object.assign(settings, env);
  prepare?.(data);
  const end = async (region?: Region): Promise<void> => {
    await region?.stop();
    for (const node of Object.values(nodes)) await node.kill();
    await given?.stop();
    try {
      if (region && damaged === undefined) await demandForeign(data);
    } finally {
      cleared?.(data);
      rmSync(data, { recursive: true, force: true });
    }
  };
  // What a start that fails leaves behind would keep the tests' process from ending.
  const region = await Region.start({ data, restart: false, ...options, env: settings }).catch(
    async (error: unknown) => {
      await end();
      throw error;
    },
  );
  return {
    ...{ region, data, settings, nodes },
    databaseUrl: async (agency) => urls[agency] ?? (await urlOfRunning(join(region.folder(agency), 'postgres'))),
    end: () => end(region),
  };
}

/** Position of the last event that an agency stored, wherever it stores them. */
export async function storeHead(here: World, agency: Agency): Promise<string> {
  const node = here.nodes[agency];
  if (node) return String(await node.kept.head());
  return asAdministrator(here, agency, async (postgres) => {
    const { rows } = await postgres.query<{ head: string }>('select max(position) as head from store.events');
    return rows[0]?.head as string;
  });
}

/**
 * Changes what an agency's event store holds behind everybody's back, as who owns it can.
 * @param position of the event, as the log's rows name it
 * @returns to undo it
 */
export async function rewriteStored(
  here: World,
  agency: Agency,
  position: string,
  change: (data: string) => string,
): Promise<() => Promise<void>> {
  const node = here.nodes[agency];
  if (node) {
    await node.rewrite(BigInt(position), change);
    return async () => node.restore();
  }
  // Who owns the database can take the guard away; the log is what he cannot reach.
  const put = (data: string) =>
    asAdministrator(here, agency, async (postgres) => {
      await postgres.query('alter table store.events disable trigger history');
      await postgres.query('update store.events set data = $2 where position = $1', [position, data]);
    });
  const before = await asAdministrator(here, agency, async (postgres) => {
    const { rows } = await postgres.query<{ data: string }>('select data from store.events where position = $1', [
      position,
    ]);
    return rows[0]?.data as string;
  });
  await put(change(before));
  return () => put(before);
}

export const feedbackDate = '2026-09-01';

/** A text of our own in the style of a feedback to several units, each with a few issues. */
export function feedbackOf(units: readonly string[], issues: readonly string[]): PaperFile {
  const series = ['一是', '二是', '三是', '四是', '五是', '六是', '七是', '八是', '九是', '十是'];
  const paragraphs = units.map(
    (unit) => `${unit}存在的主要问题是：${issues.map((issue, n) => `${series[n]}${issue}`).join('。')}。`,
  );
  const lead = `按照县委部署，2026年5月至7月，县委巡察组分别对${units.join('、')}开展了常规巡察。现将巡察反馈情况公布如下。`;
  return { name: '示范反馈.txt', bytes: new TextEncoder().encode([lead, ...paragraphs].join('\n')) };
}

export const twoUnits = feedbackOf(
  ['示范县水利局党组', '示范县文旅局党组'],
  ['学习贯彻部署要求不够及时', '工程项目监管不够有力', '选人用人程序不够规范'],
);

export function opened({ region }: World, paper: PaperFile = twoUnits): Promise<Opened> {
  return openFeedback(region, paper, feedbackDate);
}

export type Audit = {
  ok: boolean;
  origin?: string;
  index?: number | string;
  what?: string;
  verdict?: string;
  faults?: { what: string }[];
  logs?: {
    origin: string;
    size: number;
    witnesses?: string[];
    witnessedSize?: number;
    second?: string;
    selfCheck?: string;
  }[];
};

/** The outsider's program, as its own process, over folders or addresses. */
export async function audit(
  targets: readonly string[],
  verb: 'verify' | 'replay' = 'verify',
): Promise<{ code: number; result: Audit; said: string }> {
  const run = promisify(execFile)(process.execPath, [program('apps/auditor/src/main'), verb, ...targets, '--json']);
  const { stdout, stderr, code } = await run.then(
    (ended) => ({ ...ended, code: 0 }),
    (error: { stdout: string; stderr: string; code: number }) => error,
  );
  return { code, said: stderr, result: JSON.parse(stdout.trim().split('\n').at(-1) || '{}') as Audit };
}

export const logFolders = ({ region }: World): string[] => agencies.map((agency) => join(region.folder(agency), 'log'));

/** A connection to an agency's own database, as its administrator could open one. */
export async function asAdministrator<T>(
  { databaseUrl }: World,
  agency: Agency,
  work: (postgres: Postgres) => Promise<T>,
): Promise<T> {
  const postgres = new Postgres({ connectionString: await databaseUrl(agency) });
  await postgres.connect();
  try {
    return await work(postgres);
  } finally {
    await postgres.end();
  }
}

/** The refusal of something that must be refused. @throws Error when it went through */
export async function refusal(attempt: Promise<unknown>): Promise<Answered> {
  const outcome = await attempt.then(
    () => undefined,
    (error: unknown) => error,
  );
  if (!(outcome instanceof Answered)) throw new Error(`expected a refusal, got ${String(outcome)}`);
  return outcome;
}
