// Builds the whole tree: libs, apps and benchmarks with swc into dist/, with the servers that the benchmarks share with the
// tests; the web console with Vite into dist/web, and dist/passport.html, which checks passports without a server.
// What has not changed since the last build is left alone, so that a restart costs nothing.
import { createHash } from 'node:crypto';
import { spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync, existsSync, statSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { buildPassportPage, passportPageInputs } from './build-passport-page.mjs';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');

function* filesUnder(folder) {
  if (!existsSync(folder)) return;
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.name === 'node_modules') continue;
    if (entry.isDirectory()) yield* filesUnder(path);
    else yield path;
  }
}

/** Cheap and sufficient here: name, size and modification time of every input. */
function fingerprint(paths) {
  const hash = createHash('sha256').update(process.version);
  for (const path of paths) {
    const { size, mtimeMs } = statSync(path);
    hash.update(`${relative(root, path)}\n${size}\n${mtimeMs}\n`);
  }
  return hash.digest('hex');
}

async function unlessFresh(name, inputs, build) {
  const stamp = join(root, 'dist', `.${name}`);
  const now = fingerprint([...inputs].sort());
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === now) return false;
  await build();
  mkdirSync(dirname(stamp), { recursive: true });
  writeFileSync(stamp, now);
  return true;
}

const isSource = (path) => path.endsWith('.ts') && !path.endsWith('.d.ts') && !path.endsWith('.spec.ts');

const compiled = ['apps', 'libs', 'bench', 'test/faults', 'test/foreign', 'test/kafka', 'test/node', 'test/stories'];

async function buildServer() {
  const inputs = compiled.flatMap((folder) => [...filesUnder(join(root, folder))]);
  const sources = inputs.filter((path) => isSource(path) && !path.startsWith(join(root, 'apps/web')));
  await unlessFresh('server', [...sources, join(root, '.swcrc')], async () => {
    // Loaded only when there is something to compile: it would stay in the memory of whatever runs next.
    const { transformFileSync } = await import('@swc/core');
    for (const folder of compiled) rmSync(join(root, 'dist', folder), { recursive: true, force: true });
    for (const source of sources) {
      const target = join(root, 'dist', relative(root, source)).replace(/\.ts$/, '.js');
      const { code, map } = transformFileSync(source, { cwd: root, sourceFileName: source });
      mkdirSync(dirname(target), { recursive: true });
      writeFileSync(target, `${code}\n//# sourceMappingURL=${target.split('/').at(-1)}.map\n`);
      writeFileSync(`${target}.map`, map);
    }
  });
}

async function buildWeb() {
  const inputs = ['apps/web', 'libs/contracts', 'libs/kernel', 'libs/tlog'].flatMap((folder) => [
    ...filesUnder(join(root, folder)),
  ]);
  await unlessFresh('web', [...inputs, join(root, 'package-lock.json')], () => {
    const vite = join(root, 'node_modules/vite/bin/vite.js');
    const args = [vite, 'build', '--config', 'apps/web/vite.config.mts', '--logLevel', 'warn'];
    const { status } = spawnSync(process.execPath, args, { cwd: root, stdio: ['ignore', 'ignore', 'inherit'] });
    if (status !== 0) throw new Error('the web console did not build; see above');
  });
}

async function buildPage() {
  const inputs = passportPageInputs.flatMap((place) => {
    return statSync(join(root, place)).isDirectory() ? [...filesUnder(join(root, place))] : [join(root, place)];
  });
  const program = join(root, 'scripts/build-passport-page.mjs');
  await unlessFresh('passport-page', [...inputs, program, join(root, 'package-lock.json')], buildPassportPage);
}

export async function build({ web = true } = {}) {
  await buildServer();
  if (!web) return;
  await buildWeb();
  await buildPage();
}

/** The auditor as one file, for outsiders who have nothing but Node.js. */
async function buildAuditor() {
  const inputs = ['apps/auditor', 'libs'].flatMap((folder) => [...filesUnder(join(root, folder))]);
  await unlessFresh('auditor', [...inputs, join(root, 'package-lock.json')], async () => {
    const { bundle } = await import('./bundle.mjs');
    await bundle('apps/auditor/src/main.ts', join(root, 'dist/audit.mjs'));
  });
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  await build({ web: !process.argv.includes('--no-web') });
  await buildAuditor();
}
