// A whole web side for tests: real Nest, real PostgreSQL, a store in memory, one tiny slice, and a clock that can be
// put forward. What the slices of the agencies get is what this one gets.
import { Controller, Get, Post, Req } from '@nestjs/common';
import { CommandBus } from '@nestjs/cqrs';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { FastifyRequest } from 'fastify';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { DataSource } from 'typeorm';
import { z } from 'zod';
import type { Done } from '#contracts/answers';
import { demand } from '#kernel/decider';
import type { Decider } from '#kernel/decider';
import { MemoryStore } from '#store/memory/memory-store';
import { Ask } from './ask';
import type { AskMeta } from './ask';
import { Asking } from './asking';
import { Clock } from './clock';
import { openDatabase } from './database';
import { Files } from './files';
import { Readiness } from './health.api';
import { createAccount } from './identity/accounts';
import type { CreatedAccount, NewAccount } from './identity/accounts';
import { identityMigrations } from './identity/tables';
import { openLog } from './logging';
import { Metrics } from './metrics';
import { Pulse } from './pulse';
import { Input, InputParam, InputQuery, May, Meta } from './route';
import { Uploads } from './uploads';
import type { Upload } from './uploads';
import { createWebApp } from './web-app';

type Sent = Pick<Upload, 'fields' | 'file'>;
type Noted = { type: 'Progressed'; data: { text: string } } | { type: 'Attached'; data: Sent };
type Report = { type: 'ReportProgress'; text: string } | ({ type: 'AttachEvidence' } & Sent);

/** Its name and commands stand in the permission table, so that the real table decides. */
const noted: Decider<number, Report, Noted> = {
  name: 'issue',
  initial: 0,
  decide(command) {
    if (command.type === 'ReportProgress') return [{ type: 'Progressed', data: { text: command.text } }];
    const { fields, file } = command;
    demand(fields['dated'] !== '2000-01-01', 'evidence.beforeFeedback', {
      dated: '2000-01-01',
      feedbackDate: '2026-03-01',
    });
    return [{ type: 'Attached', data: { fields, file } }];
  },
  evolve: (count) => count + 1,
};

const report = z.strictObject({ text: z.string().min(1).max(100_000) });
const query = z.strictObject({ limit: z.coerce.number().int().max(200).optional() });
export const maxUpload = 300_000;

@Controller('api/notes')
class NotesApi {
  constructor(
    private readonly bus: CommandBus,
    private readonly uploads: Uploads,
  ) {}

  @Get()
  @May('issue.read')
  list(@InputQuery(query) { limit }: z.infer<typeof query>): { limit: number } {
    return { limit: limit ?? 50 };
  }

  @Get('fault')
  @May('issue.read')
  fault(): never {
    throw new Error('the inside of the service');
  }

  @Get('overview')
  @May('round.OpenRound')
  office(): string {
    return 'office';
  }

  @Post(':id/files')
  @May('issue.AttachEvidence')
  attach(@Req() request: FastifyRequest, @InputParam('id') id: string, @Meta() meta: AskMeta): Promise<Done> {
    return this.uploads.asked(request, { maxBytes: maxUpload }, ({ fields, file }) => {
      return new Ask(noted, id, { type: 'AttachEvidence', fields, file }, meta);
    });
  }

  @Post(':id')
  @May('issue.ReportProgress')
  report(
    @InputParam('id') id: string,
    @Input(report) { text }: z.infer<typeof report>,
    @Meta() meta: AskMeta,
  ): Promise<Done> {
    return this.bus.execute(new Ask(noted, id, { type: 'ReportProgress', text }, meta));
  }
}

export class TestClock extends Clock {
  private ahead = 0;
  override milliseconds(): number {
    return super.milliseconds() + this.ahead;
  }
  advance(minutes: number): void {
    this.ahead += minutes * 60_000;
  }
}

export class WebWorld {
  readonly clock = new TestClock();
  readonly pulse = new Pulse();
  readonly lines: string[] = [];
  readonly store = new MemoryStore();
  readonly folder = mkdtempSync(join(tmpdir(), 'sanfang-web-'));
  private accounts = 0;
  url = '';
  app!: NestFastifyApplication;
  database!: DataSource;

  static async open(databaseUrl: string, web?: string): Promise<WebWorld> {
    const world = new WebWorld();
    world.database = await openDatabase({
      url: databaseUrl,
      applicationName: 'test',
      migrations: identityMigrations,
      onPoolError: () => undefined,
    });
    const asking = new Asking({
      store: world.store,
      clock: world.clock,
      seen: () => ({}),
      commitKey: new Uint8Array(32),
    });
    world.app = await createWebApp({
      config: { agency: 'inspection', sessionIdleMinutes: 60, sessionAbsoluteHours: 8, apiPerMinute: 600 },
      sql: world.database,
      asking,
      clock: world.clock,
      pulse: world.pulse,
      files: new Files(join(world.folder, 'files')),
      metrics: new Metrics(),
      readiness: new Readiness({ always: () => ({ ok: true }), never: () => Promise.reject(new Error('secret host')) }),
      log: openLog('info', 'test', { write: (line: string) => void world.lines.push(line) }),
      web: web ?? join(world.folder, 'no-console'),
      controllers: [NotesApi],
      providers: [],
    });
    await world.app.listen(0, '127.0.0.1');
    world.url = await world.app.getUrl();
    return world;
  }

  async close(): Promise<void> {
    await this.app.close();
    await this.database.destroy();
  }

  account(change: Partial<NewAccount> = {}): Promise<CreatedAccount> {
    this.accounts += 1;
    const base: NewAccount = { login: `li${this.accounts}`, name: '李某', role: 'orgLiaison', unitId: 'u1' };
    return createAccount(this.database, 'inspection', { ...base, ...change }, this.clock.now());
  }

  /** As our own page sends it; a value of undefined takes a header away. */
  async send(method: string, path: string, body?: unknown, headers: Record<string, string | undefined> = {}) {
    const all = {
      'sanfang-console': '1',
      ...(body !== undefined && !(body instanceof FormData) && { 'content-type': 'application/json' }),
      ...headers,
    };
    const kept = Object.entries(all).filter((pair): pair is [string, string] => pair[1] !== undefined);
    const text = typeof body === 'string' || body instanceof FormData ? body : JSON.stringify(body);
    const response = await fetch(`${this.url}${path}`, {
      method,
      headers: kept,
      ...(body !== undefined && { body: text as string | FormData }),
    });
    const answer = await response.text();
    const json = /json/.test(response.headers.get('content-type') ?? '') ? JSON.parse(answer) : undefined;
    return { status: response.status, headers: response.headers, text: answer, json };
  }

  async signIn({ login, password }: Pick<CreatedAccount, 'login' | 'password'>): Promise<string> {
    const answer = await this.send('POST', '/api/session', { login, password });
    const cookie = /^(__Host-[^=]+=[^;]+)/.exec(answer.headers.get('set-cookie') ?? '')?.[1];
    if (!cookie) throw new Error(`not signed in: ${answer.text}`);
    return cookie;
  }
}
