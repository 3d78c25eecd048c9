// Stands before every route: was the request made by our own page, who sends it, may he, and not too often.
import '@fastify/cookie';
import { Injectable } from '@nestjs/common';
import type { CanActivate, ExecutionContext } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { Refused } from '#kernel/decider';
import { may } from '#contracts/roles';
import type { ActingRole } from '#contracts/roles';
import type { Buckets } from './bucket';
import type { Sessions } from './identity/sessions';
import { openKey, permissionKey } from './route';
import type { PersonRequest } from './route';

/** No form and no link of another site can send this header. */
export const consoleHeader = 'sanfang-console';
const safeMethods = new Set(['GET', 'HEAD', 'OPTIONS']);

@Injectable()
export class RouteGuard implements CanActivate {
  /** @param requests counts requests by account */
  constructor(
    private readonly sessions: Sessions,
    private readonly requests: Buckets,
  ) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    const request = context.switchToHttp().getRequest<PersonRequest>();
    if (!safeMethods.has(request.method) && request.url.startsWith('/api/')) demandOwnPage(request);
    const marked = <Value>(key: string): Value | undefined =>
      (Reflect.getMetadata(key, context.getHandler()) ?? Reflect.getMetadata(key, context.getClass())) as
        Value | undefined;
    const permission = marked<string>(permissionKey);
    // A permission outweighs `Open`, wherever the two meet.
    if (permission === undefined && marked(openKey)) return true;
    const token = request.cookies[this.sessions.cookie];
    const person = token === undefined ? undefined : await this.sessions.find(token);
    if (!person) throw new Refused('session.none');
    const seconds = this.requests.take(person.id);
    if (seconds > 0) throw new Refused('service.tooMany', { seconds });
    if (permission === undefined || !may(person.role as ActingRole, permission)) throw new Refused('rights.role');
    request.person = person;
    return true;
  }
}

/**
 * Cross-site request forgery: our header, the same origin where the browser names one, and only content types that a
 * form of another site cannot send (ASVS 3.5.1-3).
 * @throws Refused `session.origin`, `input.mediaType`
 */
export function demandOwnPage({ headers }: Pick<FastifyRequest, 'headers'>): void {
  if (headers[consoleHeader] !== '1') throw new Refused('session.origin');
  const { origin, host } = headers;
  if (origin !== undefined && !(URL.canParse(origin) && new URL(origin).host === host)) {
    throw new Refused('session.origin');
  }
  const site = headers['sec-fetch-site'];
  if (site !== undefined && site !== 'same-origin') throw new Refused('session.origin');
  const type = headers['content-type'];
  if (type !== undefined && !/^(application\/json|multipart\/form-data)\s*(;|$)/i.test(type)) {
    throw new Refused('input.mediaType');
  }
}
