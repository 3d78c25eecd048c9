// `fsck` of one agency while its service is stopped: opens what the service would open, checks all of it, tells what it
// finds as it goes. Nothing is changed but read models, whose rebuilt rows replace the live ones as in every rebuild.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { Command } from 'commander';
import type { AnyView } from '#kernel/view';
import type { ServedStore } from '#store/event-store';
import type { DataSource } from 'typeorm';
import { Clock } from '../clock';
import type { Config } from '../config';
import { wordsOf } from '../announce-keys';
import { KeyBook } from '../key-book';
import { hasKeys, openKeys } from '../keys';
import { openLog, redacted } from '../logging';
import type { Log } from '../logging';
import { openData } from '../open-data';
import type { Running } from '../open-data';
import { publisherOfSlices } from '../publishing';
import { Pulse } from '../pulse';
import { takeLease } from '../relay-lease';
import { openReading } from '../sealing/open-sealing';
import type { Slice } from '../slice';
import { ownEvents, peerEvents } from '../views/sources';
import { rosterOf } from '../witness/roster';
import { rebuildAll } from '../views/rebuild';
import { partOf, parts, placeOf, remedyOf } from './finding';
import type { Finding, Part } from './finding';
import { checkLogs } from './fsck';
import { checkJournal } from './journal-rows';
import { judgeKeptFile, keptFiles } from './kept-files';
import { peerKeys, witnessKeys } from './peer-keys';

export class UsageFault extends Error {
  override readonly name = 'UsageFault';
}

export type FsckOptions = {
  readonly config: Config;
  readonly slices: readonly Slice[];
  /** Also rebuild and compare the read models. */
  readonly views: boolean;
  readonly onProgress?: (what: string, done: bigint, size: bigint) => void;
};

export type Opened = { readonly store: ServedStore; readonly database: DataSource };

/** Everything is opened for one piece of work, under the locks of a running service, and closed again. */
export async function withStopped<Done>(
  config: Config,
  log: Log,
  work: (opened: Opened) => Promise<Done>,
): Promise<Done> {
  const running: Running = [];
  try {
    const onFatal = (what: string, error: Error): void => log.error({ err: error }, what);
    const opened = await openData({ config, log, onFatal }, running);
    const lease = await takeLease(opened.database, config.origin, new AbortController().signal, 0);
    running.push({ name: 'lease', stop: () => lease.release() });
    return await work(opened);
  } finally {
    for (const part of running.reverse()) await part.stop();
  }
}

/** What is not there must not be made by a check. @throws UsageFault */
export function demandData({ agency, folder, databaseUrl }: Config): void {
  if (hasKeys(folder) && (databaseUrl !== undefined || existsSync(join(folder, 'postgres', 'cluster')))) return;
  throw new UsageFault(`${folder} holds no data of ${agency}; set SANFANG_DATA to the folder of its service`);
}

/** Every finding, in the order of the parts. @throws DataFolderInUse, StoreInUse, RelayFault while the service runs */
export async function* fsck(options: FsckOptions, { store, database }: Opened): AsyncGenerator<Finding, void> {
  const { config, slices } = options;
  const publish = publisherOfSlices(slices);
  const { log: key, witness, journal: keyOf } = openKeys(config.folder, config.origin);
  const folder = join(config.folder, 'log');
  const book = new KeyBook({ sql: database, config, words: await wordsOf(store, config.agency) });
  const witnesses = witnessKeys(config, rosterOf(config).following(config.peers, book), witness);
  const checked = { store, database, publish, key, folder, peerKey: peerKeys(book), witnesses };
  const { onProgress } = options;
  yield* checkLogs(checked, { allCheckpoints: true, ...(onProgress && { onProgress }) });
  const journal = { store, sql: database, agency: config.agency, keyOf };
  yield* checkJournal({ ...journal, ...(onProgress && { onProgress }) });
  for await (const sha256 of keptFiles(join(config.folder, 'files'))) {
    const finding = await judgeKeptFile(join(config.folder, 'files'), sha256);
    if (finding) yield finding;
  }
  if (!options.views) return;
  const pulse = new Pulse();
  const { open } = await openReading({ config, database });
  const sources = [
    ownEvents(store, config.agency, config.origin, publish),
    ...config.peers.map((peer) => peerEvents(database, pulse, peer, open)),
  ];
  const views: readonly AnyView[] = slices.flatMap((slice) => slice.views ?? []);
  const clock = new Clock();
  const { signal } = new AbortController();
  for (const { view, equal } of await rebuildAll(database, views, sources, () => clock.now(), signal)) {
    if (equal === false) yield { fault: 'view', name: view, what: 'the live rows were not what the events say' };
  }
}

