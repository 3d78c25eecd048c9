// The stories that ask most of an event store once more, with each agency on one that speaks EventStoreDB's protocol:
// the whole loop and what the operator and the outsider see of it; agencies that stop and come back; a stored event
// written over. The others ask nothing of the store that these do not, and would double the time of the gate.
import { spawnSync } from 'node:child_process';
import { readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ensureInstalled, root } from './ensure.mjs';

const stories = ['closed-loop', 'alone', 'tamper'];

ensureInstalled();
const { build } = await import('./build.mjs');
await build({ web: false });
const report = join(tmpdir(), `sanfang-esdb-${process.pid}.json`);
const args = [
  join(root, 'node_modules/jest/bin/jest.js'),
  '--selectProjects',
  'stories',
  '--runInBand',
  '--json',
  `--outputFile=${report}`,
  '--',
  ...stories.map((name) => `test/stories/${name}.story.spec.ts`),
];
const env = { ...process.env, SANFANG_TEST_STORE: 'esdb' };
const { status } = spawnSync(process.execPath, args, { cwd: root, env, stdio: ['ignore', 'ignore', 'inherit'] });
const counted = read();
rmSync(report, { force: true });
const failed = (counted?.numFailedTests ?? 0) + (counted?.numRuntimeErrorTestSuites ?? 0);
const broken = status !== 0 && failed === 0 ? 1 : failed;
process.stdout.write(
  `${counted?.numPassedTests ?? 0} passed, ${broken} failed, ${counted?.numPendingTests ?? 0} skipped\n`,
);
process.exitCode = broken === 0 ? 0 : 1;

function read() {
  try {
    return JSON.parse(readFileSync(report, 'utf8'));
  } catch {
    return undefined;
  }
}
