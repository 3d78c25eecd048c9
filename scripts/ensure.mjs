// What `npm start`, `npm test` and the other commands need before they can run on a fresh clone. Node's own modules only.
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = join(dirname(fileURLToPath(import.meta.url)), '..');

/** Installs exactly what the lock file names, when something of it is not there. */
export function ensureInstalled() {
  const [major, minor] = process.versions.node.split('.').map(Number);
  if (major < 20 || (major === 20 && minor < 19) || major >= 25) {
    fail(`Node ${process.versions.node} is not supported: use Node 20.19 or later, below 25`);
  }
  if (isInstalled()) return;
  process.stderr.write('Installing dependencies (npm ci), about a minute…\n');
  const { status } = spawnSync('npm', ['ci', '--no-audit', '--no-fund'], { cwd: root, stdio: ['ignore', 2, 2] });
  if (status !== 0) fail('npm ci failed; see above');
}

/** Whether node_modules holds what the lock file names; packages for other platforms are rightly missing. */
function isInstalled() {
  const installed = packagesOf('node_modules/.package-lock.json');
  const wanted = packagesOf('package-lock.json');
  if (!installed || !wanted) return false;
  return Object.entries(wanted).every(
    ([path, { version, optional }]) => path === '' || optional || installed[path]?.version === version,
  );
}

/** undefined when the file is missing, or was cut short by an install that was broken off: then npm installs anew. */
function packagesOf(path) {
  const file = join(root, path);
  if (!existsSync(file)) return undefined;
  const text = readFileSync(file, 'utf8');
  return text.endsWith('}\n') ? JSON.parse(text).packages : undefined;
}

/** The hooks of this repository, so that a commit is checked before it is made. Nothing outside a git checkout. */
export function ensureHooks() {
  if (!existsSync(join(root, '.git'))) return;
  const read = spawnSync('git', ['config', 'core.hooksPath'], { cwd: root, encoding: 'utf8' });
  if (read.stdout.trim() === '') spawnSync('git', ['config', 'core.hooksPath', '.githooks'], { cwd: root });
}

export function fail(message) {
  process.stderr.write(`${message}\n`);
  process.exit(1);
}
