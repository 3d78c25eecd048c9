// kill -9 of any process at any moment under load, twenty times in a row: nothing acknowledged is lost, nothing is
// applied twice, three agencies agree again, an outsider finds their logs whole.
import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { paths } from '#contracts/api';
import type { IssuePage, LedgerLine } from '#contracts/answers';
import { agencies } from '#kernel/envelope';
import type { Agency } from '#kernel/envelope';
import { Answered } from '../../apps/region/src/client';
import { agreed, claim, ledger, until } from '../../apps/region/src/scenario';
import type { Opened, Staff } from '../../apps/region/src/scenario';
import { asAdministrator, audit, logFolders, opened, world } from './world';
import type { World } from './world';

const rounds = 20;
let here: World;
let story: Opened;
let lines: LedgerLine[];

beforeAll(async () => {
  here = await world({ restart: true });
  story = await opened(here);
  lines = await ledger(story.cast.office);
  for (const line of lines) await claim(story.cast.staff.get(line.unitId) as Staff, line.issueId);
});
afterAll(() => here.end());

/** Postmaster of an agency's cluster: line 1 of its pid file. */
const postmaster = (agency: Agency): number =>
  Number(readFileSync(join(here.region.folder(agency), 'postgres/cluster/postmaster.pid'), 'utf8').split('\n')[0]);

/** Sends progress reports until told to stop; each is repeated with its command id until it is acknowledged. */
function load(acknowledged: Map<string, string>): { stop(): Promise<void> } {
  let going = true;
  const writer = async (n: number): Promise<void> => {
    for (let count = 0; going; count++) {
      const line = lines[(n + count) % lines.length] as LedgerLine;
      const commandId = randomUUID();
      const text = `第${n}人第${count}次报告 ${commandId}`;
      const report = paths.issueAction(line.issueId, 'reportProgress');
      while (going) {
        const staff = story.cast.staff.get(line.unitId) as Staff;
        const done = await (n % 2 === 0 ? staff.owner : staff.liaison).send(report, { text }, { commandId }).then(
          () => true,
          // Down, busy or restarting: whether it happened is unknown, so it is asked again. A "no" would be a fault.
          (error: unknown) => {
            if (error instanceof Answered && error.status < 500 && error.status !== 429) throw error;
            return false;
          },
        );
        if (done) {
          acknowledged.set(text, line.issueId);
          break;
        }
        await pause(50);
      }
      await pause(150);
    }
  };
  const writers = [0, 1, 2, 3].map(writer);
  return {
    async stop() {
      going = false;
      await Promise.all(writers);
    },
  };
}

it('loses nothing, doubles nothing, and agrees again within ten seconds of restart', async () => {
  const acknowledged = new Map<string, string>();
  let running = load(acknowledged);
  const healing: number[] = [];
  for (let round = 0; round < rounds; round++) {
    await pause(200 + ((round * 137) % 400));
    const agency = agencies[round % 3] as Agency;
    const before = here.region.pid(agency);
    // Every fourth time the database dies instead of the service; the service then ends itself.
    process.kill(round % 4 === 3 ? postmaster(agency) : (before as number), 'SIGKILL');
    await until(`${agency} is served by a new process`, async () => {
      const pid = here.region.pid(agency);
      if (pid === undefined || pid === before) return undefined;
      return fetch(`${here.region.urls[agency]}/ready`).then(
        (response) => (response.ok ? true : undefined),
        () => undefined,
      );
    });
    const restarted = performance.now();
    if (round % 5 !== 4) continue;
    // Sizes that move all the time are never equal at one moment: the writers rest while the three are compared.
    await running.stop();
    await agreed(story.cast, 10);
    healing.push(performance.now() - restarted);
    running = load(acknowledged);
  }
  await running.stop();
  await agreed(story.cast, 10);
  expect(healing).toHaveLength(rounds / 5);
  expect(acknowledged.size).toBeGreaterThan(40);
  await nothingLostNothingTwice(acknowledged);
  const { result } = await audit(logFolders(here));
  expect(result).toMatchObject({ ok: true });
}, 600_000);

async function nothingLostNothingTwice(acknowledged: ReadonlyMap<string, string>): Promise<void> {
  for (const agency of agencies) {
    const reported = await asAdministrator(here, agency, async (postgres) => {
      const found = await postgres.query<{ words: string }>(
        `select words from views.timeline where type = 'inspection.progress-reported.v1'`,
      );
      return found.rows.map((row) => row.words);
    });
    const missing = [...acknowledged.keys()].filter((text) => !reported.some((words) => words.includes(text)));
    expect(missing).toEqual([]);
    expect(new Set(reported).size).toBe(reported.length);
  }
  const page = await story.cast.commission.get<IssuePage>(paths.issue((lines[0] as LedgerLine).issueId));
  expect(page.timeline.length).toBeGreaterThan(0);
}
