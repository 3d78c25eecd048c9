// Signing in, being somebody, signing out.
import { Controller, Delete, Get, HttpCode, Post, Req, Res } from '@nestjs/common';
import '@fastify/cookie';
import type { FastifyReply } from 'fastify';
import type { z } from 'zod';
import { paths, signIn } from '#contracts/api';
import type { Me } from '#contracts/answers';
import { roles } from '#contracts/roles';
import type { Role } from '#contracts/roles';
import type { Person } from '../person';
import { Input, May, Open, Who } from '../route';
import type { PersonRequest } from '../route';
import { Sessions } from './sessions';
import { SignIn } from './sign-in';

@Controller(paths.session)
export class SessionApi {
  constructor(
    private readonly sessions: Sessions,
    private readonly door: SignIn,
  ) {}

  @Get()
  @May('session.read')
  me(@Who() who: Person): Me {
    return meOf(who);
  }

  @Post()
  @HttpCode(200)
  @Open()
  async enter(
    @Input(signIn) { login, password }: z.infer<typeof signIn>,
    @Req() request: PersonRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<Me> {
    const before = request.cookies[this.sessions.cookie];
    const origin = { address: request.ip, agent: request.headers['user-agent'] ?? '' };
    const { token, person } = await this.door.enter(login, password, origin);
    // Whoever signs in again in the same browser leaves no second session behind.
    const former = before === undefined ? undefined : await this.sessions.find(before);
    if (former) await this.sessions.end(former.session);
    // Without Max-Age the browser forgets it when it closes; how long it is good for the server decides.
    reply.setCookie(this.sessions.cookie, token, { path: '/', secure: true, httpOnly: true, sameSite: 'strict' });
    return meOf(person);
  }

  @Delete()
  @HttpCode(204)
  @May('session.read')
  async leave(@Who() who: Person, @Res({ passthrough: true }) reply: FastifyReply): Promise<void> {
    await this.sessions.end(who.session);
    reply.clearCookie(this.sessions.cookie, { path: '/', secure: true, httpOnly: true, sameSite: 'strict' });
    // Not "storage": half-written forms are kept on log-out (ux.md section 3), and nothing else is ever stored.
    reply.header('clear-site-data', '"cache"');
  }
}

function meOf({ id, login, name, role, agency, unit, unitName }: Person): Me {
  return {
    id,
    login,
    name,
    role: role as Role,
    roleLabel: roles[role as Role].label,
    agency,
    ...(unit !== undefined && { unitId: unit }),
    ...(unitName !== undefined && { unitName }),
  };
}
