// A load of HTTP requests, closed (so many clients, each asks again when it is answered) or open (requests leave when
// they are due). It runs on the same cores as the service, so it does as little as it can per request.
import { Agent, request } from 'node:http';
import { setTimeout as pause } from 'node:timers/promises';
import { commandHeader, paths } from '#contracts/api';
import { randomUUID } from 'node:crypto';

export type Sent = { readonly method: 'GET' | 'POST'; readonly path: string; readonly body?: object };
export type Answer = { readonly status: number; readonly bytes: Buffer };

export class Caller {
  private readonly agent: Agent;

  /** @param connections at most, each kept open */
  constructor(
    private readonly url: string,
    connections: number,
    private readonly cookie = '',
  ) {
    this.agent = new Agent({ keepAlive: true, maxSockets: connections });
  }

  send({ method, path, body }: Sent): Promise<Answer> {
    const bytes = body && Buffer.from(JSON.stringify(body));
    const headers = {
      ...(this.cookie && { cookie: this.cookie }),
      ...(bytes && {
        'sanfang-console': '1',
        'content-type': 'application/json',
        'content-length': bytes.length,
        [commandHeader]: randomUUID(),
      }),
    };
    return new Promise((resolve, reject) => {
      const sent = request(this.url + path, { method, agent: this.agent, headers }, (answer) => {
        const parts: Buffer[] = [];
        answer.on('data', (part: Buffer) => parts.push(part));
        answer.once('end', () => resolve({ status: answer.statusCode ?? 0, bytes: Buffer.concat(parts) }));
        answer.once('error', reject);
      });
      sent.once('error', reject);
      sent.end(bytes);
    });
  }

  close(): void {
    this.agent.destroy();
  }
}

/** @returns the session's cookie */
export async function cookieOf(url: string, login: string, password: string): Promise<string> {
  const answer = await fetch(url + paths.session, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'sanfang-console': '1' },
    body: JSON.stringify({ login, password }),
  });
  const cookie = answer.headers.getSetCookie().find((each) => each.startsWith('__Host-'));
  if (!cookie) throw new Error(`${login} could not sign in: ${answer.status} ${await answer.text()}`);
  return cookie.slice(0, cookie.indexOf(';'));
}

export type Load = { readonly latencies: readonly number[]; readonly perSecond: number };

/** `next` gives the request of a client's turn. @throws Error for any answer that is no success */
export async function closedLoad(
  callers: readonly Caller[],
  seconds: number,
  next: (turn: number) => Sent,
): Promise<Load> {
  const latencies: number[] = [];
  const started = performance.now();
  const end = started + seconds * 1000;
  let turn = 0;
  const client = async (caller: Caller): Promise<void> => {
    while (performance.now() < end) latencies.push(await measured(caller, next(turn++)));
  };
  await Promise.all(callers.map(client));
  return { latencies, perSecond: latencies.length / ((performance.now() - started) / 1000) };
}

export async function openLoad(
  callers: readonly Caller[],
  load: { readonly rate: number; readonly seconds: number },
  next: (turn: number) => Sent,
): Promise<Load> {
  const latencies: number[] = [];
  const started = performance.now();
  const sent: Promise<void>[] = [];
  for (let turn = 0; turn < load.rate * load.seconds; turn++) {
    await pause(Math.max(0, started + (turn * 1000) / load.rate - performance.now()));
    const caller = callers[turn % callers.length] as Caller;
    sent.push(measured(caller, next(turn)).then((took) => void latencies.push(took)));
  }
  await Promise.all(sent);
  return { latencies, perSecond: latencies.length / ((performance.now() - started) / 1000) };
}

async function measured(caller: Caller, sent: Sent): Promise<number> {
  const from = performance.now();
  const { status, bytes } = await caller.send(sent);
  if (status < 200 || status > 299) throw new Error(`${sent.method} ${sent.path}: ${status} ${bytes.toString('utf8')}`);
  return performance.now() - from;
}
