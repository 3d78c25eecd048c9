// The wire from one agency to another's feed, in the hands of the test: it can be cut, fall silent, be slow, or hand on
// something else than what was answered. One link for each direction, since each agency only reads.
import { createServer, request } from 'node:http';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { agencies } from '#kernel/envelope';
import type { Agency } from '#kernel/envelope';
import { firstPort } from '../stories/supervised';
import { world } from '../stories/world';
import type { World } from '../stories/world';

/** `cut`: connections are refused and broken; `silent`: they stand, and nothing comes. */
export type State = 'open' | 'cut' | 'silent';
/** What is handed on instead of an answer; undefined breaks the connection. */
export type Mangle = (path: string, answer: Buffer) => Buffer | undefined;

export class Link {
  state: State = 'open';
  /** Milliseconds before each answer. */
  delay = 0;
  mangle: Mangle | undefined;
  /** Answered instead of what the owner has, by path below `/log/`. */
  files: ReadonlyMap<string, Uint8Array> | undefined;
  private readonly sockets = new Set<Socket>();

  private constructor(
    private readonly server: Server,
    readonly url: string,
    /** Where the owner's feed listens. */
    public port: number,
  ) {}

  static async to(port: number): Promise<Link> {
    const server = createServer((asked, answer) => link.hand(asked, answer));
    server.on('connection', (socket) => {
      if (link.state === 'cut') {
        socket.destroy();
        return;
      }
      link.sockets.add(socket);
      if (link.state === 'silent') socket.pause();
      socket.on('error', () => undefined).on('close', () => link.sockets.delete(socket));
    });
    await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready));
    const link: Link = new Link(server, `http://127.0.0.1:${(server.address() as AddressInfo).port}`, port);
    return link;
  }

  set(state: State): void {
    this.state = state;
    for (const socket of this.sockets) {
      // Silence comes over what is under way too: the reader has to notice by itself.
      if (state === 'silent') socket.pause();
      else socket.destroy();
    }
  }

  async end(): Promise<void> {
    for (const socket of this.sockets) socket.destroy();
    await new Promise((closed) => this.server.close(closed));
  }

  private hand(asked: IncomingMessage, answer: ServerResponse): void {
    const { method, headers, url: path = '' } = asked;
    const { files, port } = this;
    if (files && path.startsWith('/log/')) {
      const file = files.get(path.slice('/log/'.length));
      answer.writeHead(file ? 200 : 404).end(file);
      return;
    }
    const onward = request({ port, host: '127.0.0.1', path, method, headers }, (real) => {
      answer.on('close', () => real.destroy());
      // Hints may be lost; a stream of them is handed on as it comes, or not at all where answers are slow or mangled.
      if (path === '/log/wake' && (this.mangle || this.delay > 0)) return void answer.destroy();
      if (!this.mangle) {
        answer.writeHead(real.statusCode ?? 502, real.headers);
        real.on('data', (bytes: Buffer) => this.state === 'open' && answer.write(bytes));
        real.on('end', () => void this.later(() => answer.end()));
        return;
      }
      const parts: Buffer[] = [];
      real.on('data', (bytes: Buffer) => parts.push(bytes));
      real.on('end', () => {
        const bytes = real.statusCode === 200 ? this.mangle?.(path, Buffer.concat(parts)) : Buffer.concat(parts);
        if (!bytes) return void answer.destroy();
        const { 'content-length': _, ...rest } = real.headers;
        answer.writeHead(real.statusCode ?? 502, { ...rest, 'content-length': String(bytes.length) }).end(bytes);
      });
    });
    onward.on('error', () => answer.destroy());
    answer.on('close', () => onward.destroy());
    asked.pipe(onward);
  }

  private async later(work: () => void): Promise<void> {
    await pause(this.delay);
    if (this.state === 'open') work();
  }
}

export type Linked = World & {
  /** The wire by which `reader` reads what `owner` says. */
  link(reader: Agency, owner: Agency): Link;
  /** All wires to and from one agency. */
  around(agency: Agency): Link[];
  readonly links: readonly Link[];
};

export async function linked(env: Readonly<Record<string, string>> = {}): Promise<Linked> {
  const port = await firstPort();
  const links = new Map<string, Link>();
  const peers: Record<string, string> = {};
  for (const reader of agencies) {
    const owners = agencies.filter((owner) => owner !== reader);
    for (const owner of owners) {
      links.set(`${reader} ${owner}`, await Link.to(port + agencies.length + agencies.indexOf(owner)));
    }
    const named = owners.map((agency) => ({ agency, url: links.get(`${reader} ${agency}`)?.url }));
    peers[`${reader.toUpperCase()}_PEERS`] = JSON.stringify(named);
  }
  const here = await world({ port, env: { API_PER_MINUTE: '100000', ...peers, ...env } });
  const link = (reader: Agency, owner: Agency): Link => links.get(`${reader} ${owner}`) as Link;
  return {
    ...here,
    link,
    around: (agency) => [...links].flatMap(([name, each]) => (name.split(' ').includes(agency) ? [each] : [])),
    links: [...links.values()],
    end: async () => {
      await here.end();
      await Promise.all([...links.values()].map((each) => each.end()));
    },
  };
}
