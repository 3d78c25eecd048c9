// The witness over HTTP (C2SP tlog-witness; docs/spec/witness.md): other logs show their checkpoints here, and anybody
// may ask what was cosigned last. No session: whoever asks proves what he says by signatures, or just reads.
import { Controller, Get, Header, HttpCode, Inject, Param, Post, Req, Res } from '@nestjs/common';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Refused } from '#kernel/decider';
import { MAX_ADD_CHECKPOINT, SIZE_MEDIA_TYPE } from '#tlog/witness';
import { Open } from '../route';
import type { Witness } from './witness';

/** What the routes serve; provided under this class as token. */
export class WitnessFeed {
  constructor(
    readonly parts: {
      readonly witness: Pick<Witness, 'add' | 'checkpoint'>;
      readonly vkey: string;
      /** Of the own log, where its best cosigned checkpoint lies. */
      readonly folder: string;
    },
  ) {}
}

const addPath = '/witness/add-checkpoint';
const noteType = 'application/x-tlog-add-checkpoint';

/**
 * Lets the body of `add-checkpoint` through as bytes, whatever type its sender gives it (C2SP names none). Every other
 * route keeps refusing types that a form of a foreign page can send.
 */
export function acceptCheckpoints(http: FastifyInstance): void {
  http.addHook('onRequest', (request, _reply, done) => {
    if (request.method === 'POST' && request.url === addPath) request.headers['content-type'] = noteType;
    done();
  });
  http.addContentTypeParser(
    noteType,
    { parseAs: 'buffer', bodyLimit: MAX_ADD_CHECKPOINT },
    (_request: FastifyRequest, body: Buffer, done: (error: null, body: Buffer) => void) => done(null, body),
  );
}

@Controller()
export class WitnessApi {
  constructor(@Inject(WitnessFeed) private readonly feed: WitnessFeed) {}

  @Post('witness/add-checkpoint')
  @Open()
  @HttpCode(200)
  async add(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    const body = request.body instanceof Uint8Array ? request.body : new Uint8Array(0);
    const answer = await this.feed.parts.witness.add(body);
    void reply.status(answer.status).header('cache-control', 'no-store');
    void reply.header('content-type', answer.status === 409 ? SIZE_MEDIA_TYPE : 'text/plain; charset=utf-8');
    if (answer.status === 503) void reply.header('retry-after', '1');
    if (answer.status === 200) void reply.send(answer.body);
    else void reply.send(answer.status === 409 ? `${answer.size}\n` : `${answer.why}\n`);
  }

  @Get('witness/vkey')
  @Open()
  @Header('content-type', 'text/plain; charset=utf-8')
  vkey(): string {
    return `${this.feed.parts.vkey}\n`;
  }

  /** @param hash SHA-256 of the log's origin, lower-case hex */
  @Get('witness/:hash/checkpoint')
  @Open()
  @Header('content-type', 'text/plain; charset=utf-8')
  @Header('cache-control', 'no-cache')
  async checkpoint(@Param('hash') hash: string): Promise<Buffer> {
    const note = await this.feed.parts.witness.checkpoint(hash);
    if (!note) throw new Refused('path.none');
    return Buffer.from(note);
  }

  /** The own log's newest checkpoint that enough witnesses cosigned; beside `/log/checkpoint`, which never waits. */
  @Get('log/cosigned')
  @Open()
  @Header('content-type', 'text/plain; charset=utf-8')
  @Header('cache-control', 'no-cache')
  cosigned(): Buffer {
    return this.file('cosigned');
  }

  @Get('log/witness-vkey')
  @Open()
  @Header('content-type', 'text/plain; charset=utf-8')
  witnessVkey(): string {
    return this.vkey();
  }

  private file(name: string): Buffer {
    try {
      return readFileSync(join(this.feed.parts.folder, name));
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') throw new Refused('path.none');
      throw error;
    }
  }
}
