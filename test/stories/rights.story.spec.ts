// Who may do and see what, over every route of the three running services: by role, and by unit. What an account may not
// see does not exist for it: no word of it in any body, header, count or error.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { paths } from '#contracts/api';
import type { LedgerLine, LedgerPage, Overview, RoundList, TaskList, VerificationQueue } from '#contracts/answers';
import { agencies } from '#kernel/envelope';
import type { Agency } from '#kernel/envelope';
import { may, permissions } from '#contracts/roles';
import type { Role } from '#contracts/roles';
import { act, until } from '../../apps/region/src/scenario';
import { addresses, logAddresses, traces, unfolded } from './prying';
import { listeners, registeredRoutes, tellingRoutes } from './registered-routes';
import { feedRoutes, filled, isConsoleFile, routes } from './routes';
import type { Route } from './routes';
import { canary, twoUnits } from './two-units';
import type { TwoUnits } from './two-units';
import { told, visit } from './visitor';
import type { Reply, Visitor } from './visitor';
import { refusal, world } from './world';
import type { World } from './world';

const folder = mkdtempSync(join(tmpdir(), 'sanfang-routes-'));
let here: World;
let story: TwoUnits;
let everybody: Visitor[];

beforeAll(async () => {
  here = await world({ env: { API_PER_MINUTE: '100000', ...tellingRoutes(folder) } });
  story = await twoUnits(here.region);
  everybody = story.people.map(({ login }) => story.visitor(login));
}, 120_000);
afterAll(async () => {
  await here?.end();
  rmSync(folder, { recursive: true, force: true });
});

type Table = typeof routes;
const knownRoute = (table: Table, route: string): [string, Route] | undefined => {
  const key = route.replace(/^HEAD /, 'GET ');
  return table[key] && [key, table[key]];
};
/** Every port of the region that answers HTTP, with the table of what may lie there. */
const doors = (): { agency: Agency; url: string; table: Table; registered: readonly string[] }[] =>
  agencies.flatMap((agency) => {
    const { urls, feeds } = here.region;
    return [
      { agency, url: urls[agency], table: routes, registered: registeredRoutes(folder, urls[agency]) },
      { agency, url: feeds[agency], table: feedRoutes, registered: registeredRoutes(folder, feeds[agency]) },
    ];
  });
/** Accounts of the first unit, in both agencies where it has any. */
const ownAccounts = (): Visitor[] =>
  ['orgliaison-1', 'taskowner-1', 'orgleader-1', 'orgsecretary-1', 'competentdepartment-1', 'stationed'].map((login) =>
    story.visitor(login),
  );

describe('every route', () => {
  it('of the running services stands in a table of this story, and none stands there in vain', () => {
    expect(listeners(folder)).toEqual(
      doors()
        .map(({ url }) => url)
        .sort(),
    );
    for (const { url, table, registered } of doors()) {
      const isFile = (route: string): boolean => table === routes && isConsoleFile(route);
      const unknown = registered.filter((route) => !knownRoute(table, route) && !isFile(route));
      expect([url, unknown]).toEqual([url, []]);
    }
    for (const table of [routes, feedRoutes]) {
      const registered = doors().flatMap((door) => (door.table === table ? door.registered : []));
      expect(Object.keys(table).filter((route) => !registered.includes(route))).toEqual([]);
      expect(registered.length).toBeGreaterThan(table === routes ? 100 : 30);
    }
  });

  it('has a permission that exists, unless it is open to all', () => {
    const named = [...Object.values(routes), ...Object.values(feedRoutes)].map((route) => route.may);
    expect(named.filter((permission) => typeof permission === 'string' && !(permission in permissions))).toEqual([]);
  });

  it('lets in exactly the roles of the permission table, nobody without a session, and no session of elsewhere', async () => {
    const wrong: string[] = [];
    let tried = 0;
    for (const { agency, url, table, registered } of doors()) {
      const foreign = everybody.find((each) => each.agency !== agency) as Visitor;
      const locals = everybody.filter((each) => each.agency === agency).map((each) => ({ ...each, url }));
      const strangers: Visitor[] = [
        { url, agency, role: 'nobody', cookie: '' },
        { url, agency, role: 'nobody', cookie: foreign.cookie },
        { url, agency, role: 'nobody', cookie: foreign.cookie.replace(foreign.agency, agency) },
        { url, agency, role: 'nobody', cookie: `__Host-sanfang-${agency}=${'A'.repeat(43)}` },
      ];
      for (const route of registered) {
        const [key, expected] = knownRoute(table, route) ?? [];
        if (!key || !expected) continue;
        // Those who are signed in stay so: their signing out is a story of its own.
        for (const visitor of route === 'DELETE /api/session' ? strangers : [...locals, ...strangers]) {
          tried += 1;
          const reply = await visit(
            visitor,
            route.split(' ')[0] as string,
            expected.path ?? filled(key.split(' ')[1] as string),
            expected,
          );
          if (!fits(visitor, expected, reply))
            wrong.push(`${agency} ${url} ${route} by ${visitor.role}: ${reply.status} ${reply.code}`);
        }
      }
    }
    expect(wrong).toEqual([]);
    expect(tried).toBeGreaterThan(600);
  });
});

