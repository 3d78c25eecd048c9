// Signed in, and not a moment longer than that: sessions end by sign-out, by idling, by age and with their account;
// guessing is stopped; and only our own page, in a browser that is told to be strict, gets to use them.
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { paths } from '#contracts/api';
import { admit, officers, randomPassword, staffOf } from '../../apps/region/src/people';
import type { Person } from '../../apps/region/src/people';
import { program } from '../../apps/region/src/programs';
import { until } from '../../apps/region/src/scenario';
import { entered, visit } from './visitor';
import type { Reply, Request, Visitor } from './visitor';
import { asAdministrator, world } from './world';
import type { World } from './world';

let here: World;
let people: Person[];

beforeAll(async () => {
  here = await world({ env: { SESSION_IDLE_MINUTES: '5' } });
  people = [
    ...officers([{ unitId: 'u-1', unitName: '示范单位党组' }]),
    ...staffOf({ unitId: 'u-1', unitName: '示范单位党组' }, 0),
  ];
  await admit(here.region, people);
});
afterAll(() => here?.end());

const somebody = (login = 'liaison'): Person => people.find((each) => each.login === login) as Person;
const signedIn = (who: Person): Promise<Visitor> => entered(here.region.urls[who.agency], who);
const me = (visitor: Visitor): Promise<Reply> => visit(visitor, 'GET', paths.session);
const stranger = (): Visitor => ({
  url: here.region.urls.inspection,
  agency: 'inspection',
  role: 'nobody',
  cookie: '',
});
const trySignIn = (login: string, password: string): Promise<Reply> =>
  visit(stranger(), 'POST', paths.session, { body: { login, password } });

const ended = (visitor: Visitor): Promise<true> =>
  until('the session has ended', async () => ((await me(visitor)).code === 'session.none' ? true : undefined), 5);

/** Moves a session's times back, as if the clock had gone on. */
async function aged(assignment: string): Promise<void> {
  await asAdministrator(here, 'inspection', (postgres) => postgres.query(`update identity.session set ${assignment}`));
}

describe('a session', () => {
  it('ends with signing out, and no other does', async () => {
    for (const who of people) {
      const [here1, here2] = [await signedIn(who), await signedIn(who)];
      const out = await visit(here1, 'DELETE', paths.session);
      expect(out.status).toBe(204);
      expect(out.headers).toMatch(/clear-site-data: "cache"$/m);
      expect((await me(here1)).code).toBe('session.none');
      expect((await me(here2)).status).toBe(200);
    }
  });

  it('ends when the account is disabled, with the pages that are open, and the account does not get in again', async () => {
    const who = somebody('task-owner');
    const visitor = await signedIn(who);
    const live = await fetch(visitor.url + paths.live, { headers: { cookie: visitor.cookie } });
    const closed = live.text();
    expect((await me(visitor)).status).toBe(200);
    const account = [program('libs/chassis/account-cli'), 'inspection', 'disable', '--login', who.login];
    await promisify(execFile)(process.execPath, account, { env: { ...process.env, ...here.settings } });
    await ended(visitor);
    await closed;
    expect((await trySignIn(who.login, who.password)).code).toBe('session.wrong');
  });

  it('ends by idling as long as the setting says, and not before', async () => {
    const visitor = await signedIn(somebody());
    await aged(`last_seen = now() - interval '4 minutes'`);
    await new Promise((resolve) => setTimeout(resolve, 2_100));
    expect((await me(visitor)).status).toBe(200);
    await aged(`last_seen = now() - interval '5 minutes 1 second'`);
    await ended(visitor);
  });

  it('ends at its greatest age, used or not', async () => {
    const visitor = await signedIn(somebody());
    await aged(`expires = now() - interval '1 second'`);
    await ended(visitor);
  });

  it('is followed by another token at each sign-in, and the one before ends with it', async () => {
    const first = await signedIn(somebody());
    const { login, password } = somebody();
    const again = await visit(first, 'POST', paths.session, { body: { login, password } });
    expect(again.status).toBe(200);
    expect(again.headers).not.toContain(first.cookie);
    expect((await me(first)).code).toBe('session.none');
  });
});

