// The one place that puts Nest together: Fastify, parsers and limits, guard, filter, headers, the CommandBus. What a
// service consists of comes in as arguments, so that a test has the same frame around a slice of its own.
import fastifyCookie from '@fastify/cookie';
import fastifyMultipart from '@fastify/multipart';
import { Module } from '@nestjs/common';
import type { Provider, Type } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { CommandBus, CqrsModule } from '@nestjs/cqrs';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { FastifyInstance } from 'fastify';
import { AskHandler } from './ask-handler';
import { Asking } from './asking';
import { Buckets } from './bucket';
import { Clock } from './clock';
import { ConsoleApi, ConsoleFacts } from './console.api';
import type { Config } from './config';
import type { Sql } from './database';
import { DryRun } from './dry-run';
import { Files } from './files';
import { HealthApi, OperatorAccess, Readiness } from './health.api';
import { SessionApi } from './identity/session.api';
import { Sessions } from './identity/sessions';
import { SignIn } from './identity/sign-in';
import { LiveApi, LiveStreams } from './live.api';
import { NestLog } from './logging';
import type { Log } from './logging';
import { Metrics } from './metrics';
import { bodyLimit, problemFilter } from './problem';
import { Pulse } from './pulse';
import { demandGuarded } from './route';
import { RouteGuard } from './route-guard';
import { addSecurityHeaders } from './security-headers';
import { Uploads } from './uploads';
import { serveConsole } from './web-static';

export type WebAppParts = {
  readonly config: Pick<
    Config,
    'agency' | 'metricsToken' | 'sessionIdleMinutes' | 'sessionAbsoluteHours' | 'apiPerMinute' | 'trustedProxy'
  >;
  readonly sql: Sql;
  readonly asking: Asking;
  readonly clock: Clock;
  readonly pulse: Pulse;
  readonly files: Files;
  readonly metrics: Metrics;
  readonly readiness: Readiness;
  readonly log: Log;
  /** Folder of the built console. */
  readonly web: string;
  readonly controllers: readonly Type[];
  /** Whatever else the controllers ask for. */
  readonly providers: readonly Provider[];
};

@Module({})
class WebModule {}

/** Ready to listen. @throws Error when a route is not guarded or an address is taken twice */
export async function createWebApp(parts: WebAppParts): Promise<NestFastifyApplication> {
  const { config, sql, clock, log, metrics } = parts;
  const controllers = [SessionApi, ConsoleApi, LiveApi, HealthApi, ...parts.controllers];
  demandGuarded(controllers);
  const limits = { idleMinutes: config.sessionIdleMinutes, absoluteHours: config.sessionAbsoluteHours };
  const sessions = new Sessions(sql, config.agency, limits, clock);
  const app = await NestFactory.create<NestFastifyApplication>(
    {
      module: WebModule,
      imports: [CqrsModule.forRoot()],
      controllers,
      providers: [...providersOf(parts, sessions), ...parts.providers],
    },
    new FastifyAdapter({
      bodyLimit,
      trustProxy: config.trustedProxy?.split(/[,\s]+/) ?? false,
      forceCloseConnections: true,
      requestTimeout: 120_000,
      routerOptions: { maxParamLength: 200 },
    }),
    { bodyParser: false, abortOnError: false, logger: new NestLog(log) },
  );
  app.useGlobalGuards(new RouteGuard(sessions, new Buckets(config.apiPerMinute, 60_000, () => clock.milliseconds())));
  app.useGlobalFilters(problemFilter(metrics, log));
  await frame(app.getHttpAdapter().getInstance() as unknown as FastifyInstance, parts);
  await app.init();
  return app;
}

function providersOf(parts: WebAppParts, sessions: Sessions): Provider[] {
  const { config, sql, asking, clock, pulse, files, metrics, readiness, log } = parts;
  const told = (outcome: string, login: string, address: string): void => {
    metrics.signedIn(outcome);
    log.info({ outcome, login, address }, 'sign-in');
  };
  const given = (provide: Type, useValue: object): Provider => ({ provide, useValue });
  return [
    AskHandler,
    LiveStreams,
    given(Asking, asking),
    given(DryRun, new DryRun(asking, clock)),
    given(Clock, clock),
    given(Pulse, pulse),
    given(Files as Type, files),
    {
      provide: Uploads,
      inject: [CommandBus],
      useFactory: (bus: CommandBus) => new Uploads(files, (ask) => bus.execute(ask)),
    },
    given(Metrics, metrics),
    given(Readiness as Type, readiness),
    given(OperatorAccess as Type, new OperatorAccess(config.metricsToken)),
    given(ConsoleFacts as Type, new ConsoleFacts(config.agency)),
    given(Sessions as Type, sessions),
    given(SignIn as Type, new SignIn(sql, sessions, clock, told)),
  ];
}

async function frame(http: FastifyInstance, { metrics, web }: WebAppParts): Promise<void> {
  // JSON and multipart are all we take; text would be one more thing that a foreign form can send.
  http.removeContentTypeParser('text/plain');
  addSecurityHeaders(http);
  metrics.watchHttp(http);
  await http.register(fastifyCookie);
  await http.register(fastifyMultipart, { throwFileSizeLimit: false });
  await serveConsole(http, web);
}
