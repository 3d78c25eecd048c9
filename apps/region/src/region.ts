// One region on one machine: the three agencies as three processes, each with its own database, store, log and keys.
// This file only starts, watches and stops them; it is no part of any agency and sees no business data.
import { fork } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { freePorts } from '#chassis/free-ports';
import { agencies } from '#kernel/envelope';
import type { Agency } from '#kernel/envelope';
import type { Role } from '#contracts/roles';
import { NotStarted, allOf, demandFree } from './not-started';
import { program } from './programs';

export type NewAccount = {
  readonly login: string;
  readonly name: string;
  readonly role: Role;
  readonly password: string;
  readonly unitId?: string;
  readonly unitName?: string;
  /** Inspected organisations a stationed group or competent department is responsible for. */
  readonly units?: readonly string[];
};

export type RegionOptions = {
  readonly data: string;
  /** First of six ports: the consoles of commission, organization, inspection, then their feeds. Absent = free ones. */
  readonly port?: number;
  readonly env?: Readonly<Record<string, string>>;
  readonly onLine?: (agency: Agency, line: string) => void;
  /** A crashed service is started again, as an operator's supervisor would. Off where a test does that itself. */
  readonly restart?: boolean;
};

type Message = {
  readonly ready?: true;
  readonly accounts?: number;
  readonly error?: string;
  /** Why the service ends instead of serving, and which settings are to blame. */
  readonly failed?: string;
  readonly faults?: readonly string[];
};

/** Of one agency: where people and where peers come in. */
type Ports = { readonly console: number; readonly feed: number };

export class Region {
  /** Consoles, for people. */
  readonly urls: Readonly<Record<Agency, string>>;
  /** Feeds, for peers and auditors. */
  readonly feeds: Readonly<Record<Agency, string>>;
  private readonly children = new Map<Agency, ChildProcess>();
  private readonly waiting = new Map<number, (error?: string) => void>();
  private readonly failures = new Map<Agency, number>();
  private requests = 0;
  private started = false;
  private stopping = false;

  private constructor(
    private readonly options: RegionOptions,
    private readonly ports: Readonly<Record<Agency, Ports>>,
  ) {
    const hosts = hostsOf(options);
    this.urls = perAgency((agency) => `http://${reachable(hosts.console)}:${ports[agency].console}`);
    this.feeds = perAgency((agency) => `http://${reachable(hosts.feed)}:${ports[agency].feed}`);
  }

  /** Starts all three and resolves when each serves. @throws NotStarted with what each of them says is wrong */
  static async start(options: RegionOptions): Promise<Region> {
    const count = agencies.length;
    const free = options.port === undefined ? await freePorts(2 * count) : [];
    const port = (n: number): number => (options.port === undefined ? (free[n] as number) : options.port + n);
    const ports = perAgency((_, n) => ({ console: port(n), feed: port(count + n) }));
    if (options.port !== undefined) await demandFree(listening(hostsOf(options), Object.values(ports)));
    const region = new Region(options, ports);
    // All are heard before any is stopped: every fault is told at once, and nobody is cut off in the middle of a start.
    const launched = await Promise.allSettled(agencies.map((agency) => region.launch(agency)));
    const failures = launched.flatMap((each) => (each.status === 'rejected' ? [each.reason as NotStarted] : []));
    if (failures.length > 0) {
      await region.stop();
      throw allOf(failures);
    }
    region.started = true;
    return region;
  }

  /** Process id of an agency's service; undefined while it is down. */
  pid(agency: Agency): number | undefined {
    return this.children.get(agency)?.pid;
  }

  folder(agency: Agency): string {
    return join(this.options.data, agency);
  }

  /** Starts one agency and resolves when it serves. */
  async launch(agency: Agency): Promise<void> {
    const child = fork(program(`apps/${agency}/src/main`), [], {
      env: { ...process.env, ...this.environment(agency), ...this.options.env },
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
      // Three services on one machine: little memory. Source maps would be kept in memory for every module. With
      // --optimize-for-size each would take some 9 MB less at rest, and half as long again for every page.
      execArgv: ['--max-semi-space-size=4'],
    });
    this.children.set(agency, child);
    const tail: string[] = [];
    let told: Message = {};
    for (const stream of [child.stdout, child.stderr]) {
      stream?.setEncoding('utf8').on('data', (text: string) => {
        for (const line of text.split('\n').filter((each) => each !== '')) {
          tail.push(line);
          if (tail.length > 20) tail.shift();
          this.options.onLine?.(agency, line);
        }
      });
    }
    await new Promise<void>((resolve, reject) => {
      child.on('message', (message: Message) => {
        if (message.ready) resolve();
        if (message.failed !== undefined) told = message;
        if (message.accounts !== undefined) this.waiting.get(message.accounts)?.(message.error);
      });
      child.once('exit', (code, signal) => {
        if (this.children.get(agency) === child) this.children.delete(agency);
        if (this.options.restart && this.started) void this.revive(agency);
        // What it said last may still be on its way when it has ended.
        setImmediate(() => {
          const { failed = `${agency} ended (${signal ?? code}):\n${tail.join('\n')}`, faults = [] } = told;
          reject(new NotStarted(failed, faults));
        });
      });
    });
  }

