// kill -9 of any process at any moment under load, twenty times in a row: service, database server, one of its
// processes, the supervisor, and again while the first restart still recovers. Nothing acknowledged is lost, nothing is
// applied twice, three agencies agree again after every kill, an outsider finds their logs whole.
import { randomInt } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { Client as Postgres } from 'pg';
import { paths } from '#contracts/api';
import type { IssuePage, LedgerLine } from '#contracts/answers';
import { urlOfRunning } from '#chassis/database-url';
import { agencies } from '#kernel/envelope';
import type { Agency } from '#kernel/envelope';
import { Client } from '../../apps/region/src/client';
import { agreed, ledger, rectify, until } from '../../apps/region/src/scenario';
import { demandForeign } from '../foreign/after-story';
import { commandIn, load, nothingSent } from './crash-load';
import type { Loads, Sent } from './crash-load';
import { firstPort, killed, none, postmasterOf, printedAccounts, processesOf, serviceOf, start } from './supervised';
import type { Started } from './supervised';
import { randomOf, strike, twenty } from './victims';
import type { Kill } from './victims';
import { audit } from './world';

/** The goal is ten seconds; a busy machine gets more before the story gives up, and the figures are printed. */
const patience = 120;
const data = mkdtempSync(join(tmpdir(), 'sanfang-crash-'));
const seed = Number(process.env['SANFANG_CRASH_SEED'] ?? randomInt(2 ** 31));
const random = randomOf(seed);
let settings: Record<string, string>;
let going: Started;
let urls: Readonly<Record<Agency, string>>;
let people: { readonly [login: string]: Client };
let loads: Loads;

beforeAll(async () => {
  process.stdout.write(`crash story: SANFANG_CRASH_SEED=${seed}\n`);
  // Whoever compares three agencies several times a second asks more than people do.
  settings = { SANFANG_DATA: data, SANFANG_PORT: String(await firstPort()), API_PER_MINUTE: '100000' };
  going = start(settings);
  urls = await going.ready();
  const accounts = printedAccounts(going.out());
  const signedIn = accounts.map(async ({ url, login, password }): Promise<[string, Client]> => {
    return [login, await Client.signedIn(url, login, password)];
  });
  people = Object.fromEntries(await Promise.all(signedIn));
  loads = await work();
}, 300_000);
afterAll(async () => {
  going?.kill('SIGTERM');
  await going?.ended;
  for (const { pid } of processesOf(data)) killed(pid);
  await none(data);
  await demandForeign(data).finally(() => rmSync(data, { recursive: true, force: true }));
}, 120_000);

const as = (login: string): Client => people[login] as Client;
/** What the demonstration left: issues under way get reports; one of each competent agency goes round the closed loop. */
async function work(): Promise<Loads> {
  const lines = await ledger(as('inspection-office'));
  const selection = lines.find(({ special }) => special === 'selection') as LedgerLine;
  const ordinary = lines.find(({ status, special }) => status === 'closeOutRequested' && special !== 'selection');
  const [liaison, owner, secretary] = [as('liaison'), as('task-owner'), as('secretary')];
  const staff = { liaison, owner, secretary, leader: as('leader') };
  await rectify(staff, selection.issueId, selection.due, '2026-09-20');
  const looped = [ordinary?.issueId, selection.issueId];
  const under = lines.filter(({ issueId, status }) => status === 'rectifying' && !looped.includes(issueId));
  return {
    as,
    reported: { lines: under, sent: nothingSent() },
    returned: [
      { line: ordinary as LedgerLine, verifier: 'supervision-office', sent: nothingSent() },
      { line: selection, verifier: 'organization-supervision', sent: nothingSent() },
    ],
  };
}

const compared = () => ({
  commission: as('supervision-office'),
  organization: as('organization-supervision'),
  office: as('inspection-office'),
});

/** Starts again what a supervisor leaves behind, and kills that start as well if so wanted. */
async function strikeSupervisor({ again }: Kill): Promise<void> {
  for (let times = again ? 2 : 1; times > 0; times--) {
    going.kill('SIGKILL');
    await going.ended;
    going = start(settings);
    if (times > 1) await pause(1_000 + random.below(4_000));
  }
  await going.ready();
}

async function allReady(agency: Agency, before: number | undefined): Promise<void> {
  await until(
    'all three serve again',
    async () => {
      if (before !== undefined && [before, undefined].includes(serviceOf(data, agency))) return undefined;
      const ready = await Promise.all(
        agencies.map((each) =>
          fetch(`${urls[each]}/ready`)
            .then((answer) => answer.ok)
            .catch(() => false),
        ),
      );
      return ready.every((each) => each) || undefined;
    },
    patience,
  ).catch(async (error: Error) => {
    throw new Error(`${error.message}\n${await standing(before)}`);
  });
}

