// The feed's own listener, apart from people's: what peers and auditors read holds the matters of every inspected
// organisation, so an operator must be able to put it on another network than the portal (docs/adr/0012).
import { Controller, Get, Injectable, Inject, Module, Req, Res } from '@nestjs/common';
import type { CanActivate, ExecutionContext } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { Refused } from '#kernel/decider';
import { httpUrl, isAnyAddress } from './config';
import { bearsSession } from './identity/sessions';
import { LogApi, LogFeed } from './log.api';
import { NestLog } from './logging';
import type { Log } from './logging';
import type { Metrics } from './metrics';
import { MirrorApi, MirrorFeed } from './mirror.api';
import { problemFilter } from './problem';
import { demandGuarded, Open } from './route';
import { addSecurityHeaders } from './security-headers';
import { acceptCheckpoints, WitnessApi, WitnessFeed } from './witness/witness.api';

export type FeedAppParts = {
  readonly feed: LogFeed;
  readonly witness: WitnessFeed;
  readonly mirror: MirrorFeed;
  readonly metrics: Metrics;
  readonly log: Log;
};

/** Cookies ignore ports: a browser in which somebody is signed in is a person, and the feed has nothing for persons. */
@Injectable()
class NoPersons implements CanActivate {
  canActivate(context: ExecutionContext): boolean {
    if (bearsSession(context.switchToHttp().getRequest<FastifyRequest>())) throw new Refused('path.none');
    return true;
  }
}

@Module({})
class FeedModule {}

/** Ready to listen. Takes no body but a checkpoint to cosign, knows no account; closing it ends the wake-up streams. */
export async function createFeedApp({
  feed,
  witness,
  mirror,
  metrics,
  log,
}: FeedAppParts): Promise<NestFastifyApplication> {
  const controllers = [LogApi, WitnessApi, MirrorApi];
  const providers = [
    { provide: LogFeed, useValue: feed },
    { provide: WitnessFeed, useValue: witness },
    { provide: MirrorFeed, useValue: mirror },
  ];
  demandGuarded(controllers);
  const app = await NestFactory.create<NestFastifyApplication>(
    { module: FeedModule, controllers, providers },
    new FastifyAdapter({
      bodyLimit: 1,
      forceCloseConnections: true,
      requestTimeout: 120_000,
      routerOptions: { maxParamLength: 200 },
    }),
    { bodyParser: false, abortOnError: false, logger: new NestLog(log) },
  );
  app.useGlobalGuards(new NoPersons());
  app.useGlobalFilters(problemFilter(metrics, log));
  const http = app.getHttpAdapter().getInstance() as unknown as FastifyInstance;
  addSecurityHeaders(http);
  acceptCheckpoints(http);
  metrics.watchHttp(http);
  await app.init();
  return app;
}

/** Where the feed listens, for people's port to name. */
export class FeedAddress {
  constructor(
    private readonly host: string,
    private readonly port: number,
  ) {}

  /** @param reached the address of this machine that the request came to: named when the feed listens on all of them */
  url(reached: string | undefined): string {
    return httpUrl(isAnyAddress(this.host) ? (reached ?? '127.0.0.1').replace(/^::ffff:/, '') : this.host, this.port);
  }
}

/** On people's port there is no log. Whoever is nobody here, as an auditor is, is told where it lies. */
@Controller('log')
export class FeedPointerApi {
  constructor(@Inject(FeedAddress) private readonly feed: FeedAddress) {}

  @Get('*')
  @Open()
  point(@Req() request: FastifyRequest, @Res() reply: FastifyReply): void {
    const path = /^\/log\/[^?#]*/.exec(request.url)?.[0];
    if (path === undefined || bearsSession(request)) throw new Refused('path.none');
    const location = this.feed.url(request.raw.socket.localAddress) + path;
    // A free port is another one after a restart.
    void reply.status(308).header('cache-control', 'no-store').header('location', location).send();
  }
}
