import { startTestPostgres } from '#testing/postgres';
import type { TestPostgres } from '#testing/postgres';
import { WebWorld } from '../web-world';
import { createAccount, disableAccount, resetPassword } from './accounts';
import type { NewAccount } from './accounts';

jest.setTimeout(60_000);

let postgres: TestPostgres;
let world: WebWorld;
beforeAll(async () => {
  postgres = await startTestPostgres();
  world = await WebWorld.open(postgres.url);
});
afterAll(async () => {
  await world?.close();
  await postgres?.stop();
});

const me = (cookie: string) => world.send('GET', '/api/session', undefined, { cookie });
const tryIn = (login: string, password: string) => world.send('POST', '/api/session', { login, password });

describe('signing in', () => {
  it('gives a cookie that only this host, only over TLS, and no script can read', async () => {
    const account = await world.account({ unitName: '某局' });
    const answer = await tryIn(account.login, account.password);
    expect(answer.status).toBe(200);
    expect(answer.headers.get('set-cookie')).toMatch(
      /^__Host-sanfang-inspection=[A-Za-z0-9_-]{43}; Path=\/; HttpOnly; Secure; SameSite=Strict$/,
    );
    expect(answer.json).toEqual({
      id: account.id,
      login: account.login,
      name: '李某',
      role: 'orgLiaison',
      roleLabel: '联络员',
      agency: 'inspection',
      unitId: 'u1',
      unitName: '某局',
    });
  });

  it('stores neither the token nor the password', async () => {
    const account = await world.account();
    const cookie = await world.signIn(account);
    const tables = await world.database.query(
      `select (select json_agg(s) from identity.session s)::text || (select json_agg(a) from identity.account a)::text as all`,
    );
    expect(tables[0].all).not.toContain(cookie.split('=')[1]);
    expect(tables[0].all).not.toContain(account.password);
    expect(tables[0].all).toContain('$argon2id$v=19$m=19456,t=2,p=1$');
    expect(world.lines.join('')).not.toContain(account.password);
    expect(world.lines.join('')).toContain('sign-in');
  });

  it('takes the login as any keyboard writes it', async () => {
    const account = await world.account({ login: 'Wang.Wu' });
    expect((await tryIn(' ＷＡＮＧ.wu ', account.password)).status).toBe(200);
  });

  it('again in the same browser gives a new session and ends the former one', async () => {
    const account = await world.account();
    const first = await world.signIn(account);
    const body = { login: account.login, password: account.password };
    const second = await world.send('POST', '/api/session', body, { cookie: first });
    const cookie = second.headers.get('set-cookie')!.split(';')[0]!;
    expect(cookie).not.toBe(first);
    expect((await me(first)).status).toBe(401);
    expect((await me(cookie)).status).toBe(200);
  });

  it('with an unknown login or a wrong password is refused in the same words', async () => {
    const account = await world.account();
    const [wrong, unknown] = await Promise.all([tryIn(account.login, 'x'), tryIn('nobody.here', 'x')]);
    const { reference: _, ...said } = wrong.json;
    expect(wrong.status).toBe(401);
    expect(unknown.json).toMatchObject(said);
  });

  it('is closed to a disabled account, and refused without our header as everything is', async () => {
    const account = await world.account();
    await disableAccount(world.database, account.login);
    expect((await tryIn(account.login, account.password)).json.code).toBe('session.wrong');
    const forged = await world.send('POST', '/api/session', account, { 'sanfang-console': undefined });
    expect(forged.json.code).toBe('session.origin');
  });
});

