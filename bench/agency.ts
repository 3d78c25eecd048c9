// An agency that only follows: verified entries into its inbox, out of it into the joint read models, in one process as
// a service has it; or the same read models built anew from the inbox. Reports how long it took and its memory.
import { setTimeout as pause } from 'node:timers/promises';
import type { DataSource } from 'typeorm';
import { openDatabase } from '#chassis/database';
import { inboxMigrations } from '#chassis/peers';
import { Pulse } from '#chassis/pulse';
import { logMigrations } from '#chassis/relay-tables';
import { openerOf } from '#chassis/sealing/opener';
import { peerEvents } from '#chassis/views/sources';
import { startViews, viewMigrations } from '#chassis/views/start-views';
import type { Views } from '#chassis/views/start-views';
import { Follower } from '#stream/follower';
import { httpSource } from '#stream/http-source';
import { PgInbox } from '#stream/pg/inbox';
import { parseVkey } from '#tlog/key';
import { ledger } from '#joint/ledger/ledger';
import { rounds } from '#joint/ledger/rounds';
import { timeline } from '#joint/ledger/timeline';
import { origin } from './histories';
import { round } from './rounds';
import { silent, wallClock } from './sinks';

export type AgencyTask = {
  readonly task: 'follow' | 'rebuild';
  readonly database: string;
  readonly log: string;
  readonly vkey: string;
  readonly size: number;
};
export type AgencyReport = {
  readonly seconds: number;
  readonly inboxSeconds: number;
  /** Of this process alone. */
  readonly cpuSeconds: number;
  /** Resident memory in MB, some twenty samples over the time. */
  readonly rssMB: readonly number[];
  readonly peakRssMB: number;
  readonly rebuilt: readonly {
    readonly view: string;
    readonly rows: number;
    readonly equal: boolean;
  }[];
};

async function main(task: AgencyTask): Promise<AgencyReport> {
  const database = await openDatabase({
    url: task.database,
    applicationName: 'bench-agency',
    migrations: [...logMigrations, ...inboxMigrations, ...viewMigrations],
    onPoolError: () => undefined,
  });
  const pulse = new Pulse();
  const nothing = { kept: async () => undefined, take: () => Promise.reject(new Error('nothing is sealed here')) };
  const open = openerOf('commission', { privateKeyOf: async () => undefined, taken: nothing });
  const source = peerEvents(database, pulse, { agency: 'inspection', origin }, open);
  const onFault = (what: string, error: unknown): void => silent.error({ err: error }, what);
  const before = process.cpuUsage();
  const samples: number[] = [];
  const sampling = setInterval(() => samples.push(process.memoryUsage.rss()), 250);
  const views = await startViews({
    database,
    views: [ledger, rounds, timeline],
    sources: [source],
    pulse,
    now: wallClock,
    onFault,
  });
  const done = task.task === 'follow' ? await follow(task, database, pulse) : await rebuild(views);
  clearInterval(sampling);
  await views.stop();
  await database.destroy();
  const every = Math.max(1, Math.floor(samples.length / 20));
  const rssMB = samples.filter((_, n) => n % every === 0).map((bytes) => Math.round(bytes / 1e6));
  const { user, system } = process.cpuUsage(before);
  const cpuSeconds = round((user + system) / 1e6, 2);
  return { ...done, cpuSeconds, rssMB, peakRssMB: Math.round((process.resourceUsage().maxRSS * 1024) / 1e6) };
}

type Done = Omit<AgencyReport, 'rssMB' | 'peakRssMB' | 'cpuSeconds'>;

async function follow(task: AgencyTask, database: DataSource, pulse: Pulse): Promise<Done> {
  const abort = new AbortController();
  const started = performance.now();
  const took = (): number => round((performance.now() - started) / 1000, 2);
  let inboxSeconds = 0;
  const peer = httpSource(task.log);
  const follower = new Follower({
    origin,
    key: parseVkey(task.vkey),
    source: peer,
    inbox: new PgInbox(database, new Map([[origin, 'inspection']])),
    clock: wallClock,
    log: silent,
    onAccepted: (size) => {
      if (size === task.size) inboxSeconds = took();
      pulse.tell({ kind: 'inbox', origin, size });
    },
  });
  const following = follower.follow(abort.signal);
  for (let reached = 0; reached < task.size;) {
    await pause(25);
    const [row] = await database.query(
      `select min(position) as reached from views.cursor where generation = 'live' and source = $1`,
      [origin],
    );
    reached = Number(row?.reached ?? 0);
  }
  const seconds = took();
  abort.abort();
  peer.close();
  await following;
  return { seconds, inboxSeconds, rebuilt: [] };
}

async function rebuild(views: Views): Promise<Done> {
  const rebuilt: { view: string; rows: number; equal: boolean }[] = [];
  const started = performance.now();
  for (const { view, rows, equal } of await views.rebuildAll()) rebuilt.push({ view, rows, equal: equal === true });
  return { seconds: round((performance.now() - started) / 1000, 2), inboxSeconds: 0, rebuilt };
}

main(JSON.parse(process.argv[2] ?? '{}') as AgencyTask).then(
  (report) => process.send?.(report, () => process.exit(0)),
  (error: Error) => {
    process.stderr.write(`${error.stack}\n`);
    process.exit(1);
  },
);
