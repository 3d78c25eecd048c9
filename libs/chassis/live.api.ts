// Tells open pages that something has changed (server-sent events, WHATWG HTML section 9.2). Only that, not what: the
// page asks again, through the same rights as ever. A hint may be lost; pages also look now and then by themselves.
import { Controller, Get, Injectable, Res } from '@nestjs/common';
import type { BeforeApplicationShutdown } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { paths } from '#contracts/api';
import { Refused } from '#kernel/decider';
import { Sessions } from './identity/sessions';
import type { Person } from './person';
import { Pulse } from './pulse';
import { May, Who } from './route';

const heartbeatMs = 15_000;
/** Hints are gathered for this long: a burst of a thousand events is one refresh. */
const gatherMs = 100;
const perAccount = 8;

class Stream {
  private readonly changed = new Set<string>();
  private timer: NodeJS.Timeout | undefined;

  constructor(private readonly reply: FastifyReply) {}

  note(view: string): void {
    this.changed.add(view);
    this.timer ??= setTimeout(() => this.flush(), gatherMs);
  }

  /** @returns false when the reader does not keep up; he comes again by himself */
  write(text: string): boolean {
    return this.reply.raw.write(text);
  }

  end(): void {
    clearTimeout(this.timer);
    this.reply.raw.end();
  }

  private flush(): void {
    this.timer = undefined;
    const text = [...this.changed].map((view) => `event: changed\ndata: ${JSON.stringify({ view })}\n\n`).join('');
    this.changed.clear();
    if (!this.write(text)) this.end();
  }
}

@Injectable()
export class LiveStreams implements BeforeApplicationShutdown {
  private readonly open = new Map<Stream, Person>();

  constructor(
    private readonly pulse: Pulse,
    private readonly sessions: Sessions,
  ) {}

  /** @throws Refused `service.tooMany` */
  add(reply: FastifyReply, who: Person): void {
    const own = [...this.open.values()].filter((each) => each.id === who.id);
    if (own.length >= perAccount) throw new Refused('service.tooMany', { seconds: 60 });
    reply.hijack();
    // Hijacked answers skip the frame's own writing of headers.
    const headers = { ...reply.getHeaders(), 'content-type': 'text/event-stream; charset=utf-8' };
    reply.raw.writeHead(200, headers as Record<string, string>);
    // Fastify answers HEAD with the same handler: headers, and no stream that nobody could ever read.
    if (reply.request.method === 'HEAD') {
      reply.raw.end();
      return;
    }
    reply.raw.write('retry: 2000\n\n');
    const stream = new Stream(reply);
    this.open.set(stream, who);
    const beats = this.pulse.beats.subscribe((beat) => {
      if (beat.kind === 'view' && beat.view !== '') stream.note(beat.view);
      if (beat.kind === 'peer') stream.note('peers');
      if (beat.kind === 'witness') stream.note('witnesses');
    });
    const unlisten = this.sessions.onEnd((session) => {
      if (session === who.session) stream.end();
    });
    const heartbeat = setInterval(() => void this.beat(stream, who), heartbeatMs);
    reply.raw.once('close', () => {
      clearInterval(heartbeat);
      beats.unsubscribe();
      unlisten();
      this.open.delete(stream);
      stream.end();
    });
  }

  beforeApplicationShutdown(): void {
    for (const stream of this.open.keys()) stream.end();
  }

  private async beat(stream: Stream, who: Person): Promise<void> {
    // When the database cannot say that the session lives, the stream ends: the page comes back and asks again.
    const alive = await this.sessions.alive(who.session).catch(() => false);
    if (!alive || !stream.write(': still here\n\n')) stream.end();
  }
}

@Controller(paths.live)
export class LiveApi {
  constructor(private readonly streams: LiveStreams) {}

  @Get()
  @May('live.read')
  live(@Res() reply: FastifyReply, @Who() who: Person): void {
    this.streams.add(reply, who);
  }
}
