// Jest over one project, counted and bounded: whatever a test leaves open, or waits for in vain, ends with its time.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { root } from './ensure.mjs';

/**
 * @param {'unit' | 'int' | 'stories'} kind
 * @param {{ minutes: number, args?: string[], env?: Record<string, string> }} options `minutes` bounds the whole run
 * @returns {{ passed: number, failed: number, skipped: number }} a run that broke down counts as one failure at least
 */
export function jest(kind, { minutes, args = [], env = {} }) {
  const folder = mkdtempSync(join(tmpdir(), 'sanfang-test-'));
  const report = join(folder, 'report.json');
  // Stories start whole worlds: one after the other, or they starve each other on two cores.
  const lanes = kind === 'stories' ? '--runInBand' : '--maxWorkers=2';
  const fixed = [
    '--selectProjects',
    kind,
    lanes,
    '--forceExit',
    '--passWithNoTests',
    '--json',
    `--outputFile=${report}`,
  ];
  const { status, error } = spawnSync(
    process.execPath,
    [join(root, 'node_modules/jest/bin/jest.js'), ...fixed, ...args],
    {
      cwd: root,
      env: { ...process.env, ...env },
      stdio: ['ignore', 'ignore', 'inherit'],
      timeout: minutes * 60_000,
      killSignal: 'SIGKILL',
    },
  );
  if (error)
    process.stderr.write(`the ${kind} tests did not end in order within ${minutes} minutes: ${error.message}\n`);
  const counted = read(report);
  rmSync(folder, { recursive: true, force: true });
  const failed = (counted?.numFailedTests ?? 0) + (counted?.numRuntimeErrorTestSuites ?? 0);
  return {
    passed: counted?.numPassedTests ?? 0,
    failed: status === 0 ? failed : Math.max(failed, 1),
    skipped: counted?.numPendingTests ?? 0,
  };
}

/** Writes the closing line `N passed, N failed` of several runs, and sets the exit code by it. */
export function close(runs) {
  const of = (what) => runs.reduce((sum, run) => sum + run[what], 0);
  const skipped = of('skipped') > 0 ? `, ${of('skipped')} skipped` : '';
  process.stdout.write(`${of('passed')} passed, ${of('failed')} failed${skipped}\n`);
  process.exitCode = of('failed') === 0 ? 0 : 1;
}

function read(report) {
  try {
    return JSON.parse(readFileSync(report, 'utf8'));
  } catch {
    return undefined;
  }
}