  /** Creates accounts in an agency's own database, through the service that owns it. */
  async createAccounts(agency: Agency, accounts: readonly NewAccount[]): Promise<void> {
    const request = ++this.requests;
    const child = this.children.get(agency);
    if (!child) throw new Error(`${agency} is not running: no account was created`);
    const done = new Promise<void>((resolve, reject) =>
      this.waiting.set(request, (error) =>
        error === undefined ? resolve() : reject(new Error(`${agency}: ${error}`)),
      ),
    );
    const ended = (): void => this.waiting.get(request)?.('ended before the accounts were created');
    child.once('exit', ended);
    child.send({ request, accounts });
    await done.finally(() => {
      child.off('exit', ended);
      this.waiting.delete(request);
    });
  }

  kill(agency: Agency, signal: NodeJS.Signals = 'SIGKILL'): void {
    this.children.get(agency)?.kill(signal);
  }

  /** Stops one agency in good order. */
  async stopAgency(agency: Agency): Promise<void> {
    const child = this.children.get(agency);
    if (!child) return;
    const gone = new Promise((resolve) => child.once('exit', resolve));
    child.kill('SIGTERM');
    await gone;
  }

  async stop(): Promise<void> {
    this.stopping = true;
    await Promise.all(agencies.map((agency) => this.stopAgency(agency)));
  }

  /** Starts a crashed service again, each time a little later while it keeps failing. */
  private async revive(agency: Agency): Promise<void> {
    if (this.stopping) return;
    const failures = (this.failures.get(agency) ?? 0) + 1;
    this.failures.set(agency, failures);
    this.options.onLine?.(agency, 'stopped unexpectedly; starting again');
    await pause(Math.min(100 * 2 ** failures, 10_000));
    if (this.stopping || this.children.has(agency)) return;
    // A failed start ends in `exit`, which comes back here through the listener of `launch`.
    await this.launch(agency).then(
      () => this.failures.delete(agency),
      () => undefined,
    );
  }

  private environment(agency: Agency): Record<string, string> {
    const prefix = agency.toUpperCase();
    const peers = agencies.filter((peer) => peer !== agency).map((peer) => ({ agency: peer, url: this.feeds[peer] }));
    return {
      SANFANG_DATA: this.options.data,
      [`${prefix}_PORT`]: String(this.ports[agency].console),
      [`${prefix}_FEED_PORT`]: String(this.ports[agency].feed),
      [`${prefix}_PEERS`]: JSON.stringify(peers),
    };
  }
}

type Hosts = { readonly console: string; readonly feed: string };

/** Addresses to listen on, as the services will read them from the same settings. */
function hostsOf({ env = {} }: RegionOptions): Hosts {
  const setting = (name: string): string => env[name] ?? process.env[name] ?? '';
  const host = setting('SANFANG_HOST') || '127.0.0.1';
  return { console: host, feed: setting('SANFANG_FEED_HOST') || host };
}

function listening(hosts: Hosts, ports: readonly Ports[]): { host: string; port: number }[] {
  const consoles = ports.map((each) => ({ host: hosts.console, port: each.console }));
  return [...consoles, ...ports.map((each) => ({ host: hosts.feed, port: each.feed }))];
}

/** Where a service answers that listens on this address; on all addresses it also answers on the loopback one. */
function reachable(host: string): string {
  if (['0.0.0.0', '::'].includes(host)) return '127.0.0.1';
  return host.includes(':') ? `[${host}]` : host;
}

function perAgency<T>(make: (agency: Agency, n: number) => T): Record<Agency, T> {
  return Object.fromEntries(agencies.map((agency, n) => [agency, make(agency, n)])) as Record<Agency, T>;
}