describe('guessing', () => {
  it('is stopped after five tries, even with the right password, for logins that exist and that do not', async () => {
    const { login, password } = somebody('leader');
    for (const name of [login, 'nobody-of-this-name']) {
      for (let n = 0; n < 5; n++) expect((await trySignIn(name, randomPassword())).code).toBe('session.wrong');
      const locked = await trySignIn(name, password);
      expect([locked.status, locked.code]).toEqual([429, 'session.locked']);
      expect(locked.headers).toMatch(/retry-after: \d+/);
      expect(locked.text).toMatch(/15分钟/);
    }
    expect((await trySignIn('secretary', somebody('secretary').password)).status).toBe(200);
  });
});

describe('a request that another page could have caused', () => {
  const sent = async (request: Request & { readonly bare?: boolean }): Promise<Reply> =>
    visit(await signedIn(somebody('inspection-office')), 'POST', paths.rounds, request);

  it.each([
    ['without our header', { 'sanfang-console': '' }, 403, 'session.origin'],
    ['from another origin', { origin: 'https://elsewhere.example' }, 403, 'session.origin'],
    ['from no origin', { origin: 'null' }, 403, 'session.origin'],
    ['across sites', { 'sec-fetch-site': 'cross-site' }, 403, 'session.origin'],
    ['from a neighbouring site', { 'sec-fetch-site': 'same-site' }, 403, 'session.origin'],
    ['as a form', { 'content-type': 'application/x-www-form-urlencoded' }, 415, 'input.mediaType'],
    ['as plain text', { 'content-type': 'text/plain' }, 415, 'input.mediaType'],
  ])('is refused %s', async (_, headers, status, code) => {
    const reply = await sent({ body: {}, headers });
    expect([reply.status, reply.code]).toEqual([status, code]);
  });

  it('is told from our own page’s', async () => {
    const origin = here.region.urls.inspection;
    const reply = await sent({ body: {}, headers: { origin, 'sec-fetch-site': 'same-origin' } });
    expect(reply.code).toBe('input.fields');
  });
});

describe('every answer', () => {
  const policy = (nonce: string): string =>
    [
      "default-src 'none'",
      "script-src 'self'",
      `style-src 'self' 'nonce-${nonce}'`,
      "img-src 'self' data: blob:",
      "font-src 'self'",
      "connect-src 'self'",
      "form-action 'self'",
      "base-uri 'none'",
      "object-src 'none'",
      "frame-ancestors 'none'",
      "require-trusted-types-for 'script'",
    ].join('; ');

  it.each(['/', '/ledger', '/api/console', '/api/session', '/api/none', '/none', '/log/checkpoint', '/health'])(
    'at %s tells the browser to be strict, page and refusal alike',
    async (path) => {
      for (const url of [here.region.urls, here.region.feeds].flatMap((each) => Object.values(each))) {
        const { headers, text } = await visit({ ...stranger(), url }, 'GET', path);
        const nonce = /'nonce-([\w-]{20,})'/.exec(headers)?.[1] ?? 'none';
        expect(headers).toContain(`content-security-policy: ${policy(nonce)}\n`);
        expect(headers).toMatch(/^strict-transport-security: max-age=31536000; includeSubDomains$/m);
        expect(headers).toMatch(/^x-content-type-options: nosniff$/m);
        expect(headers).toMatch(/^x-frame-options: DENY$/m);
        expect(headers).toMatch(/^referrer-policy: no-referrer$/m);
        expect(headers).not.toMatch(/^(server|x-powered-by|access-control-allow-origin):/im);
        if (path.startsWith('/api/')) expect(headers).toMatch(/^cache-control: no-store$/m);
        const again = await visit({ ...stranger(), url }, 'GET', path);
        expect(again.headers).not.toContain(nonce);
        if (path === '/' && text.includes('nonce')) expect(text).toContain(nonce);
      }
    },
  );

  it('to a sign-in sets one cookie that scripts, other sites and plain connections do not get', async () => {
    for (const who of [somebody(), somebody('supervision-office'), somebody('organization-supervision')]) {
      const response = await fetch(here.region.urls[who.agency] + paths.session, {
        method: 'POST',
        headers: { 'sanfang-console': '1', 'content-type': 'application/json' },
        body: JSON.stringify({ login: who.login, password: who.password }),
      });
      const [cookie, ...others] = response.headers.getSetCookie();
      expect(others).toEqual([]);
      expect(cookie).toMatch(
        new RegExp(`^__Host-sanfang-${who.agency}=[\\w-]{43}; Path=/; HttpOnly; Secure; SameSite=Strict$`),
      );
      const body = await response.text();
      expect(body).not.toContain(who.password);
    }
  });
});
