// Everything that goes wrong leaves the service in one form (RFC 9457), with a code, a Chinese sentence with remedy
// and a reference; what went wrong inside stays in the service's own record under that reference.
import { Catch, HttpException } from '@nestjs/common';
import type { ArgumentsHost, ExceptionFilter } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Refused } from '#kernel/decider';
import type { Problem } from '#contracts/answers';
import { sentence } from '#contracts/messages.zh';
import { outOfReach } from '#store/pg/faults';
import { newToken } from './ids';
import { FieldFaults } from './input';
import { refusalOf } from './asking';
import type { Log } from './logging';
import type { Metrics } from './metrics';

/** JSON bodies above this are refused; files go by multipart with limits of their own. */
export const bodyLimit = 262_144;

const statuses: readonly (readonly [code: RegExp, status: number])[] = [
  [/^(input|paper)\.tooLarge$/, 413],
  [/^paper\./, 422],
  [/^input\.mediaType$/, 415],
  [/^input\./, 400],
  [/^session\.(none|wrong)$/, 401],
  [/^(session\.origin|rights\.role)$/, 403],
  [/^(rights\.unit|record\.none|path\.none)$/, 404],
  [/^body\.destroyed$/, 410],
  [/^(service\.tooMany|session\.locked)$/, 429],
  [/^(service\.unavailable|service\.full|service\.parked|view\.behind)$/, 503],
  [/^service\.fault$/, 500],
];

/** What is sent once more when people have made room goes in: nothing of it was kept. */
const fullDisk = ['ENOSPC', 'EDQUOT'];

const titles: Readonly<Record<number, string>> = {
  400: '内容不符合要求',
  401: '需要登录',
  403: '没有权限',
  404: '没有找到',
  409: '不能这样做',
  410: '已销毁',
  413: '内容过大',
  415: '内容类型不支持',
  422: '文件无法读取',
  429: '过于频繁',
  500: '系统故障',
  503: '暂时不可用',
};

export function statusOf(code: string): number {
  return statuses.find(([pattern]) => pattern.test(code))?.[1] ?? 409;
}

export type Answer = { readonly problem: Problem; readonly retryAfterSeconds?: number };

/** @param error anything that was thrown; what is no refusal becomes `service.fault` */
export function answerTo(error: unknown, reference: string): Answer {
  const refused = asRefused(error) ?? new Refused('service.fault', { reference });
  const status = statusOf(refused.code);
  const problem: Problem = {
    type: 'about:blank',
    status,
    code: refused.code,
    title: titles[status] ?? '没有办成',
    message: sentence(refused.code, refused.details),
    ...(refused instanceof FieldFaults && { fields: refused.fields }),
    reference,
  };
  const seconds = retryAfter(refused, status);
  return { problem, ...(seconds !== undefined && { retryAfterSeconds: seconds }) };
}

function retryAfter(refused: Refused, status: number): number | undefined {
  const { seconds, minutes } = refused.details;
  if (typeof seconds === 'number') return seconds;
  if (typeof minutes === 'number' && status === 429) return minutes * 60;
  return status === 503 ? 2 : undefined;
}

function asRefused(thrown: unknown): Refused | undefined {
  const error = refusalOf(thrown);
  if (error instanceof Refused) return error;
  if (outOfReach(error)) return new Refused('service.unavailable');
  if (fullDisk.includes((error as NodeJS.ErrnoException | undefined)?.code ?? '')) return new Refused('service.full');
  // Faults of the frame around the handlers: Nest turns Fastify's errors into these, keeping only their status.
  const status = error instanceof HttpException ? error.getStatus() : (error as { statusCode?: unknown })?.statusCode;
  if (status === 404 || status === 405) return new Refused('path.none');
  if (status === 413) return new Refused('input.tooLarge', { limit: `${bodyLimit / 1024} KB` });
  if (status === 415) return new Refused('input.mediaType');
  if (status === 400) return new Refused('input.json');
  return undefined;
}

/** The filter as every listener of a service has it: faults are counted and recorded under the user's reference. */
export function problemFilter(metrics: Pick<Metrics, 'faulted'>, log: Pick<Log, 'error'>): ProblemFilter {
  return new ProblemFilter((error, reference, { method, routeOptions }) => {
    metrics.faulted('http');
    log.error({ err: error, reference, method, route: routeOptions.url }, 'a request failed');
  });
}

@Catch()
export class ProblemFilter implements ExceptionFilter {
  /** @param onFault told of each fault inside, lost databases included, with the reference that the user was given */
  constructor(private readonly onFault: (error: unknown, reference: string, request: FastifyRequest) => void) {}

  catch(error: unknown, host: ArgumentsHost): void {
    const http = host.switchToHttp();
    const reply = http.getResponse<FastifyReply>();
    const { problem, retryAfterSeconds } = answerTo(error, newToken(6));
    if (problem.status >= 500 && !(error instanceof Refused))
      this.onFault(error, problem.reference, http.getRequest<FastifyRequest>());
    // Half an answer is on its way: breaking off is the only way to say that it is not whole.
    if (reply.raw.headersSent) {
      reply.raw.destroy();
      return;
    }
    if (retryAfterSeconds !== undefined) reply.header('retry-after', String(retryAfterSeconds));
    void reply
      .status(problem.status)
      .header('content-type', 'application/problem+json; charset=utf-8')
      .send(JSON.stringify(problem));
  }
}