function fits({ role, cookie }: Visitor, { may: permission, nobody }: Route, { status, code }: Reply): boolean {
  if (typeof permission === 'number') return status === ((cookie === '' && nobody) || permission);
  if (role === 'nobody') return status === 401 && (code === 'session.none' || code === '');
  if (!may(role, permission)) return status === 403 && (code === 'rights.role' || code === '');
  return status < 500 && status !== 401 && status !== 403;
}

describe('an account of one unit', () => {
  it('finds the other unit there, for those who may see it', async () => {
    const all = (await visit(story.visitor('office'), 'GET', paths.ledger)).text;
    for (const trace of [canary, story.other.unitId, ...story.other.lines.map(({ issueId }) => issueId)]) {
      expect(all).toContain(trace);
    }
  });

  it('reads no word of another unit at any address, in any header, count or refusal', async () => {
    const leaks: string[] = [];
    let read = 0;
    for (const visitor of ownAccounts()) {
      for (const address of addresses(story)) {
        const reply = await visit(visitor, 'GET', address);
        if (reply.status === 200) read += 1;
        if (reply.status >= 500) leaks.push(`${visitor.role} ${address}: ${reply.status}`);
        const said = unfolded(reply);
        for (const trace of traces(story)) if (said.includes(trace)) leaks.push(`${visitor.role} ${address}: ${trace}`);
      }
    }
    expect(leaks).toEqual([]);
    expect(read).toBeGreaterThan(150);
  });

  it('finds no log at any port, where whoever has no account finds the words of all units', async () => {
    const found = new Set<string>();
    for (const agency of agencies) {
      const url = here.region.feeds[agency];
      const nobody: Visitor = { url, agency, role: 'nobody', cookie: '' };
      const size = Number((await visit(nobody, 'GET', '/log/checkpoint')).text.split('\n')[1]);
      expect(size).toBeGreaterThan(0);
      for (const path of logAddresses(size)) {
        const { text } = await visit(nobody, 'GET', path);
        for (const trace of traces(story)) if (text.includes(trace)) found.add(trace);
        const led = await visit({ ...nobody, url: here.region.urls[agency] }, 'GET', path);
        expect([path, led.status, led.text]).toEqual([path, 308, '']);
        expect(led.headers).toContain(`location: ${url}${path}\n`);
        for (const visitor of ownAccounts()) {
          for (const door of [url, here.region.urls[agency]]) {
            const reply = await visit({ ...visitor, url: door }, 'GET', path);
            expect([door, path, visitor.role, reply.status, reply.code]).toEqual([
              door,
              path,
              visitor.role,
              404,
              'path.none',
            ]);
            expect(reply.headers).not.toMatch(/^location:/m);
            expect(traces(story).filter((trace) => unfolded(reply).includes(trace))).toEqual([]);
          }
        }
      }
    }
    expect([...found]).toEqual(
      expect.arrayContaining([story.other.unitId, ...story.other.lines.map(({ issueId }) => issueId)]),
    );
  });

  it('gets nothing of another unit by a page mark that a colleague of another unit was given', async () => {
    const page = await visit(story.visitor('taskowner-2'), 'GET', `${paths.ledger}?sort=number&limit=1`);
    const { next } = JSON.parse(page.text) as LedgerPage;
    const reply = await visit(
      story.visitor('taskowner-1'),
      'GET',
      `${paths.ledger}?sort=number&limit=1&cursor=${next}`,
    );
    expect(reply.status).toBe(200);
    expect(traces(story).filter((trace) => unfolded(reply).includes(trace))).toEqual([]);
  });

  it('is counted its own matters and no others', async () => {
    const { lines } = story.own;
    const count = (fits: (line: LedgerLine) => boolean): number => lines.filter(fits).length;
    for (const visitor of ownAccounts()) {
      const asked = async <T>(path: string): Promise<T> => JSON.parse((await visit(visitor, 'GET', path)).text) as T;
      const listed = await asked<LedgerPage>(paths.ledger);
      expect(listed.lines.map(({ issueId }) => issueId).sort()).toEqual(lines.map(({ issueId }) => issueId).sort());
      expect(listed.total).toBe(lines.length);
      for (const status of ['rectifying', 'closeOutRequested', 'closedOut']) {
        const { total } = await asked<LedgerPage>(`${paths.ledger}?status=${status}`);
        expect([status, total]).toEqual([status, count((line) => line.status === status)]);
      }
      expect((await asked<LedgerPage>(`${paths.ledger}?search=${encodeURIComponent('选人用人')}`)).total).toBe(1);
      expect((await asked<LedgerPage>(`${paths.ledger}?unit=${story.other.unitId}`)).total).toBe(0);
      const overview = await asked<Overview>(paths.overview);
      expect(overview.total).toBe(lines.length);
      expect(overview.closedOut).toBe(count((line) => line.status === 'closedOut'));
      expect(overview.units.map(({ unitId, total }) => [unitId, total])).toEqual([[story.own.unitId, lines.length]]);
      const { rounds } = await asked<RoundList>(paths.rounds);
      expect(rounds.flatMap((round) => round.organisations.map(({ unitId }) => unitId))).toEqual([story.own.unitId]);
      if (!may(visitor.role as Role, 'task.read')) continue;
      const { tasks } = await asked<TaskList>(paths.tasks);
      expect(tasks.map(({ line }) => line.unitId)).toEqual(Array(tasks.length).fill(story.own.unitId));
    }
  });

  it('is told of another unit’s record what it is told of one that never was', async () => {
    const { other } = story;
    const ids = { issueId: other.lines[2]?.issueId ?? '', sha256: other.sha256[2] ?? '' };
    const revision = { 'sanfang-revision': '3' };
    let compared = 0;
    for (const [route, expected] of Object.entries(routes).filter(([name]) => name.includes(':issueId'))) {
      const [method, pattern] = route.split(' ') as [string, string];
      for (const visitor of ownAccounts()) {
        if (!may(visitor.role as Role, String(expected.may)) || !serves(visitor, route)) continue;
        for (const headers of [{}, revision]) {
          const real = await visit(visitor, method, filled(pattern, ids), { ...expected, headers });
          const never = await visit(visitor, method, filled(pattern), { ...expected, headers });
          expect([route, visitor.role, told(real)]).toEqual([route, visitor.role, told(never)]);
          expect([route, real.status]).toEqual([route, 404]);
          compared += 1;
        }
      }
    }
    expect(compared).toBeGreaterThan(40);
  });

  it('hears in the live stream that something changed, not what', async () => {
    const heard = await heardWhile(story.visitor('taskowner-1'), async () => {
      const { at, lines } = story.other;
      await act(at.taskOwner, lines[2]?.issueId ?? '', 'reportProgress', { text: `${canary}新进展` });
    });
    expect(heard).toMatch(/event: changed/);
    expect(traces(story).filter((trace) => heard.includes(trace))).toEqual([]);
    for (const [, data] of heard.matchAll(/^data: (.*)$/gm))
      expect(Object.keys(JSON.parse(data as string) as object)).toEqual(['view']);
  });
});

