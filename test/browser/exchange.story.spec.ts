// The administrator of the commission makes its ledger say something else than the three logs: by the totals that it
// publishes itself, both others find it, an outsider's replay finds it, and every console says so.
import type { Browser } from 'playwright-core';
import { paths } from '#contracts/api';
import type { ExchangedTotals } from '#contracts/history';
import type { Alarm } from '#contracts/witnesses';
import { until } from '../../apps/region/src/scenario';
import type { Opened } from '../../apps/region/src/scenario';
import { asAdministrator, audit, logFolders, opened, world } from '../stories/world';
import type { World } from '../stories/world';
import { missingHere, startBrowser, Watch } from './browser';
import { Desk } from './desk';

jest.setTimeout(300_000);
const missing = missingHere();
const inBrowser = missing === '' ? it : it.skip;
const patience = 120;

let here: World;
let story: Opened;
let browser: Browser | undefined;

/** From the first row on, the read model holds another time limit for one issue than its events say. */
const falsified = `
  create function views.falsify() returns trigger language plpgsql as $$
    begin
      if new.id like '%0001' then new.due := '2031-01-01'; end if;
      return new;
    end $$;
  create trigger falsify before insert or update on views.ledger for each row execute function views.falsify()`;

beforeAll(async () => {
  here = await world();
  await asAdministrator(here, 'commission', (postgres) => postgres.query(falsified));
  story = await opened(here);
});
afterAll(async () => {
  await browser?.close();
  await here?.end();
});

const readers = () => [story.cast.commission, story.cast.organization, story.cast.office];

it('is found by both others, who say so in their logs, and by nobody of those who told the truth', async () => {
  for (const reader of readers()) {
    const { newest, apart } = await until(
      'everybody has answered everybody',
      async () => {
        const exchanged = await reader.get<ExchangedTotals>(paths.exchangedTotals);
        const answers = exchanged.newest.flatMap((line) => line.answers);
        return answers.length === 6 && answers.every((answer) => answer.apart) ? exchanged : undefined;
      },
      patience,
    );
    // At midnight there may be two.
    expect(new Set(apart.map(({ agency }) => agency))).toEqual(new Set(['commission']));
    const of = (agency: string) => newest.find((line) => line.agency === agency)?.answers.map((answer) => answer.apart);
    expect(of('organization')).toEqual([[], []]);
    expect(of('inspection')).toEqual([[], []]);
    const place = { issueId: expect.stringMatching(/0001$/), number: expect.any(String), index: expect.any(Number) };
    const found = [{ ...place, origin: expect.stringMatching(/^inspection\./) }];
    expect(of('commission')).toEqual([found, found]);
  }
});

it('is said on every page of each agency', async () => {
  for (const reader of readers()) {
    const alarms = await reader.get<readonly Alarm[]>(paths.alarms);
    expect(alarms.map(({ sentence }) => sentence)).toEqual([expect.stringMatching(/^对账不符：.*首个涉及问题/)]);
  }
});

it('is found by an outsider who replays the logs', async () => {
  const { code, result } = await audit(logFolders(here), 'replay');
  expect([code, result.verdict]).toEqual([4, 'DIVERGED']);
  expect(result.faults?.map(({ what }) => what)).toEqual([expect.stringMatching(/公布的总数与三家日志重算不同/)]);
});

inBrowser(`stands on the board of 三方对账${missing === '' ? '' : ` (skipped: ${missing})`}`, async () => {
  browser = await startBrowser();
  const watch = new Watch(Object.values(here.region.urls));
  const who = story.cast.people.find(({ role }) => role === 'orgDeptSupervision')!;
  const desk = await Desk.at(browser, watch, here.region.urls.organization);
  await desk.signIn(who);
  await desk.goTo('历史核验');
  await desk.sees('对账不符：');
  const board = desk.page.getByRole('table', { name: '各机关公布的总数与另两家重算' });
  await board.getByRole('row', { name: /^纪委监委.*不一致/ }).waitFor();
  await board.getByRole('row', { name: /^巡视办.*一致/ }).waitFor();
  await board.getByRole('link').first().waitFor();
  await desk.look('exchange-apart');
  expect(watch.take()).toEqual([]);
});
