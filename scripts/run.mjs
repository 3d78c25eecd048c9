// Runs a compiled program of this repository in this process: `node scripts/run.mjs [--web] apps/auditor/src/main args…`.
// Installs and builds first what is missing or stale.
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { ensureHooks, ensureInstalled, root } from './ensure.mjs';

const args = process.argv.slice(2);
const web = args[0] === '--web';
if (web) args.shift();
ensureInstalled();
ensureHooks();
const { build } = await import('./build.mjs');
await build({ web });
const program = join(root, 'dist', `${args[0]}.js`);
process.argv = [process.argv[0], program, ...args.slice(1)];
createRequire(import.meta.url)(program);
