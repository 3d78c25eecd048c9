// The running server process: started on a free port, watched, stopped. Our own code instead of pg_ctl, which waits in
// steps of whole seconds.
import type { ChildProcess } from 'node:child_process';
import { spawn } from 'node:child_process';
import { closeSync, existsSync, openSync, readFileSync, renameSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { freePort } from '../free-ports';
import type { Binaries } from './binaries';
import { SERVER_ENVIRONMENT } from './cluster';
import type { Identity } from './identity';
import { endServer, postmasterOf } from './orphan';
import { childrenOf } from './process-table';
import { endIfStuck } from './recovery';

const LOG_BYTES = 1024 * 1024;
const TRIES = 8;
// Recovery replays at most max_wal_size, seconds on a slow disk; this bound only catches a server that hangs.
const START_PATIENCE_MS = 120_000;

/** A server that accepts connections on 127.0.0.1. */
export interface Server {
  readonly port: number;
  /** The postmaster and its children. */
  pids(): number[];
  /** Called once with the reason, also when it had ended before; never after stop(). */
  onExit(listener: (why: string) => void): void;
  /** To be told that connections broke: a server that does not recover from it is ended, and `onExit` hears of it. */
  doubt(): void;
  stop(): Promise<void>;
}

/** Starts a server on the data directory; `logPath` receives what it says, `log` what is worth an operator's eye. */
export async function startServer(
  cluster: string,
  logPath: string,
  binaries: Binaries,
  identity: Identity,
  log: (line: string) => void,
): Promise<Server> {
  rotate(logPath);
  for (let attempt = 1; ; attempt += 1) {
    const port = await freePort();
    const said = sizeOf(logPath);
    const child = launch(cluster, port, logPath, binaries, identity);
    const failure = await untilReady(child, cluster);
    if (failure === undefined) return watch(child, port, logPath, log);
    const words = readFileSync(logPath).subarray(said).toString('utf8');
    // Another program took the port in between; or backends of a killed server are still on their way out.
    const passing = /could not (bind|create any TCP)|pre-existing shared memory block/.test(words);
    if (!passing || attempt === TRIES)
      throw new Error(`PostgreSQL did not start on ${cluster} (${failure}):\n${words}`);
    await pause(50 * attempt);
  }
}

function launch(cluster: string, port: number, logPath: string, binaries: Binaries, identity: Identity): ChildProcess {
  const log = openSync(logPath, 'a', 0o600);
  try {
    const [command, ...args] = [...identity.prefix, binaries.postgres, '-D', cluster, '-p', String(port)];
    const child = spawn(command!, args, {
      ...identity.account,
      cwd: '/',
      env: SERVER_ENVIRONMENT,
      stdio: ['ignore', log, log],
      // Its own process group: Ctrl-C in a terminal ends the service first, which then ends the server in order.
      detached: true,
    });
    child.unref();
    return child;
  } finally {
    closeSync(log);
  }
}

/** Undefined when the server accepts connections; else why it will not. */
async function untilReady(child: ChildProcess, cluster: string): Promise<string | undefined> {
  let gone: string | undefined;
  child.once('error', (error) => (gone = error.message));
  child.once('exit', (code, name) => (gone ??= reason(code, name)));
  const pidFile = join(cluster, 'postmaster.pid');
  for (let waited = 0; waited < START_PATIENCE_MS; waited += 4) {
    if (gone !== undefined) return gone;
    if (existsSync(pidFile) && postmasterOf(cluster) === child.pid) {
      // The eighth line is the server's own word on its state.
      if (readFileSync(pidFile, 'utf8').split('\n')[7]?.trim() === 'ready') return undefined;
    }
    await pause(4);
  }
  await endServer(child.pid!);
  return `not ready within ${START_PATIENCE_MS} ms`;
}

function watch(child: ChildProcess, port: number, logPath: string, log: (line: string) => void): Server {
  const pid = child.pid!;
  const listeners: ((why: string) => void)[] = [];
  let stopping = false;
  let doubted = false;
  let ended: string | undefined;
  const end = (code: number | null, name: NodeJS.Signals | null) => {
    ended = `the PostgreSQL server ${pid} ended by itself: ${reason(code, name)}; see ${logPath}`;
    if (!stopping) for (const listener of listeners) listener(ended);
  };
  // It may have ended between its last word and this line.
  const over = child.exitCode !== null || child.signalCode !== null;
  const heard = over ? Promise.resolve() : new Promise<void>((resolve) => child.once('exit', () => resolve()));
  if (over) end(child.exitCode, child.signalCode);
  else child.once('exit', end);
  return {
    port,
    pids: () => (ended === undefined ? [pid, ...childrenOf(pid)] : []),
    onExit(listener) {
      listeners.push(listener);
      if (ended !== undefined && !stopping) listener(ended);
    },
    doubt() {
      if (doubted || stopping || ended !== undefined) return;
      doubted = true;
      void endIfStuck(pid, log).finally(() => (doubted = false));
    },
    async stop() {
      stopping = true;
      if (ended !== undefined) return;
      await endServer(pid);
      // It is gone; that this process has heard of it comes a moment later, and only then do its ids name nobody.
      child.ref();
      await heard;
    },
  };
}

const reason = (code: number | null, name: NodeJS.Signals | null) => (name ? `signal ${name}` : `exit code ${code}`);

function rotate(logPath: string): void {
  if (sizeOf(logPath) > LOG_BYTES) renameSync(logPath, `${logPath}.1`);
}

function sizeOf(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.size ?? 0;
}