function serves({ agency }: Visitor, route: string): boolean {
  return registeredRoutes(folder, here.region.urls[agency]).includes(route);
}

async function heardWhile({ url, cookie }: Visitor, happens: () => Promise<void>): Promise<string> {
  const leave = new AbortController();
  const response = await fetch(url + paths.live, { headers: { cookie }, signal: leave.signal });
  const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
  let heard = '';
  const listening = (async () => {
    for (let part = await reader?.read(); part && !part.done; part = await reader?.read()) heard += part.value;
  })().catch(() => undefined);
  await happens();
  await until('the stream tells of a change', async () => (heard.includes('event: changed') ? true : undefined));
  leave.abort();
  await listening;
  return heard;
}

describe('a verifying agency', () => {
  const queueOf = async (login: string): Promise<VerificationQueue> =>
    JSON.parse((await visit(story.visitor(login), 'GET', paths.verifications)).text) as VerificationQueue;

  it('shows its stationed group the matters of the units it is stationed with', async () => {
    const { waiting, decided } = await queueOf('stationed');
    expect(waiting.map(({ line }) => line.issueId)).toEqual([story.own.lines[1]?.issueId]);
    expect(decided.map(({ line }) => line.unitId)).toEqual([story.own.unitId, story.own.unitId]);
    expect((await queueOf('supervision')).waiting).toHaveLength(2);
  });

  it('lets a stationed group decide its own unit’s request and not another’s', async () => {
    const accept = async (issueId: string): Promise<Reply> =>
      visit(story.visitor('stationed'), 'POST', paths.verificationAction(issueId, 'accept'), {
        body: { method: 'document', note: '' },
      });
    expect((await accept(story.other.lines[1]?.issueId ?? '')).status).toBe(404);
    expect((await accept(story.own.lines[1]?.issueId ?? '')).status).toBe(201);
    await until('the commission’s own desk knows', async () => {
      const { waiting } = await queueOf('supervision');
      return waiting.length === 1 && waiting[0]?.line.issueId === story.other.lines[1]?.issueId ? true : undefined;
    });
  });

  it('has no say about selection issues unless it is the organization department', async () => {
    const issueId = story.own.lines[4]?.issueId ?? '';
    const decide = (from: TwoUnits['commission']): Promise<unknown> =>
      from.send(paths.verificationAction(issueId, 'accept'), { method: 'document', note: '' });
    expect((await refusal(decide(story.commission))).status).toBe(409);
    expect((await visit(story.visitor('supervision'), 'GET', paths.issue(issueId))).text).toContain('"actions":[]');
    await until(
      'the organization department has the request',
      async () =>
        (await queueOf('personnel')).waiting.some(
          ({ line, actions }) => line.issueId === issueId && actions.length > 0,
        ) || undefined,
    );
    await decide(story.organization);
  });

  it('is signed for by the competent department of its own unit alone, on sectoral issues', async () => {
    const issueId = story.own.lines[3]?.issueId ?? '';
    expect((await refusal(act(story.other.at.competentDepartment, issueId, 'signCloseOut', {}))).status).toBe(404);
    await act(story.own.at.competentDepartment, issueId, 'signCloseOut', {});
    await until(
      'the commission has the request',
      async () => (await queueOf('stationed')).waiting.some(({ line }) => line.issueId === issueId) || undefined,
    );
  });
});
