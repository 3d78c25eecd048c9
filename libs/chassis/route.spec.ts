import 'reflect-metadata';
import { Controller, Get } from '@nestjs/common';
import type { ExecutionContext, Type } from '@nestjs/common';
import { Refused } from '#kernel/decider';
import { Buckets } from './bucket';
import type { Sessions } from './identity/sessions';
import type { Person } from './person';
import { demandGuarded, May, metaOf, Open, personOf } from './route';
import type { PersonRequest } from './route';
import { demandOwnPage, RouteGuard } from './route-guard';

const person: Person = {
  agency: 'inspection',
  id: 'a1',
  name: '李某',
  role: 'orgLiaison',
  login: 'li',
  sees: ['u1'],
  session: 's',
};

class Routes {
  @May('issue.ProposeClaim')
  claim(): void {}
  @May('round.OpenRound')
  round(): void {}
  @Open()
  open(): void {}
  forgotten(): void {}
}

@Open()
class OpenByClass {
  any(): void {}
  @May('issue.read')
  except(): void {}
}

function context(type: Type, name: string, request: object): ExecutionContext {
  const handler = (type.prototype as Record<string, unknown>)[name];
  return {
    getHandler: () => handler,
    getClass: () => type,
    switchToHttp: () => ({ getRequest: () => request }),
  } as unknown as ExecutionContext;
}

function guard(perMinute = 600): RouteGuard {
  const find = (token: string) => Promise.resolve(token === 'good' ? person : undefined);
  const sessions = { cookie: 'c', find } as unknown as Sessions;
  return new RouteGuard(sessions, new Buckets(perMinute, 60_000, () => 0));
}

const signedIn = (): { method: string; url: string; headers: object; cookies: object; person?: Person } => ({
  method: 'GET',
  url: '/api/x',
  headers: {},
  cookies: { c: 'good' },
});

async function refusal(work: () => unknown): Promise<string> {
  try {
    await work();
  } catch (error) {
    if (error instanceof Refused) return error.code;
    throw error;
  }
  return 'passed';
}

describe('the guard of all routes', () => {
  it('lets in whoever has the permission, and tells the route who it is', async () => {
    const request = signedIn();
    expect(await guard().canActivate(context(Routes, 'claim', request))).toBe(true);
    expect(request.person).toBe(person);
  });

  it('refuses a role without the permission', async () => {
    expect(await refusal(() => guard().canActivate(context(Routes, 'round', signedIn())))).toBe('rights.role');
  });

  it('refuses without a session, with a wrong one, and on a route that names nothing', async () => {
    const without = { ...signedIn(), cookies: {} };
    const wrong = { ...signedIn(), cookies: { c: 'bad' } };
    expect(await refusal(() => guard().canActivate(context(Routes, 'claim', without)))).toBe('session.none');
    expect(await refusal(() => guard().canActivate(context(Routes, 'claim', wrong)))).toBe('session.none');
    expect(await refusal(() => guard().canActivate(context(Routes, 'forgotten', without)))).toBe('session.none');
    expect(await refusal(() => guard().canActivate(context(Routes, 'forgotten', signedIn())))).toBe('rights.role');
  });

  it('lets anybody into an open route, but not where a method of the same class asks for a permission', async () => {
    const nobody = { ...signedIn(), cookies: {} };
    expect(await guard().canActivate(context(Routes, 'open', nobody))).toBe(true);
    expect(await guard().canActivate(context(OpenByClass, 'any', nobody))).toBe(true);
    expect(await refusal(() => guard().canActivate(context(OpenByClass, 'except', nobody)))).toBe('session.none');
  });

  it('refuses an account that asks too often', async () => {
    const strict = guard(2);
    const ask = () => refusal(() => strict.canActivate(context(Routes, 'claim', signedIn())));
    expect([await ask(), await ask(), await ask()]).toEqual(['passed', 'passed', 'service.tooMany']);
  });

  it('demands of changing requests under /api that our own page sent them, of open routes too', async () => {
    const post = { ...signedIn(), method: 'POST', cookies: {} };
    expect(await refusal(() => guard().canActivate(context(Routes, 'open', post)))).toBe('session.origin');
    const log = { ...post, url: '/log/add-checkpoint' };
    expect(await refusal(() => guard().canActivate(context(Routes, 'open', log)))).toBe('passed');
  });
});

