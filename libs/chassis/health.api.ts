// For whoever watches the service: does it live, may it get requests, and what does it measure.
import { Controller, Get, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { createHash, timingSafeEqual } from 'node:crypto';
import { Refused } from '#kernel/decider';
import { Metrics } from './metrics';
import { Open } from './route';

export type Check = { readonly ok: boolean; readonly detail?: string };
/** Each answers within its own time limit; one that rejects counts as not ready. */
export type Checks = Readonly<Record<string, () => Check | Promise<Check>>>;

const checkMs = 2_000;

export class Readiness {
  constructor(private readonly checks: Checks) {}

  async report(): Promise<{ ready: boolean; checks: Record<string, Check> }> {
    const checks = await Promise.all(
      Object.entries(this.checks).map(async ([name, check]): Promise<[string, Check]> => [name, await bounded(check)]),
    );
    return { ready: checks.every(([, { ok }]) => ok), checks: Object.fromEntries(checks) };
  }
}

/** Who may read `/metrics` and rebuild read models: the bearer of the token, or without one this machine alone. */
export class OperatorAccess {
  constructor(private readonly token: string | undefined) {}

  allows({ ip, headers }: Pick<FastifyRequest, 'ip' | 'headers'>): boolean {
    if (this.token !== undefined) return same(headers.authorization ?? '', `Bearer ${this.token}`);
    // What a proxy on this machine passes on comes from somewhere else.
    const passedOn = headers['x-forwarded-for'] !== undefined || headers['forwarded'] !== undefined;
    return !passedOn && /^(127\.|::1$|::ffff:127\.)/.test(ip);
  }
}

@Controller()
export class HealthApi {
  constructor(
    private readonly readiness: Readiness,
    private readonly metrics: Metrics,
    private readonly access: OperatorAccess,
  ) {}

  /** Answers as long as the process does; asks nothing else, so that a database at rest restarts nobody. */
  @Get('health')
  @Open()
  health(): { status: string } {
    return { status: 'ok' };
  }

  @Get('ready')
  @Open()
  async ready(@Res({ passthrough: true }) reply: FastifyReply): Promise<object> {
    const report = await this.readiness.report();
    if (!report.ready) reply.status(503);
    return report;
  }

  @Get('metrics')
  @Open()
  async figures(@Req() request: FastifyRequest, @Res({ passthrough: true }) reply: FastifyReply): Promise<string> {
    if (!this.access.allows(request)) throw new Refused('path.none');
    reply.header('content-type', this.metrics.registry.contentType);
    return this.metrics.registry.metrics();
  }
}

async function bounded(check: () => Check | Promise<Check>): Promise<Check> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<Check>((resolve) => {
    timer = setTimeout(() => resolve({ ok: false, detail: `no answer in ${checkMs} ms` }), checkMs);
  });
  try {
    return await Promise.race([Promise.resolve().then(check), late]);
  } catch (error) {
    // The message may name hosts and users; it is for the service's own record, not for whoever asks.
    return { ok: false, detail: (error as Error).name };
  } finally {
    clearTimeout(timer);
  }
}

function same(given: string, wanted: string): boolean {
  const hash = (text: string): Buffer => createHash('sha256').update(text).digest();
  return timingSafeEqual(hash(given), hash(wanted));
}