describe('guessing a password', () => {
  it('locks after five tries, for known and unknown logins alike, longer every time', async () => {
    const account = await world.account();
    for (const login of [account.login, 'never.existed']) {
      for (let n = 0; n < 5; n += 1) expect((await tryIn(login, `guess ${n}`)).status).toBe(401);
      const locked = await tryIn(login, login === account.login ? account.password : 'x');
      expect([locked.status, locked.json.code]).toEqual([429, 'session.locked']);
      expect(locked.headers.get('retry-after')).toBe('900');
      expect(locked.json.message).toContain('15分钟');
    }
    world.clock.advance(15.1);
    for (let n = 0; n < 5; n += 1) expect((await tryIn(account.login, `guess ${n}`)).status).toBe(401);
    expect((await tryIn(account.login, account.password)).headers.get('retry-after')).toBe('1800');
    world.clock.advance(31);
    expect((await tryIn(account.login, account.password)).status).toBe(200);
    for (let n = 0; n < 4; n += 1) expect((await tryIn(account.login, 'x')).status).toBe(401);
    expect((await tryIn(account.login, account.password)).status).toBe(200);
  });

  it('does not get more tries by sending them side by side', async () => {
    const account = await world.account();
    const answers = await Promise.all(Array.from({ length: 12 }, () => tryIn(account.login, 'x')));
    expect(answers.filter(({ status }) => status === 401)).toHaveLength(5);
    expect(answers.filter(({ status }) => status === 429)).toHaveLength(7);
  });

  it('from one address is over after fifty failures in a quarter of an hour', async () => {
    world.clock.advance(60);
    const codes: string[] = [];
    for (let n = 0; n < 51; n += 1) codes.push((await tryIn(`guess.${Math.floor(n / 4)}`, 'x')).json.code);
    expect(codes.slice(0, 50)).toEqual(Array(50).fill('session.wrong'));
    expect(codes[50]).toBe('service.tooMany');
    world.clock.advance(15);
    expect((await tryIn('guess.99', 'x')).json.code).toBe('session.wrong');
  });
});

describe('a session', () => {
  it('ends by signing out, and the browser is told to forget', async () => {
    const cookie = await world.signIn(await world.account());
    const out = await world.send('DELETE', '/api/session', undefined, { cookie });
    expect(out.status).toBe(204);
    expect(out.headers.get('clear-site-data')).toBe('"cache"');
    expect(out.headers.get('set-cookie')).toMatch(/^__Host-sanfang-inspection=; .*Expires=Thu, 01 Jan 1970/);
    const after = await me(cookie);
    expect([after.status, after.json.code]).toEqual([401, 'session.none']);
  });

  it('ends after an hour without use, but lives on with it', async () => {
    const cookie = await world.signIn(await world.account());
    for (let n = 0; n < 3; n += 1) {
      world.clock.advance(59);
      expect((await me(cookie)).status).toBe(200);
    }
    world.clock.advance(61);
    expect((await me(cookie)).status).toBe(401);
  });

  it('ends after eight hours whatever its use', async () => {
    const cookie = await world.signIn(await world.account());
    for (let n = 0; n < 9; n += 1) {
      world.clock.advance(53);
      expect((await me(cookie)).status).toBe(200);
    }
    world.clock.advance(4);
    expect((await me(cookie)).status).toBe(401);
  });

  it('ends when its account is disabled or gets a new password', async () => {
    const [one, two] = await Promise.all([world.account(), world.account()]);
    const cookies = await Promise.all([one, two].map((account) => world.signIn(account)));
    await disableAccount(world.database, one.login);
    const password = await resetPassword(world.database, two.login);
    // Longer than a session is remembered without asking the database.
    world.clock.advance(0.1);
    for (const cookie of cookies) expect((await me(cookie)).status).toBe(401);
    expect((await tryIn(two.login, password)).status).toBe(200);
  });

  it('is refused when the account asks more than 600 times a minute', async () => {
    const cookie = await world.signIn(await world.account());
    const statuses = new Map<number, number>();
    for (let round = 0; round < 13; round += 1) {
      for (const { status } of await Promise.all(Array.from({ length: 50 }, () => me(cookie)))) {
        statuses.set(status, (statuses.get(status) ?? 0) + 1);
      }
    }
    expect(statuses.get(429)).toBeGreaterThan(0);
    expect(statuses.get(200)).toBeGreaterThanOrEqual(600);
  });
});

describe('making accounts', () => {
  const base: NewAccount = { login: 'new.one', name: '张某', role: 'orgLiaison', unitId: 'u1' };
  it.each([
    ['a role that is none', { role: 'chief' as never }, /no role chief/],
    ['a role of another agency', { role: 'supervisionOffice' as const }, /belongs to the commission/],
    ['a role without its unit', { unitId: undefined as never }, /name the unit/],
    ['a login that is none', { login: 'a b' }, /must be 2 to 60/],
    ['no name', { name: ' ' }, /1 to 60/],
  ])('is refused with %s', async (_, change, message) => {
    await expect(
      createAccount(world.database, 'inspection', { ...base, ...change }, world.clock.now()),
    ).rejects.toThrow(message);
  });

  it('is refused for a login that is taken', async () => {
    const { password } = await createAccount(world.database, 'inspection', base, world.clock.now());
    expect(password).toMatch(/^(\w{4}-){3}\w{4}$/);
    const again = createAccount(world.database, 'inspection', { ...base, login: 'NEW.one' }, world.clock.now());
    await expect(again).rejects.toThrow(/taken/);
  });
});
