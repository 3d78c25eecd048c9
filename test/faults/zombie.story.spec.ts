// The process that signs the office's log stands still while another one takes its place (F10): it wakes up with a pen
// that writes no more. Whatever it was asked meanwhile is not acknowledged, and the log has one signer at every moment.
import { fork } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { Client as Postgres } from 'pg';
import { freePorts } from '#chassis/free-ports';
import { paths } from '#contracts/api';
import type { IssuePage, LedgerLine } from '#contracts/answers';
import { startTestPostgres } from '#testing/postgres';
import type { TestPostgres } from '#testing/postgres';
import { Client } from '../../apps/region/src/client';
import { program } from '../../apps/region/src/programs';
import { act, agreed, claim, ledger, until } from '../../apps/region/src/scenario';
import type { Opened, Staff } from '../../apps/region/src/scenario';
import { audit, logFolders, opened } from '../stories/world';
import { linked } from './link';
import type { Linked } from './link';

jest.setTimeout(300_000);
const patience = 120;
let postgres: TestPostgres;
let here: Linked;
let story: Opened;
let lines: LedgerLine[];
let successor: ChildProcess | undefined;

beforeAll(async () => {
  postgres = await startTestPostgres();
  here = await linked({ INSPECTION_DATABASE_URL: postgres.url });
  story = await opened(here);
  lines = await ledger(story.cast.office);
  await claim(staff(0), issue(0));
  await agreed(story.cast, patience);
});
afterAll(async () => {
  here?.region.kill('inspection');
  await here?.end();
  successor?.kill('SIGKILL');
  await postgres?.stop();
});

const issue = (n: number): string => (lines[n] as LedgerLine).issueId;
const staff = (n: number): Staff => story.cast.staff.get((lines[n] as LedgerLine).unitId) as Staff;

async function asOwner<Row extends object>(text: string, ...parameters: unknown[]): Promise<Row[]> {
  const sql = new Postgres({ connectionString: postgres.url });
  await sql.connect();
  try {
    return (await sql.query<Row>(text, parameters)).rows;
  } finally {
    await sql.end();
  }
}

/** A second process of the office, on the same data, at other ports; the links lead to it from now on. */
async function takeOver(): Promise<string> {
  const [port, feed] = (await freePorts(2)) as [number, number];
  const own = { INSPECTION_PORT: String(port), INSPECTION_FEED_PORT: String(feed) };
  const child = fork(program('apps/inspection/src/main'), [], {
    env: { ...process.env, ...here.settings, ...own },
    stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
  });
  successor = child;
  await new Promise<void>((ready, failed) => {
    child.on('message', ({ ready: serves, failed: why }: { ready?: true; failed?: string }) => {
      if (serves) ready();
      if (why !== undefined) failed(new Error(why));
    });
    child.once('exit', () => failed(new Error('it ended')));
  });
  for (const reader of ['commission', 'organization'] as const) here.link(reader, 'inspection').port = feed;
  return `http://127.0.0.1:${port}`;
}

it('a signer that stood still signs nothing any more, and acknowledges nothing', async () => {
  const zombie = here.region.pid('inspection') as number;
  process.kill(zombie, 'SIGSTOP');
  // Its connections end, as they do when a machine is given up for dead, and with them its lease.
  await asOwner(
    `select pg_terminate_backend(pid) from pg_stat_activity
     where datname = current_database() and application_name like 'sanfang%' and pid <> pg_backend_pid()`,
  );
  const commandId = randomUUID();
  const asked = staff(0)
    .owner.send(paths.issueAction(issue(0), 'reportProgress'), { text: '醒来后才受理。' }, { commandId })
    .then(
      () => 'acknowledged',
      () => 'refused',
    );
  const url = await takeOver();
  const person = (login: string) => story.cast.people.find((each) => each.login === login);
  const { login, password } = person('task-owner') as { login: string; password: string };
  const owner = await Client.signedIn(url, login, password);
  await act(owner, issue(0), 'reportProgress', { text: '接替者受理。' });
  process.kill(zombie, 'SIGCONT');
  expect(await asked).toBe('refused');
  await until('it ends', async () => (here.region.pid('inspection') === undefined ? true : undefined), patience);
  await act(owner, issue(0), 'reportProgress', { text: '接替者再次受理。' });
  for (const reader of [story.cast.commission, story.cast.organization]) {
    await until(
      'what the successor took is final',
      async () => {
        const { timeline } = await reader.get<IssuePage>(paths.issue(issue(0)));
        const told = JSON.stringify(timeline);
        expect(told).not.toContain('醒来后才受理。');
        const whole = told.includes('接替者受理。') && told.includes('接替者再次受理。');
        return whole && timeline.every(({ witness }) => witness === 'final') ? true : undefined;
      },
      patience,
    );
  }
  const stored = await asOwner(`select 1 from store.events where meta::json->>'commandId' = $1`, commandId);
  expect(stored).toEqual([]);
  expect(await asOwner(`select 1 from inbox.evidence where kind <> 'refused'`)).toEqual([]);
  const { code, result } = await audit(logFolders(here));
  expect([code, result.ok]).toEqual([0, true]);
});
