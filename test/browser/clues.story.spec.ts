// The page 线索 in a real browser: opened for a reason, destroyed by two persons, and 已销毁 from then on. After every sight
// of a page the same checks as in the consoles' story; no word of a clue stays in the browser when the page is left.
import type { Browser } from 'playwright-core';
import { paths } from '#contracts/api';
import { roles } from '#contracts/roles';
import type { Role } from '#contracts/roles';
import { Client } from '../../apps/region/src/client';
import { admit, randomPassword } from '../../apps/region/src/people';
import type { Person } from '../../apps/region/src/people';
import { until } from '../../apps/region/src/scenario';
import { world } from '../stories/world';
import type { World } from '../stories/world';
import { missingHere, startBrowser, Watch } from './browser';
import { Desk } from './desk';

jest.setTimeout(300_000);

const missing = missingHere();
const story = missing === '' ? describe : describe.skip;
const titled = (title: string): string => (missing === '' ? title : `${title} (skipped: ${missing})`);

const words = '收受礼品线索内容';
let here: World;
let browser: Browser;
let watch: Watch;

async function admitted(login: string, role: Role, name: string): Promise<Person> {
  const person: Person = { login, name, role, agency: roles[role].agency, password: randomPassword() };
  await admit(here.region, [person]);
  return person;
}

async function deskOf(person: Person): Promise<Desk> {
  const desk = await Desk.at(browser, watch, here.region.urls[person.agency]);
  await desk.signIn(person);
  return desk;
}

/** Hands over as soon as the receiver's key is known. */
async function handedOver(office: Person): Promise<void> {
  const client = await Client.signedIn(here.region.urls.inspection, office.login, office.password);
  const round = { name: '示范轮次', term: '第十四届', year: 2026, tier: 'county', ruleSetId: 'three-months' };
  const { id: roundId } = await client.send(paths.rounds, round);
  const clue = { unitName: '示范县水利局党组', source: '来信', person: '某甲', post: '科长', contents: words };
  await until('the receiver has announced its key', () =>
    client.send(paths.clueLists, { kind: 'single', roundId, clues: [clue] }).catch(() => undefined),
  );
}

story(titled('clues on the commission’s console'), () => {
  let first: Desk;
  let second: Desk;

  beforeAll(async () => {
    here = await world();
    browser = await startBrowser();
    watch = new Watch(Object.values(here.region.urls));
    const office = await admitted('clue-desk', 'inspectionOffice', '移交人甲');
    const officer = await admitted('case-office', 'caseOffice', '签收人乙');
    const another = await admitted('case-office-2', 'caseOffice', '复核人丙');
    await handedOver(office);
    first = await deskOf(officer);
    second = await deskOf(another);
  });
  afterAll(async () => {
    await browser?.close();
    await here?.end();
  });
  afterEach(() => expect(watch.take()).toEqual([]));

  it('stand in the list without a word of what they say, and are signed for', async () => {
    await first.goTo('线索');
    await first.sees('移交人甲');
    await first.sees('已移交');
    await first.look('clues');
    await first.openRow('移交人甲');
    await first.heading('线索清单');
    await first.sees('清单还没有全部签收，签收后才能申请销毁');
    await first.act('签收线索清单', { 清点件数: '1' }, '签收');
    await first.sees('纪委监委 签收人乙 签收');
    expect(await first.page.content()).not.toContain(words);
    await first.look('clue-list');
  });

  it('open on demand, with a reason, and are gone when the page is left', async () => {
    await first.act('启封线索内容', { 启封事由: '分办前阅' }, '启封');
    await first.sees(words);
    await first.look('clue-opened');
    await first.goTo('线索');
    await first.openRow('移交人甲');
    await first.sees('启封须写明事由');
    expect(await first.page.content()).not.toContain(words);
    const kept = await first.page.evaluate<string>('JSON.stringify({ ...localStorage, ...sessionStorage })');
    expect(kept).not.toContain(words);
  });

  it('are not destroyed by one person', async () => {
    await first.act('申请销毁线索内容', { 销毁依据: '保管期满' }, '申请销毁');
    await first.sees('签收人乙 申请销毁，依据：保管期满');
    await first.sees('销毁须两人办理，请由另一位同志确认');
    expect(await first.page.getByRole('button', { name: '确认销毁线索内容' }).isDisabled()).toBe(true);
    await first.look('clue-requested');
  });

  it('are destroyed when another one confirms, and 已销毁 stands where they were', async () => {
    await second.goTo('线索');
    await second.openRow('移交人甲');
    await second.act('确认销毁线索内容', {}, '确认销毁');
    await second.page.locator('.clue-gone', { hasText: '已销毁' }).waitFor();
    await second.sees('纪委监委 已销毁：签收人乙 申请，复核人丙 确认');
    expect(await second.page.getByRole('button', { name: '启封线索内容' }).isDisabled()).toBe(true);
    await second.look('clue-destroyed');
    await first.page.reload();
    await first.page.locator('.clue-gone', { hasText: '已销毁' }).waitFor();
    await first.goTo('线索');
    await first.page.locator('.body-gone', { hasText: '已销毁' }).waitFor();
    await first.look('clues-destroyed');
  });
});
