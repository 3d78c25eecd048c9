// The commission's PostgreSQL is lost for good, with all its events; its keys lie in a safe. The others keep its events,
// sealed: it takes them back, signs on as one history, and nothing that was shared is missing (F13, and beyond it).
import { execFile } from 'node:child_process';
import { existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { paths } from '#contracts/api';
import type { IssuePage, LedgerLine } from '#contracts/answers';
import type { Client } from '../../apps/region/src/client';
import { NotStarted } from '../../apps/region/src/not-started';
import { admit, signInAs } from '../../apps/region/src/people';
import type { Person } from '../../apps/region/src/people';
import { program } from '../../apps/region/src/programs';
import { agreed, claim, ledger, until } from '../../apps/region/src/scenario';
import type { Cast, Opened, Staff } from '../../apps/region/src/scenario';
import { asAdministrator, audit, logFolders, opened, world } from '../stories/world';
import type { World } from '../stories/world';

jest.setTimeout(300_000);
const patience = 120;
let here: World;
let story: Opened;
let lines: LedgerLine[];

beforeAll(async () => {
  here = await world();
  story = await opened(here);
  lines = await ledger(story.cast.office);
});
afterAll(() => here?.end());

const line = (n: number): LedgerLine => lines[n] as LedgerLine;
const folder = (): string => here.region.folder('inspection');

/** How many events of the office the others keep copies of, and how many entries they have of it. */
async function kept(agency: 'commission' | 'organization'): Promise<{ copied: number; size: number }> {
  return asAdministrator(here, agency, async (postgres) => {
    const origin = 'inspection.sanfang.example/events/v1';
    const { rows } = await postgres.query(
      `select (select coalesce(max(next), 0) from inbox.copy where origin = $1)::int as copied, size::int
       from inbox.peer where origin = $1`,
      [origin],
    );
    return rows[0];
  });
}

/** Accounts are in no log: the office's own people are entered again. */
async function admittedAnew(): Promise<Omit<Cast, 'staff'> & { readonly staff: Staff }> {
  const people = story.cast.people.filter(({ agency }) => agency === 'inspection');
  await admit(here.region, people);
  const as = (role: Person['role']): Promise<Client> => {
    const { unitId } = line(1);
    const found = people.find((each) => each.role === role && (each.unitId ?? unitId) === unitId);
    return signInAs(here.region, found as Person);
  };
  return {
    ...story.cast,
    office: await as('inspectionOffice'),
    staff: {
      liaison: await as('orgLiaison'),
      owner: await as('taskOwner'),
      leader: await as('orgLeader'),
      secretary: await as('orgSecretary'),
    },
  };
}

it('takes its events back from the copies of the others, and nothing that was shared is missing', async () => {
  await claim(story.cast.staff.get(line(0).unitId) as Staff, line(0).issueId);
  await agreed(story.cast, patience);
  await until(
    'both keep copies of all that the office has published',
    async () => {
      const both = [await kept('commission'), await kept('organization')];
      return both.every(({ copied, size }) => copied > 0 && copied === size) ? true : undefined;
    },
    patience,
  );
  await here.region.stopAgency('inspection');
  for (const lost of ['postgres', 'log', 'journal']) rmSync(join(folder(), lost), { recursive: true, force: true });
  const refused = await here.region.launch('inspection').then(
    () => undefined,
    (error: Error) => error,
  );
  expect(refused).toBeInstanceOf(NotStarted);
  expect(refused?.message).toMatch(/拒绝签名.*已见证到第\d+条/);

  const peers = (['commission', 'organization'] as const).map((agency) => ({ agency, url: here.region.feeds[agency] }));
  const env = { ...process.env, ...here.settings, INSPECTION_PEERS: JSON.stringify(peers) };
  const words = [program('apps/inspection/src/main'), 'recover', '--from', here.region.feeds.commission];
  const { stdout } = await promisify(execFile)(process.execPath, words, { env });
  expect(stdout).toMatch(/事件库缺失的\d+个事件已由对方保管的密封副本补齐/);

  await here.region.launch('inspection');
  const cast = await admittedAnew();
  await claim(cast.staff, line(1).issueId);
  await agreed(cast, patience);
  for (const reader of [story.cast.commission, story.cast.organization]) {
    for (const n of [0, 1]) {
      await until(
        'the claim is final',
        async () => {
          const { timeline } = await reader.get<IssuePage>(paths.issue(line(n).issueId));
          return timeline.length > 1 && timeline.every(({ witness }) => witness === 'final') ? true : undefined;
        },
        patience,
      );
    }
  }
  const { code, result } = await audit(logFolders(here));
  expect([code, result.ok]).toEqual([0, true]);
  expect(existsSync(join(here.region.folder('commission'), 'evidence'))).toBe(false);
});
