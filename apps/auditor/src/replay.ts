// The joint read models built anew out of the logs alone, by the folds that the agencies run (libs/joint), so that an
// outsider can say what the ledger must show, and two outsiders can compare in one line (docs/spec/replay.md).
import { createHash } from 'node:crypto';
import type { Agency, Published } from '#kernel/envelope';
import { canonicalize } from '#kernel/canonical-json';
import type { AnyView } from '#kernel/view';
import type { IssueStatus } from '#contracts/answers';
import { ledger } from '#joint/ledger/ledger';
import type { LedgerRow } from '#joint/ledger/ledger';
import { rounds } from '#joint/ledger/rounds';
import { timeline } from '#joint/ledger/timeline';
import { toBase64 } from '#tlog/bytes';
import { Frontier, leafHash } from '#tlog/merkle';
import type { ReplayFile, ReplayView } from './replay-file';
import { firstDifference } from './replay-file';
import type { Difference } from './replay-file';
import { logLine, readLogs } from './readings';
import type { LogLine, ReadLog } from './readings';
import type { Finding } from './sentences';
import { missingAgencies, Speaker } from './speaker';
import { StatedTotals } from './stated-totals';
import { gravestOf } from './verify';
import type { AuditOptions } from './verify';

const views: readonly AnyView[] = [ledger, rounds, timeline];

export interface Totals {
  readonly issues: number;
  readonly status: { readonly [status in IssueStatus]: number };
  readonly units: readonly {
    readonly unitId: string;
    readonly unitName: string;
    readonly issues: number;
    readonly closedOut: number;
    readonly substantiallyDone: number;
    readonly open: number;
  }[];
}

export type ReplayResult = {
  readonly ok: boolean;
  readonly logs: readonly LogLine[];
  readonly faults: readonly Finding[];
  /** Missing when a log did not verify: rows of unproven entries say nothing. */
  readonly rebuilt?: { readonly file: ReplayFile; readonly totals: Totals };
  readonly difference?: Difference;
} & ({ readonly verdict: 'WHOLE' } | Finding);

export interface ReplayOptions extends AuditOptions {
  /** What another replay wrote: rebuilt up to its sizes and compared. */
  readonly against?: ReplayFile;
}

/** @throws PolicyFault or BadTarget for wrong usage; everything else is in the result */
export async function replay(targets: readonly string[], options: ReplayOptions = {}): Promise<ReplayResult> {
  const { against } = options;
  const rows = new Map(views.map((view) => [view, new Map<string, { readonly id: string }>()]));
  const speakers = new Map<string, Speaker>();
  const prefixes = new Map<string, Frontier>();
  const stated = new StatedTotals();
  const { logs, faults } = await readLogs(targets, options, (origin) => {
    const speaker = new Speaker(origin);
    const prefix = Frontier.empty();
    speakers.set(origin, speaker);
    prefixes.set(origin, prefix);
    const until = against ? (against.logs.find((log) => log.origin === origin)?.size ?? 0) : Infinity;
    return (bytes, index) => {
      if (index >= until) return;
      if (against) prefix.append(leafHash(bytes));
      const published = speaker.read(bytes, index)?.published;
      if (!published) return;
      stated.take(published);
      fold(rows, published);
    };
  });
  const result = { logs: logs.map(logLine) };
  if (faults.length > 0) return { ok: false, ...result, ...gravestOf(faults)!, faults };
  const findings = [...speakers.values()].flatMap((speaker) => speaker.findings);
  findings.push(...missingAgencies([...speakers.values()]), ...(against ? prefixFaults(against, logs, prefixes) : []));
  findings.push(...(await stated.judge(logs, agenciesOf(speakers), options)));
  const file = fileOf(logs, against, rows);
  const totals = totalsOf([...rows.get(ledger)!.values()] as LedgerRow[]);
  const comparable = against && !findings.some(({ verdict }) => verdict === 'DIVERGED') && isReached(against, logs);
  const difference = comparable ? firstDifference(file, against) : undefined;
  if (difference) findings.push(differs(difference, targets));
  const worst = gravestOf(findings);
  const rebuilt = { file, totals };
  if (!worst) return { ok: true, verdict: 'WHOLE', ...result, faults: findings, rebuilt };
  return { ok: false, ...result, ...worst, faults: findings, rebuilt, ...(difference && { difference }) };
}

