// A real PostgreSQL for tests: one server for each process that runs tests, one new database for each test that asks.
// The server is an external one when SANFANG_TEST_DATABASE_URL names it (so the same tests run on every version we
// promise), else an embedded cluster in a temporary folder that vanishes with the process.
import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtempSync } from 'node:fs';
import os from 'node:os';
import { join } from 'node:path';
import { Client } from 'pg';
import { startEmbedded } from '#chassis/postgres/embedded';
import { testServerUrl } from '#chassis/postgres/test-server';

export interface TestPostgres {
  /** An empty database of this handle, the same as a first `fresh()`. */
  url: string;
  /** A new empty database (UTF-8, C.UTF-8); its URL. Some 50 ms. */
  fresh(): Promise<string>;
  /** A new database with everything that another one of this server holds, to which nobody may be connected; its URL. */
  copy(url: string): Promise<string>;
  /** Drops its databases on an external server. The embedded one ends with the process: the next file uses it too. */
  stop(): Promise<void>;
}

/** Plain strings only: the test file that made it is torn down before the next one reads it. */
interface TestServer {
  /** Of a user who may create databases. */
  readonly adminUrl: string;
  /** Whose databases they are to be: the ordinary role's URL. */
  readonly ownerUrl: string;
  readonly template: string;
  /** Vanishes with this process, databases and all. */
  readonly temporary: boolean;
}

/** A handle on this process's test server. Does not need a mutex: all callers wait for the same start. */
export async function startTestPostgres(): Promise<TestPostgres> {
  const server = await serverOfThisProcess();
  const owner = new URL(server.ownerUrl);
  const made: string[] = [];
  const like = async (template: string) => {
    const name = newName();
    made.push(name);
    await asAdmin(server.adminUrl, `CREATE DATABASE ${name} TEMPLATE ${template} OWNER "${owner.username}"`);
    return withDatabase(server.ownerUrl, name);
  };
  const fresh = () => like(server.template);
  return {
    url: await fresh(),
    fresh,
    copy: (url) => like(new URL(url).pathname.slice(1)),
    async stop() {
      // Each drop waits for a checkpoint, too long for a test that only tidies up; the temporary cluster needs none.
      if (server.temporary) return;
      const drop = (name: string) => asAdmin(server.adminUrl, `DROP DATABASE IF EXISTS ${name} WITH (FORCE)`);
      while (made.length > 0) await Promise.all(made.splice(0, 8).map(drop));
    },
  };
}

// Jest gives each test file its own globals, but all of them the same core modules: the one place where something can
// outlive a file and still die with the worker.
const slot = os as unknown as { [key: symbol]: Promise<TestServer> | undefined };
const SLOT = Symbol.for('sanfang.test-postgres');

async function serverOfThisProcess(): Promise<TestServer> {
  const running = slot[SLOT];
  if (running && (await running.then(answers, () => false))) return running;
  // A test may have killed the server; only the first of those who saw that starts another.
  if (slot[SLOT] === running) slot[SLOT] = start();
  return slot[SLOT]!;
}

async function start(): Promise<TestServer> {
  const external = testServerUrl();
  if (external)
    return { adminUrl: external, ownerUrl: external, template: await makeTemplate(external), temporary: false };
  const folder = mkdtempSync(join(os.tmpdir(), 'sanfang-postgres-'));
  const embedded = await startEmbedded({ folder, name: 'sanfang', connections: 100 });
  buryWithThisProcess(folder);
  const { adminUrl, url: ownerUrl } = embedded;
  return { adminUrl, ownerUrl, template: await makeTemplate(adminUrl), temporary: true };
}

async function makeTemplate(adminUrl: string): Promise<string> {
  const name = newName();
  await asAdmin(
    adminUrl,
    `CREATE DATABASE ${name} TEMPLATE template0 ENCODING 'UTF8' LC_COLLATE 'C.UTF-8' LC_CTYPE 'C.UTF-8'`,
  );
  return name;
}

/**
 * A shell that sleeps on a pipe from this process: the pipe closes however the process ends, kill -9 included, and then
 * the server is stopped and its folder removed. No exit handler could promise that.
 */
function buryWithThisProcess(folder: string): void {
  const script =
    'read _; p="$0/cluster/postmaster.pid"; [ -f "$p" ] && kill -QUIT "$(head -n 1 "$p")"; ' +
    'n=0; while [ -f "$p" ] && [ $n -lt 100 ]; do sleep 0.05; n=$((n+1)); done; rm -rf "$0"';
  const child = spawn('/bin/sh', ['-c', script, folder], { stdio: ['pipe', 'ignore', 'ignore'], detached: true });
  child.unref();
  (child.stdin as unknown as { unref(): void }).unref();
}

async function answers(server: TestServer): Promise<boolean> {
  return asAdmin(server.adminUrl, 'SELECT 1').then(
    () => true,
    () => false,
  );
}

async function asAdmin(url: string, statement: string): Promise<void> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    await client.query(statement);
  } finally {
    await client.end();
  }
}

function withDatabase(url: string, name: string): string {
  const other = new URL(url);
  other.pathname = `/${name}`;
  return other.href;
}

const newName = () => `sanfang_test_${randomBytes(8).toString('hex')}`;
