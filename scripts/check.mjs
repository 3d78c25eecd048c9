// `npm run check`: what a machine can say about the text of the code, before any test runs.
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { ensureInstalled, root } from './ensure.mjs';

ensureInstalled();
const bin = (name) => join(root, 'node_modules', name);
const steps = [
  ['format', bin('prettier/bin/prettier.cjs'), ['--check', '--log-level', 'warn', '.']],
  ['types', bin('typescript/bin/tsc'), ['--noEmit', '-p', '.']],
  ['types of the console', bin('typescript/bin/tsc'), ['--noEmit', '-p', 'apps/web']],
  ['lint', bin('eslint/bin/eslint.js'), ['--max-warnings', '0', 'apps', 'libs', 'test', 'bench']],
  ['tidy', bin('jest/bin/jest.js'), ['--selectProjects', 'unit', '--silent', '--', 'test/tidy.spec.ts']],
];
let failed = 0;
for (const [name, program, args] of steps) {
  const { status } = spawnSync(process.execPath, [program, ...args], { cwd: root, stdio: ['ignore', 2, 2] });
  process.stderr.write(`${status === 0 ? '✓' : '✗'} ${name}\n`);
  if (status !== 0) failed++;
}
process.exitCode = failed === 0 ? 0 : 1;
