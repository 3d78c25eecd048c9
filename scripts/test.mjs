// `npm test [-- jest arguments]`: all three kinds of test. Installs and builds first, then runs what is cheap before what
// is dear. The closing line counts tests over all of them.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ensureHooks, ensureInstalled, root } from './ensure.mjs';

const kinds = ['unit', 'int', 'stories'];

ensureInstalled();
ensureHooks();
const { build } = await import('./build.mjs');
await build();

const folder = mkdtempSync(join(tmpdir(), 'sanfang-test-'));
const asked = process.argv.slice(2);
const total = { passed: 0, failed: 0, skipped: 0 };
let broken = false;
for (const kind of kinds) {
  const report = join(folder, `${kind}.json`);
  const jest = join(root, 'node_modules/jest/bin/jest.js');
  // Stories start whole worlds: one after the other, or they starve each other on two cores.
  const lanes = kind === 'stories' ? ['--runInBand'] : ['--maxWorkers=2'];
  const args = [
    jest,
    '--selectProjects',
    kind,
    ...lanes,
    '--passWithNoTests',
    '--json',
    `--outputFile=${report}`,
    ...asked,
  ];
  const { status } = spawnSync(process.execPath, args, { cwd: root, stdio: ['ignore', 'ignore', 'inherit'] });
  const counted = count(report);
  broken ||= status !== 0 || counted === undefined;
  total.passed += counted?.numPassedTests ?? 0;
  total.failed += (counted?.numFailedTests ?? 0) + (counted?.numRuntimeErrorTestSuites ?? 0);
  total.skipped += counted?.numPendingTests ?? 0;
}
rmSync(folder, { recursive: true, force: true });
if (broken && total.failed === 0) total.failed = 1;
process.stdout.write(
  `${total.passed} passed, ${total.failed} failed${total.skipped ? `, ${total.skipped} skipped` : ''}\n`,
);
process.exitCode = broken ? 1 : 0;

function count(report) {
  try {
    return JSON.parse(readFileSync(report, 'utf8'));
  } catch {
    return undefined;
  }
}