function agenciesOf(speakers: ReadonlyMap<string, Speaker>): Map<string, Agency> {
  return new Map([...speakers].flatMap(([origin, { agency }]) => (agency ? [[origin, agency] as const] : [])));
}

function fold(rows: ReadonlyMap<AnyView, Map<string, { readonly id: string }>>, event: Published): void {
  for (const [view, held] of rows) {
    for (const id of view.keys(event)) {
      const row = view.evolve(held.get(id), event, id) as { readonly id: string } | undefined;
      if (row) held.set(id, row);
      else held.delete(id);
    }
  }
}

function prefixFaults(
  against: ReplayFile,
  logs: readonly ReadLog[],
  prefixes: ReadonlyMap<string, Frontier>,
): Finding[] {
  return against.logs.flatMap(({ origin, size, root }): Finding[] => {
    const log = logs.find((each) => each.origin === origin);
    if (!log) {
      const what = '比对文件中有此日志,这里没有给出';
      return [{ verdict: 'PARTIAL', origin, what, reason: 'the file to compare with has it, it was not given here' }];
    }
    if (log.size < size) {
      const what = `这里只有 ${log.size} 条,比对文件重放到 ${size} 条,无法比对`;
      return [{ verdict: 'PARTIAL', origin, what, reason: `here it has ${log.size} entries, in the file ${size}` }];
    }
    if (toBase64(prefixes.get(origin)!.root()) === root) return [];
    const what = `前 ${size} 条的树根与比对文件所记不同:两份日志是分叉`;
    return [{ verdict: 'DIVERGED', origin, what, reason: `its first ${size} entries are not those of the file` }];
  });
}

function isReached(against: ReplayFile, logs: readonly ReadLog[]): boolean {
  return against.logs.every(({ origin, size }) => logs.some((log) => log.origin === origin && log.size >= size));
}

function differs({ view, id, here, there }: Difference, targets: readonly string[]): Finding {
  const how = here === undefined ? '只有比对文件有' : there === undefined ? '只有这里有' : '两边内容不同';
  const what = `同样的日志重放出不同的结果:${view} 的行 ${id} ${how}`;
  return { verdict: 'DIVERGED', origin: targets.join('、'), what, reason: `row ${id} of ${view} differs` };
}

function fileOf(
  logs: readonly ReadLog[],
  against: ReplayFile | undefined,
  rows: ReadonlyMap<AnyView, Map<string, { readonly id: string }>>,
): ReplayFile {
  const made = [...rows].map(([view, held]): ReplayView => {
    const all = createHash('sha256');
    const names = Object.keys(view.columns);
    const hashes = [...held.keys()].sort().map((id): [string, string] => {
      const row = held.get(id) as Record<string, unknown>;
      const text = canonicalize(Object.fromEntries(names.map((name) => [name, row[name]])));
      all.update(`${text}\n`);
      return [id, createHash('sha256').update(text).digest('hex')];
    });
    return { view: view.name, version: view.version, sha256: all.digest('hex'), rows: hashes };
  });
  const lines = made.map(({ view, version, rows: { length }, sha256 }) => `${view} ${version} ${length} ${sha256}\n`);
  const sha256 = createHash('sha256').update(lines.join('')).digest('hex');
  const sizes = logs.map(({ origin, size, root }) => ({ origin, size, root: toBase64(root) }));
  const sorted = sizes.sort((a, b) => (a.origin < b.origin ? -1 : 1));
  return { form: 'sanfang.replay/v1', logs: against?.logs ?? sorted, views: made, sha256 };
}

function totalsOf(all: readonly LedgerRow[]): Totals {
  const known = all.filter((row) => row.known === 1);
  const status: Record<IssueStatus, number> = {
    ...{ registered: 0, claimed: 0, rectifying: 0, closeOutRequested: 0, substantiallyDone: 0, closedOut: 0 },
  };
  const units = new Map<string, { -readonly [K in keyof Totals['units'][number]]: Totals['units'][number][K] }>();
  for (const row of known) {
    status[row.status]++;
    const { unitId, unitName } = row;
    const unit = units.get(unitId) ?? { unitId, unitName, issues: 0, closedOut: 0, substantiallyDone: 0, open: 0 };
    units.set(unitId, unit);
    unit.issues++;
    unit[row.status === 'closedOut' || row.status === 'substantiallyDone' ? row.status : 'open']++;
  }
  const sorted = [...units.values()].sort((a, b) => (a.unitId < b.unitId ? -1 : 1));
  return { issues: known.length, status, units: sorted };
}