// Enough to see what happened; the rest is counted.
const toldFindings = 1_000;

export type Report = {
  readonly ok: boolean;
  /** How many in each part. */
  readonly damaged: Readonly<Partial<Record<Part, number>>>;
  readonly findings: readonly (Omit<Finding, 'index'> & {
    readonly part: Part;
    readonly index?: number;
    readonly remedy: ReturnType<typeof remedyOf>;
  })[];
};

export async function reportOf(
  findings: AsyncIterable<Finding>,
  onFinding: (finding: Finding) => void = () => undefined,
): Promise<Report> {
  const damaged: Partial<Record<Part, number>> = {};
  const kept: Report['findings'][number][] = [];
  for await (const finding of findings) {
    const part = partOf(finding);
    damaged[part] = (damaged[part] ?? 0) + 1;
    if (kept.length >= toldFindings) continue;
    const { index, ...rest } = finding;
    kept.push({ part, ...rest, ...(index !== undefined && { index: Number(index) }), remedy: remedyOf(finding) });
    onFinding(finding);
  }
  return { ok: Object.keys(damaged).length === 0, damaged, findings: kept };
}

/** @param words what follows the agency's name @returns exit code: 0 whole, 1 damaged, 2 not checked */
export async function runFsck(config: Config, slices: readonly Slice[], words: readonly string[]): Promise<number> {
  try {
    demandData(config);
    const command = new Command(`fsck ${config.agency}`).exitOverride().configureOutput({ writeErr: () => undefined });
    command
      .option('--json')
      .option('--no-views')
      .parse([...words], { from: 'user' });
    const { json = false, views } = command.opts<{ json?: boolean; views: boolean }>();
    // Standard output belongs to the report.
    const log = openLog('error', config.agency, process.stderr);
    const options = { config, slices, views, onProgress: tellProgress };
    const told = json ? () => undefined : tellFinding;
    const report = await withStopped(config, log, (opened) => reportOf(fsck(options, opened), told));
    process.stdout.write(json ? `${JSON.stringify(report)}\n` : summary(config, report));
    return report.ok ? 0 : 1;
  } catch (error) {
    process.stderr.write(`未检查 / not checked: ${String(redacted((error as Error).message))}\n`);
    return 2;
  }
}

function tellFinding(finding: Finding): void {
  const { zh, en } = remedyOf(finding);
  const [part, place] = [partOf(finding), placeOf(finding)];
  process.stdout.write(`${part} ${place}: ${finding.fault}, ${finding.what}\n  处置：${zh}\n  remedy: ${en}\n`);
}

function tellProgress(what: string, done: bigint, size: bigint): void {
  if (done > 0n && done % 400n === 0n) process.stderr.write(`${what} ${done * 256n} / ${size * 256n}\n`);
}

function summary({ agency }: Config, { ok, damaged }: Report): string {
  if (ok) return `${agency}：完好 / whole\n`;
  const counts = parts.flatMap((part) => (damaged[part] ? [`${part} ${damaged[part]}`] : []));
  return `${agency}：发现损坏 / damaged: ${counts.join(', ')}\n`;
}
