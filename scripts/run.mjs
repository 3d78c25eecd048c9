// Runs a compiled program of this repository in this process: `node scripts/run.mjs [--web] [--here] apps/auditor/src/main …`.
// Installs and builds first what is missing or stale.
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { ensureHooks, ensureInstalled, root } from './ensure.mjs';

const args = process.argv.slice(2);
const web = take('--web');
// Programs that are given files mean them as seen from where the command was typed; npm itself moves to the root.
if (take('--here') && process.env.INIT_CWD) process.chdir(process.env.INIT_CWD);
ensureInstalled();
ensureHooks();
const { build } = await import('./build.mjs');
await build({ web });
const program = join(root, 'dist', `${args[0]}.js`);
process.argv = [process.argv[0], program, ...args.slice(1)];
createRequire(import.meta.url)(program);

function take(flag) {
  if (args[0] !== flag) return false;
  args.shift();
  return true;
}
