// `npm start` as somebody types it, in a process of its own, with whatever it prints; and the processes it has going.
import { spawn } from 'node:child_process';
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';
import { Client } from '../../apps/region/src/client';
import { root } from '../../apps/region/src/programs';
import { until } from '../../apps/region/src/scenario';
import { freePorts } from '#chassis/free-ports';
import { signal } from '#chassis/postgres/process-table';
import type { Agency } from '#kernel/envelope';

/** A start after a kill -9 waits for what was left behind, and this machine may have other things to do. */
const startSeconds = 120;

export type Started = {
  readonly pid: number;
  /** Everything printed so far. */
  out(): string;
  err(): string;
  /** Addresses of the line that says it is ready. @throws Error when it ended before */
  ready(): Promise<Readonly<Record<Agency, string>>>;
  readonly ended: Promise<{ readonly code: number | null; readonly seconds: number }>;
  kill(signal: NodeJS.Signals): void;
};

/** @param words after `node scripts/run.mjs` @param env settings beside those of this process */
export function run(words: readonly string[], env: Readonly<Record<string, string>>): Started {
  const child = spawn(process.execPath, [join(root, 'scripts/run.mjs'), ...words], {
    cwd: root,
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const began = performance.now();
  const said = { out: '', err: '' };
  child.stdout.setEncoding('utf8').on('data', (text: string) => (said.out += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (said.err += text));
  let over = false;
  const ended = new Promise<{ code: number | null; seconds: number }>((resolve) =>
    child.once('close', (code) => {
      over = true;
      resolve({ code, seconds: (performance.now() - began) / 1000 });
    }),
  );
  return {
    pid: child.pid as number,
    out: () => said.out,
    err: () => said.err,
    ended,
    kill: (signal) => void child.kill(signal),
    ready: () =>
      until(
        'npm start says that it is ready',
        async () => {
          const line = said.out.split('\n').find((each) => each.startsWith('{"ready":true'));
          if (line) return (JSON.parse(line) as { agencies: Record<Agency, string> }).agencies;
          if (over) throw new Error(`it ended instead:\n${said.out}\n${said.err.slice(-3000)}`);
          return undefined;
        },
        startSeconds,
      ),
  };
}

export const start = (env: Readonly<Record<string, string>>, ...words: string[]): Started =>
  run(['apps/region/src/start', ...words], env);

export type Printed = { readonly url: string; readonly login: string; readonly password: string };

export function printedAccounts(out: string): Printed[] {
  return [...out.matchAll(/^ {2}(http:\S+) {2}(\S+) {2}(\S+) {2}\S/gm)].map(
    ([, url = '', login = '', password = '']) => ({ url, login, password }),
  );
}

/** @throws Answered when one of them does not open its console */
export async function signInWithAll(accounts: readonly Printed[]): Promise<Client[]> {
  const clients: Client[] = [];
  for (const { url, login, password } of accounts) clients.push(await Client.signedIn(url, login, password));
  return clients;
}

export type Running = { readonly pid: number; readonly words: string };

/** Living processes that have to do with a folder: by their words, their settings, or where they stand. */
export function processesOf(folder: string): Running[] {
  const pids = readdirSync('/proc').filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid);
  return pids.flatMap((pid) => {
    try {
      const words = readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ');
      const settings = readFileSync(`/proc/${pid}/environ`, 'utf8');
      const place = readlinkSync(`/proc/${pid}/cwd`);
      const dead = /^State:\s+[ZX]/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
      const concerned = words.includes(folder) || settings.includes(folder) || place.startsWith(folder);
      return concerned && !dead ? [{ pid: Number(pid), words }] : [];
    } catch {
      // Gone between the list and the look.
      return [];
    }
  });
}

export const serviceOf = (folder: string, agency: Agency): number | undefined =>
  processesOf(folder).find(({ words }) => words.includes(`apps/${agency}/src/main`))?.pid;

/** Postmaster of an agency's own cluster: line 1 of its pid file; undefined while there is none. */
export function postmasterOf(data: string, agency: Agency): number | undefined {
  try {
    const file = readFileSync(join(data, agency, 'postgres/cluster/postmaster.pid'), 'utf8');
    return Number(file.split('\n')[0]) || undefined;
  } catch {
    return undefined;
  }
}

/** `kill -9`; whether the process was still there. */
export function killed(pid: number | undefined): boolean {
  return pid !== undefined && signal(pid, 'SIGKILL');
}

export const none = (folder: string): Promise<true> =>
  until(`no process of ${folder} is left`, async () => (processesOf(folder).length === 0 ? true : undefined), 20);

/** First of six ports in a row that are free now. */
export async function firstPort(): Promise<number> {
  const [first] = await freePorts(6);
  return first as number;
}
