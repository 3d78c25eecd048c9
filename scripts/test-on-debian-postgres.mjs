// The integration tests and the stories that need no cluster of their own once more, on a PostgreSQL that this project
// did not bring: Debian's 15, in a folder of its own.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, chmodSync, chownSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { ensureInstalled, root } from './ensure.mjs';
import { close, jest } from './jest.mjs';

const bin = '/usr/lib/postgresql/15/bin';
/** Nothing in them speaks to a PostgreSQL that could be this one: a second run would show nothing. */
const withoutServer = [
  ...['libs/stream/kafka/', 'libs/chassis/postgres/', 'libs/papers/', 'libs/tlog/', 'libs/testing/simulation/'],
  ...['test/deploy/', 'test/foreign/'],
];
/** Others kill, replace or forbid the embedded cluster, or start databases by themselves. */
const stories = ['closed-loop', 'alone', 'rights', 'rights-sessions', 'hostile-input', 'tamper'];
if (!existsSync(join(bin, 'initdb'))) {
  process.stderr.write("skipped: Debian's PostgreSQL 15 is not installed\n");
  process.stdout.write('0 passed, 0 failed, 1 skipped\n');
  process.exit(0);
}
ensureInstalled();
const { build } = await import('./build.mjs');
await build();
const { freePort } = createRequire(import.meta.url)(join(root, 'dist/libs/chassis/free-ports.js'));
const folder = mkdtempSync(join(tmpdir(), 'sanfang-pg15-'));
const isRoot = userInfo().uid === 0;
// initdb refuses root: the server runs as `nobody`, as the embedded one does.
const as = isRoot ? { uid: 65534, gid: 65534 } : {};
if (isRoot) chownSync(folder, 65534, 65534);
chmodSync(folder, 0o700);
const password = 'only-for-this-run';
const secret = join(folder, 'secret');
writeFileSync(secret, password, { mode: 0o644 });
const data = join(folder, 'data');
const port = await freePort();
const run = (program, args) =>
  spawnSync(join(bin, program), args, { ...as, cwd: folder, stdio: ['ignore', 2, 2] }).status;

try {
  if (
    run('initdb', [
      '-D',
      data,
      '-U',
      'postgres',
      '-E',
      'UTF8',
      '--locale=C.UTF-8',
      '-A',
      'scram-sha-256',
      '--data-checksums',
      `--pwfile=${secret}`,
    ]) !== 0
  )
    throw new Error('initdb failed');
  const options = `-p ${port} -c listen_addresses=127.0.0.1 -c unix_socket_directories= -c max_connections=200`;
  if (run('pg_ctl', ['-D', data, '-w', '-l', join(folder, 'log'), '-o', options, 'start']) !== 0)
    throw new Error('start failed');
  const asked = process.argv.slice(2);
  const env = { SANFANG_TEST_DATABASE_URL: `postgres://postgres:${password}@127.0.0.1:${port}/postgres` };
  const ignored = ['/node_modules/', ...withoutServer].map((part) => `--testPathIgnorePatterns=${part}`);
  const runs = [jest('int', { minutes: 11, args: [...ignored, ...asked], env })];
  if (asked.length === 0) {
    const told = stories.map((name) => `test/stories/${name}\\.story`);
    runs.push(jest('stories', { minutes: 9, args: told, env }));
  }
  close(runs);
} finally {
  run('pg_ctl', ['-D', data, '-m', 'immediate', 'stop']);
  rmSync(folder, { recursive: true, force: true });
}
