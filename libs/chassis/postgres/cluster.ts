// Makes the cluster on the first start: initdb, role, database, extension. Everything happens in a folder beside and is
// renamed when complete, so a cluster that exists is a whole one and a crash on the way leaves nothing half-made.
import { spawn } from 'node:child_process';
import { closeSync, existsSync, fsyncSync, mkdirSync, openSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Binaries } from './binaries';
import type { Identity } from './identity';
import type { Secrets } from './secrets';
import { ACCESS_RULES, serverSettings } from './settings';

/** The cluster superuser; used for upkeep alone. */
export const SUPERUSER = 'postgres';

/** What a server program sees of the environment: nothing of ours that could bend its locale or its files. */
export const SERVER_ENVIRONMENT = { PATH: '/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin', TZ: 'UTC' };

// pg_trgm splits words by the C library's character classes even when the database collates by the builtin provider:
// under the plain C locale it sees no trigram in Chinese. macOS knows no C.UTF-8, but this one always.
const LOCALE = process.platform === 'darwin' ? 'en_US.UTF-8' : 'C.UTF-8';

/** Creates the cluster of `folder` unless it is there; returns its data directory. */
export async function ensureCluster(
  folder: string,
  name: string,
  secrets: Secrets,
  binaries: Binaries,
  identity: Identity,
): Promise<string> {
  const cluster = join(folder, 'cluster');
  if (existsSync(cluster)) return cluster;
  const unfinished = join(folder, 'cluster.unfinished');
  rmSync(unfinished, { recursive: true, force: true });
  mkdirSync(unfinished, { mode: 0o700 });
  identity.own(unfinished);
  await initialise(folder, unfinished, secrets, binaries, identity);
  configure(unfinished, 8, identity);
  await provision(unfinished, name, secrets, binaries, identity);
  renameSync(unfinished, cluster);
  syncFolder(folder);
  return cluster;
}

/** Writes the configuration files of a data directory. */
export function configure(cluster: string, connections: number, identity: Identity): void {
  for (const [file, text] of [
    ['postgresql.conf', serverSettings(connections)],
    ['pg_hba.conf', ACCESS_RULES],
  ] as const) {
    const path = join(cluster, file);
    writeFileSync(path, text, { mode: 0o600 });
    identity.own(path);
  }
}

async function initialise(
  folder: string,
  cluster: string,
  secrets: Secrets,
  binaries: Binaries,
  identity: Identity,
): Promise<void> {
  const passwordFile = join(folder, 'initdb.password');
  rmSync(passwordFile, { force: true });
  try {
    writeFileSync(passwordFile, `${secrets.superuser}\n`, { mode: 0o600, flag: 'wx' });
    identity.own(passwordFile);
    await run(
      binaries.initdb,
      [
        ...['--pgdata', cluster, '--username', SUPERUSER, '--pwfile', passwordFile, '--auth=scram-sha-256'],
        ...['--encoding=UTF8', '--locale-provider=builtin', '--builtin-locale=C.UTF-8', `--locale=${LOCALE}`],
        ...['--data-checksums', '--no-instructions'],
      ],
      '',
      identity,
    );
  } finally {
    rmSync(passwordFile, { force: true });
  }
}

// In single-user mode, because no half-provisioned server is ever reachable that way. One statement a line.
async function provision(
  cluster: string,
  name: string,
  secrets: Secrets,
  binaries: Binaries,
  identity: Identity,
): Promise<void> {
  const statements = [
    'CREATE EXTENSION pg_trgm', // in template1, so every database made later has it
    `CREATE ROLE ${name} LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION PASSWORD '${secrets.role}'`,
    `CREATE DATABASE ${name} OWNER ${name}`,
    `REVOKE ALL ON DATABASE ${name}, postgres, template1 FROM PUBLIC`,
  ];
  const args = ['--single', '-D', cluster, '-c', 'exit_on_error=on', 'template1'];
  await run(binaries.postgres, args, `${statements.join('\n')}\n`, identity);
}

// Not the synchronous spawn: several clusters may be in the making in one process.
function run(program: string, args: string[], input: string, identity: Identity): Promise<void> {
  const [command, ...words] = [...identity.prefix, program, ...args];
  return new Promise((resolve, reject) => {
    const child = spawn(command!, words, { ...identity.account, cwd: '/', env: SERVER_ENVIRONMENT });
    let said = '';
    for (const output of [child.stdout, child.stderr]) output.on('data', (chunk: Buffer) => (said += String(chunk)));
    const fail = () =>
      reject(new Error(`${program} failed while a cluster was made (nothing of it is kept):\n${said}`));
    child.once('error', (error) => {
      said += error.message;
      fail();
    });
    child.once('close', (code) => (code === 0 ? resolve() : fail()));
    // A program that dies before it has read everything says why by its exit code and its words.
    child.stdin.on('error', (error) => (said += `${error.message}\n`));
    child.stdin.end(input);
  });
}

function syncFolder(folder: string): void {
  const handle = openSync(folder, 'r');
  try {
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
}