/** What whoever reads of a failure elsewhere has to know. */
async function standing(before: number | undefined): Promise<string> {
  const each = agencies.map(async (agency) => {
    const told = await fetch(`${urls[agency]}/ready`)
      .then((answer) => answer.text())
      .catch(String);
    const server = readFileSync(join(data, agency, 'postgres/server.log'), 'utf8')
      .split('\n')
      .slice(-6)
      .join('\n');
    const pids = `service ${serviceOf(data, agency)}, server ${postmasterOf(data, agency)}`;
    return `${agency}: ${pids}; ${told}\n${server}`;
  });
  return [`killed: ${before}`, ...(await Promise.all(each)), going.err().slice(-3_000)].join('\n');
}

it('loses nothing, doubles nothing, and agrees again after every one of twenty kills', async () => {
  const agreeing: number[] = [];
  for (const [n, kill] of twenty(random).entries()) {
    const running = load(loads);
    await pause(200 + random.below(600));
    const struck = performance.now();
    const before =
      kill.kind === 'supervisor'
        ? await strikeSupervisor(kill).then(() => undefined)
        : await strike(data, kill, random);
    await allReady(kill.agency, before);
    const ready = performance.now();
    // Sizes that move all the time are never equal at one moment: the writers rest while the three are compared.
    await running.stop();
    await agreed(compared(), patience);
    const now = performance.now();
    agreeing.push(now - ready);
    const name = `${kill.kind} ${kill.agency}${kill.again ? ' twice' : ''}`;
    process.stdout.write(`kill ${n + 1} ${name}: ready after ${ms(ready - struck)}, agreed ${ms(now - ready)} later\n`);
  }
  const { reported, returned } = loads;
  const acknowledged = [reported, ...returned].map(({ sent }) => sent.acknowledged.size);
  process.stdout.write(
    `agreed at the latest ${ms(Math.max(...agreeing))} after ready; acknowledged: ${acknowledged.join(', ')}\n`,
  );
  expect(reported.sent.acknowledged.size).toBeGreaterThan(40);
  for (const { sent } of returned) expect(sent.acknowledged.size).toBeGreaterThan(0);
  await nothingLostNothingTwice('inspection', 'ProgressReported', 'progress-reported', reported.sent);
  const [byCommission, byOrganization] = returned;
  await nothingLostNothingTwice('commission', 'CloseOutReturned', 'close-out-returned', byCommission!.sent);
  await nothingLostNothingTwice('organization', 'CloseOutReturned', 'close-out-returned', byOrganization!.sent);
  const { result } = await audit(agencies.map((agency) => join(data, agency, 'log')));
  expect(result).toMatchObject({ ok: true });
}, 900_000);

const ms = (duration: number): string => `${Math.round(duration)} ms`;

async function asked(agency: Agency, sql: string): Promise<string[]> {
  const postgres = new Postgres({ connectionString: await urlOfRunning(join(data, agency, 'postgres')) });
  await postgres.connect();
  try {
    return (await postgres.query<{ text: string }>(sql)).rows.map(({ text }) => text);
  } finally {
    await postgres.end();
  }
}

/** Each command exactly once when it was acknowledged, else at most once. */
function expectOnce(what: string, { all, acknowledged }: Sent, found: readonly string[]): void {
  const times = new Map([...all].map((commandId) => [commandId, 0]));
  for (const each of found) if (times.has(each)) times.set(each, (times.get(each) ?? 0) + 1);
  const wrong = [...times].filter(([id, count]) => count > 1 || (count === 0 && acknowledged.has(id)));
  expect({ what, wrong }).toEqual({ what, wrong: [] });
}

/** In the store of the agency that acknowledged, in the logs the peers took over, in all read models, on all pages. */
async function nothingLostNothingTwice(by: Agency, stored: string, published: string, sent: Sent): Promise<void> {
  const type = `${by}.${published}.v1`;
  const events = `select meta::json->>'commandId' as text from store.events where type = '${stored}'`;
  expectOnce(`${type} stored`, sent, await asked(by, events));
  for (const agency of agencies) {
    const shown = await asked(agency, `select words as text from views.timeline where type = '${type}'`);
    expectOnce(`${type} shown to ${agency}`, sent, shown.map(commandIn));
    const entries = `select convert_from(bytes, 'UTF8') as text from inbox.entry where type = '${type}'`;
    if (agency !== by)
      expectOnce(`${type} taken over by ${agency}`, sent, (await asked(agency, entries)).map(commandIn));
  }
  const issues = [...loads.reported.lines, ...loads.returned.map(({ line }) => line)];
  for (const client of Object.values(compared())) {
    const pages = await Promise.all(issues.map(({ issueId }) => client.get<IssuePage>(paths.issue(issueId))));
    const lines = pages.flatMap(({ timeline }) => timeline.filter(({ agency }) => agency === by));
    expectOnce(
      `${type} read at ${client.url}`,
      sent,
      lines.map((line) => commandIn(JSON.stringify(line))),
    );
  }
}
