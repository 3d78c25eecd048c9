// An outsider's audit of a whole log in a folder, as `npm run audit -- verify` does it: every entry read, its canonical
// form and envelope judged, hashed, all tiles compared, the root signed and cosigned. Against a program over Go's x/mod
// that reads the same files and builds the same tree and tiles, and parses nothing; `tree` is our reader doing just that.
import { join } from 'node:path';
import { goProgram } from '../test/foreign/program';
import { auditLog } from './audit-log';
import type { TreeReport } from './audit-tree';
import type { BenchOptions } from './options';
import { against, interleaved, median, ratio, round } from './rounds';
import { watched } from './watched';
import type { Watched } from './watched';

const root = join(__dirname, '..', '..');

export async function measureAudit({
  events = 1_000_000,
  rounds = 3,
  entryBytes = 700,
  gm = false,
}: BenchOptions): Promise<object> {
  const log = auditLog(events, entryBytes, gm);
  const go = goProgram(join(root, 'bench', 'peers', 'audit'), 18);
  if ('missing' in go) throw new Error(`nothing to compare with: ${go.missing}`);
  const auditor = join(root, 'dist', 'apps', 'auditor', 'src', 'main.js');
  const measured = await interleaved(rounds, [
    {
      name: 'sanfang',
      measure: () => watched(process.execPath, [auditor, 'verify', '--json', '--policy', log.policy, log.folder]),
    },
    {
      name: 'tree',
      measure: async () => {
        const run = await watched(process.execPath, [join(__dirname, 'audit-tree.js'), log.vkey, log.folder]);
        const { entries } = JSON.parse(run.out) as TreeReport;
        if (entries !== events) throw new Error(`read ${entries} entries of ${events}`);
        return run;
      },
    },
    { name: 'goXmod', measure: () => watched(go.path, [log.vkey, log.folder]) },
  ]);
  const of = (name: string): readonly Watched[] => measured.get(name) ?? [];
  const seconds = (name: string): readonly number[] => of(name).map((run) => run.seconds);
  const peakRssMB = Math.max(...of('sanfang').map((run) => run.peakRssMB));
  return {
    unit: 'seconds',
    events,
    rounds,
    gm,
    meanEntryBytes: log.meanEntryBytes,
    sanfang: shown(of('sanfang'), events),
    tree: shown(of('tree'), events),
    goXmod: shown(of('goXmod'), events),
    seconds: against(round((20 * events) / 1e6, 2), round(median(seconds('sanfang')), 2), 'lower'),
    peakRssMB: against(250, peakRssMB, 'lower'),
    ratios: {
      'tree/goXmod': against(1, ratio(seconds('tree'), seconds('goXmod')), 'lower'),
      'sanfang/goXmod': ratio(seconds('sanfang'), seconds('goXmod')),
    },
  };
}

function shown(runs: readonly Watched[], events: number): object {
  const seconds = median(runs.map((run) => run.seconds));
  return {
    seconds: round(seconds, 2),
    entriesPerSecond: round(events / seconds),
    cpuSeconds: round(median(runs.map((run) => run.cpuSeconds)), 2),
    peakRssMB: Math.max(...runs.map((run) => run.peakRssMB)),
  };
}
