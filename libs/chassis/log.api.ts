// The agency's log for whoever may read the shared stream: the tlog-tiles files, a stream of hints that it has grown,
// the self-check, and evidence files and sealed copies for the peers (docs/spec/feed.md). It is served by `feed-app.ts` alone.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Controller, Get, Header, Inject, Param, Req, Res } from '@nestjs/common';
import type { OnModuleDestroy } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Refused } from '#kernel/decider';
import { parseTilePath, tileWidth } from '#tlog/tile';
import { copyNamed } from './copies/keeping';
import type { Files } from './files';
import { Hints } from './hints';
import { demandPeer } from './passes';
import type { Peer } from './peers';
import type { Pulse } from './pulse';
import { Open } from './route';
import type { SelfCheck, SelfVerdict } from './self-check';

/** What the routes serve; `serve` provides it under this class as token. */
export class LogFeed {
  constructor(
    readonly parts: {
      /** tlog-tiles layout, written by the relay. */
      readonly folder: string;
      /** Size under the visible checkpoint. */
      readonly size: () => number;
      readonly pulse: Pulse;
      /** RFC 3339 UTC. */
      readonly clock: () => string;
      readonly selfCheck: SelfCheck;
      /** Who may fetch evidence files. */
      readonly peers: readonly Pick<Peer, 'key'>[];
      readonly files: Pick<Files, 'stream'>;
      /** The checkpoint with the cosignatures gathered for it. */
      readonly dressed?: (note: Buffer) => Buffer;
      /** Sealed copies of whole events (docs/spec/copies.md); absent when the agency gives none. */
      readonly copies?: ((from: bigint) => Promise<Uint8Array | undefined>) | undefined;
    },
  ) {}
}

const beatMs = 15_000;
/** Open wake-up streams; two peers and some auditors need a handful. */
const maxWakers = 64;

@Controller('log')
export class LogApi implements OnModuleDestroy {
  private readonly wakers = new Set<() => void>();
  private readonly hints: Hints;

  constructor(@Inject(LogFeed) private readonly feed: LogFeed) {
    this.hints = new Hints((path) => this.readIfThere(path));
  }

  @Get('checkpoint')
  @Open()
  @Header('content-type', 'text/plain; charset=utf-8')
  @Header('cache-control', 'no-cache')
  checkpoint(): Buffer {
    const note = this.read('checkpoint', 'service.unavailable');
    return this.feed.parts.dressed?.(note) ?? note;
  }

  @Get('vkey')
  @Open()
  @Header('content-type', 'text/plain; charset=utf-8')
  @Header('cache-control', 'no-cache')
  vkey(): Buffer {
    return this.read('vkey', 'service.unavailable');
  }

  @Get('keys')
  @Open()
  @Header('content-type', 'text/plain; charset=utf-8')
  @Header('cache-control', 'no-cache')
  keys(): Buffer {
    return this.read('keys', 'path.none');
  }

  @Get('sm2-vkey')
  @Open()
  @Header('content-type', 'text/plain; charset=utf-8')
  @Header('cache-control', 'no-cache')
  sm2Vkey(): Buffer {
    return this.read('sm2-vkey', 'path.none');
  }

  @Get('tile/*')
  @Open()
  tile(@Req() request: FastifyRequest, @Res({ passthrough: true }) reply: FastifyReply): Buffer {
    // The raw path, so that nothing decodes it: a name that is not exactly one of the layout names nothing.
    const path = /\/log\/(tile\/[^?#]*)$/.exec(request.url)?.[1] ?? '';
    const name = parseTilePath(path);
    const level = name?.level === 'entries' ? 0 : name?.level;
    if (!name || level === undefined || name.width > tileWidth(level, name.n, BigInt(this.feed.parts.size()))) {
      throw new Refused('path.none');
    }
    const bytes = this.read(path, 'path.none');
    void reply.header('content-type', 'application/octet-stream');
    void reply.header('cache-control', 'public, max-age=31536000, immutable');
    return bytes;
  }

  @Get('self-check')
  @Open()
  @Header('cache-control', 'no-store')
  selfCheck(): Promise<SelfVerdict> {
    return this.feed.parts.selfCheck.verdict();
  }

  @Get('wake')
  @Open()
  wake(@Req() request: FastifyRequest, @Res() reply: FastifyReply): void {
    if (this.wakers.size >= maxWakers) throw new Refused('service.tooMany', { seconds: 5 });
    const { pulse, size } = this.feed.parts;
    reply.hijack();
    const answer = reply.raw;
    request.raw.socket.setNoDelay(true);
    answer.writeHead(200, {
      'content-type': 'text/event-stream; charset=utf-8',
      'cache-control': 'no-store',
      'x-accel-buffering': 'no',
    });
    // Fastify answers HEAD with the same handler: headers, and no stream that nobody could ever read.
    if (request.method === 'HEAD') {
      answer.end();
      return;
    }
    const tell = (now: number) => answer.write(this.hints.of(now));
    const beats = pulse.beats.subscribe((beat) => {
      // A reader that does not read is let go: the next connection begins with the newest size anyway.
      if (beat.kind === 'log' && !tell(beat.size)) answer.destroy();
    });
    const heart = setInterval(() => answer.write(': \n\n'), beatMs);
    const end = () => {
      clearInterval(heart);
      beats.unsubscribe();
      this.wakers.delete(end);
      answer.end();
    };
    this.wakers.add(end);
    answer.on('error', end);
    answer.on('close', end);
    tell(size());
  }

  @Get('blob/:sha256')
  @Open()
  async blob(
    @Param('sha256') sha256: string,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const { files, clock, peers } = this.feed.parts;
    if (!/^[0-9a-f]{64}$/.test(sha256)) throw new Refused('record.none');
    await demandPeer(peers, request.headers.authorization, sha256, clock());
    const bytes = await files.stream(sha256);
    void reply.header('content-type', 'application/octet-stream').header('cache-control', 'private, no-store');
    void reply.send(bytes);
  }

  @Get('copy/:from')
  @Open()
  @Header('content-type', 'application/octet-stream')
  @Header('cache-control', 'private, no-store')
  async copy(@Param('from') from: string, @Req() request: FastifyRequest): Promise<Buffer> {
    const { copies, clock, peers } = this.feed.parts;
    if (!/^(0|[1-9]\d{0,15})$/.test(from)) throw new Refused('path.none');
    await demandPeer(peers, request.headers.authorization, copyNamed(BigInt(from)), clock());
    const bytes = await copies?.(BigInt(from));
    if (!bytes) throw new Refused('path.none');
    return Buffer.from(bytes);
  }

  /** Open streams would keep the server from closing. */
  onModuleDestroy(): void {
    for (const end of [...this.wakers]) end();
  }

  /** Followers ask for what was written a moment ago: it lies in the page cache, and reading it at once is quickest. */
  private readIfThere(path: string): Buffer | undefined {
    try {
      return readFileSync(join(this.feed.parts.folder, path));
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code === 'ENOENT' || code === 'ENOTDIR') return undefined;
      throw error;
    }
  }

  private read(path: string, missing: string): Buffer {
    const bytes = this.readIfThere(path);
    if (!bytes) throw new Refused(missing);
    return bytes;
  }
}