describe('a request of our own page', () => {
  const ours = { 'sanfang-console': '1', host: 'xunshi.example:8803', 'content-type': 'application/json' };
  it.each([
    ['the browser’s own', { origin: 'http://xunshi.example:8803', 'sec-fetch-site': 'same-origin' }, 'passed'],
    ['a program’s, without browser headers', {}, 'passed'],
    ['a form with a file', { 'content-type': 'multipart/form-data; boundary=x' }, 'passed'],
    ['without a body', { 'content-type': undefined }, 'passed'],
    ['without our header', { 'sanfang-console': undefined }, 'session.origin'],
    ['of another host', { origin: 'http://evil.example' }, 'session.origin'],
    ['of another port', { origin: 'http://xunshi.example:8801' }, 'session.origin'],
    ['of an opaque origin', { origin: 'null' }, 'session.origin'],
    ['of the same site only', { 'sec-fetch-site': 'same-site' }, 'session.origin'],
    ['of another site', { 'sec-fetch-site': 'cross-site' }, 'session.origin'],
    ['as a plain form', { 'content-type': 'application/x-www-form-urlencoded' }, 'input.mediaType'],
    ['as text', { 'content-type': 'text/plain' }, 'input.mediaType'],
    ['as something like JSON', { 'content-type': 'application/jsonp' }, 'input.mediaType'],
  ])('%s', async (_, headers, expected) => {
    expect(await refusal(() => demandOwnPage({ headers: { ...ours, ...headers } }))).toBe(expected);
  });
});

describe('the start of a service', () => {
  it('is refused when a route has neither a permission nor Open, or a permission nobody has', () => {
    @Controller()
    class Leaky {
      @Get('a')
      forgotten(): void {}
      @Get('b')
      @May('issue.Reed')
      misspelt(): void {}
      @Get('c')
      @Open()
      open(): void {}
      inner(): void {}
    }
    expect(() => demandGuarded([Leaky])).toThrow(/Leaky\.forgotten[^]*Leaky\.misspelt/);
    expect(() => demandGuarded([Leaky])).not.toThrow(/inner|Leaky\.open/);
  });
});

describe('what a route learns of a request', () => {
  const request = (headers: object, who?: Person) => ({ headers, ...(who && { person: who }) }) as PersonRequest;
  const commandId = '4F9D1C1E-3F0B-4B0A-9D57-0F3B7C1F4E11';

  it('is the person, or nothing goes on', async () => {
    expect(personOf(request({}, person))).toBe(person);
    expect(await refusal(() => personOf(request({})))).toBe('session.none');
  });

  it('is the command’s id in one spelling, and the revision looked at', () => {
    const headers = { 'sanfang-command': commandId, 'sanfang-revision': '7' };
    const meta = { who: person, commandId: commandId.toLowerCase(), expectedRevision: 7 };
    expect(metaOf(request(headers, person))).toEqual(meta);
    expect(metaOf(request({ 'sanfang-command': commandId }, person))).not.toHaveProperty('expectedRevision');
  });

  it.each([
    [{}],
    [{ 'sanfang-command': '1' }],
    [{ 'sanfang-command': commandId, 'sanfang-revision': '1.5' }],
    [{ 'sanfang-command': commandId, 'sanfang-revision': 'x' }],
  ])('is refused when %p cannot be understood', async (headers) => {
    expect(await refusal(() => metaOf(request(headers, person)))).toBe('input.command');
  });
});
