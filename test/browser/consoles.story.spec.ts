// The closed loop through the three consoles, in a real browser on the smallest screen that is met on the desks. After
// every sight of a page: nothing for axe to find, nothing wider than the screen; at the end of each chapter: no breach of
// the content security policy, no error in the console, no request to anybody else.
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { Browser } from 'playwright-core';
import type { IssuePage, LedgerLine, RoundList } from '#contracts/answers';
import { paths, revisionHeader } from '#contracts/api';
import { admit, officers, signInAs, staffOf } from '../../apps/region/src/people';
import type { Person, Unit } from '../../apps/region/src/people';
import { claim, ledger, rectify, requestCloseOut, until } from '../../apps/region/src/scenario';
import type { Cast, Staff } from '../../apps/region/src/scenario';
import { feedbackDate, world } from '../stories/world';
import type { World } from '../stories/world';
import { missingHere, nothingThere, serviceDown, startBrowser, Watch } from './browser';
import { Desk, emptyArtefacts, keepFigures } from './desk';
import { proveHistory, reconcile } from './history-chapters';
import { carryPassport } from './passport-chapters';

jest.setTimeout(300_000);

const missing = missingHere();
const story = missing === '' ? describe : describe.skip;
const titled = (title: string): string => (missing === '' ? title : `${title} (skipped: ${missing})`);

const units = ['示范县水利局党组', '示范县文旅局党组'];
const paper = [
  `按照县委部署，2026年5月至7月，县委巡察组分别对${units.join('、')}开展了常规巡察，共反馈问题8个。现将巡察反馈情况公布如下。`,
  `${units[0]}存在的主要问题是：一是学习贯彻部署要求不够及时。二是工程项目监管不够有力。三是选拔任用程序不够规范。`,
  `${units[1]}存在的主要问题是：一是学习贯彻部署要求不够及时。二是专项资金使用审核把关不严。三是意识形态责任制落实有差距。`,
].join('\n');
const titles = {
  learning: '学习贯彻部署要求不够及时',
  works: '工程项目监管不够有力',
  selection: '选拔任用程序不够规范',
};
const evidence = { name: '项目监管会议记录.txt', mimeType: 'text/plain', buffer: Buffer.from('会议记录（示范材料）') };
const people = { 牵头领导: '牵头领导丙', 责任部门: '工程科', 责任人: '责任人乙' };
const statement = {
  整改结果: '已修订监管办法，抽查项目12个。',
  原因如何消除: '监管责任已落实到人。',
  举一反三: '已对在建项目全面自查。',
};

let here: World;
let browser: Browser;
let watch: Watch;
let cast: Person[];
let lines: LedgerLine[];
const desks = new Map<string, Desk>();

const person = (login: string): Person => cast.find((each) => each.login === login) as Person;
const lineOf = (title: string): LedgerLine =>
  lines.find((line) => line.title === title && line.unitName === units[0]) as LedgerLine;

/** The desk of a person: opened with the first sign-in, then the same page all the story long. */
async function at(login: string): Promise<Desk> {
  const known = desks.get(login);
  if (known) return known;
  const who = person(login);
  const desk = await Desk.at(browser, watch, here.region.urls[who.agency]);
  desks.set(login, desk);
  await desk.signIn(who);
  return desk;
}

async function openIssue(desk: Desk, title: string): Promise<void> {
  await desk.goTo('问题台账');
  await desk.page
    .locator('tr', { hasText: title })
    .filter({ hasText: units[0] as string })
    .getByRole('link')
    .first()
    .click();
  await desk.heading(title);
}

story(titled('the consoles of the three agencies'), () => {
  beforeAll(async () => {
    emptyArtefacts();
    here = await world();
    browser = await startBrowser();
    watch = new Watch(Object.values(here.region.urls));
    cast = officers([]).filter(({ role }) => role === 'inspectionOffice');
    await admit(here.region, cast);
  });
  afterAll(async () => {
    keepFigures(watch);
    await browser?.close();
    await here?.end();
  });
  afterEach(() => expect(watch.take()).toEqual([]));

  it('are watched by somebody who notices', async () => {
    const desk = await Desk.at(browser, watch, here.region.urls.inspection);
    await desk.page.goto(`${desk.url}/sign-in`);
    await desk.page.getByLabel('密码').waitFor();
    await desk.page.evaluate(`
      fetch('http://elsewhere.example/').catch(() => undefined);
      document.querySelector('main').setAttribute('style', 'width: 4000px');
      document.querySelector('main').style.width = '4000px';
      document.querySelector('h1').setAttribute('aria-nonsense', 'true');
      document.querySelector('input').removeAttribute('id');
      console.error('a fault of the page');
    `);
    await desk.look('watched');
    const faults = watch.take().join('\n');
    expect(faults).toMatch(/CSP violation: .*connect-src http:\/\/elsewhere\.example/);
    expect(faults).toMatch(/CSP violation: .*style-src-attr/);
    expect(faults).toMatch(/watched: \d+ px wide/);
    expect(faults).toMatch(/watched: axe label/);
    expect(faults).toMatch(/console error on .*: a fault of the page/);
    const leaving = desk.page.waitForEvent('requestfailed');
    await desk.page.evaluate(`location.assign('http://elsewhere.example/page')`);
    await leaving;
    await desk.page.context().close();
    expect(watch.take()).toContain('request to another host: http://elsewhere.example/page');
  });

  it('let nobody in with a wrong password, and say so in the service’s own sentence', async () => {
    const office = person('inspection-office');
    const desk = await Desk.at(browser, watch, here.region.urls.inspection);
    desks.set(office.login, desk);
    await desk.page.goto(`${desk.url}/ledger`);
    await desk.sees('巡视办');
    await desk.look('sign-in');
    await desk.page.getByLabel('登录名').fill(office.login);
    await desk.page.getByLabel('密码').fill('wrong-password');
    await desk.page.getByRole('button', { name: '登录' }).click();
    await desk.sees('登录名或密码不对，请核对后重试');
    await desk.look('sign-in-refused');
    await desk.signIn(office);
    await desk.heading('问题台账');
    const [cookie] = await desk.page.context().cookies();
    expect(cookie).toMatchObject({
      name: '__Host-sanfang-inspection',
      secure: true,
      httpOnly: true,
      sameSite: 'Strict',
    });
  });

  it('say what is missing where there is nothing yet', async () => {
    const desk = await at('inspection-office');
    await desk.sees('本轮还没有导入反馈意见');
    await desk.look('ledger-empty');
    await desk.goTo('总览');
    await desk.look('overview-empty');
    await desk.goTo('反馈导入');
    await desk.sees('没有正在进行的轮次');
    await desk.look('feedbacks-empty');
    await desk.goTo('轮次');
    await desk.look('rounds-empty');
    expect(watch.take(nothingThere)).toEqual([]);
    await desk.page.goto(`${desk.url}/issues/f1-none`);
    await desk.sees('没有找到这条记录');
    await desk.look('issue-none');
  });

  it('open a round and enrol the organisations', async () => {
    const desk = await at('inspection-office');
    await desk.goTo('轮次');
    await desk.begin('新建轮次', { 轮次名称: '第三轮巡察', 届次: '十四届县委', 年份: '2026' });
    await desk.look('round-form');
    await desk.send('新建轮次');
    await desk.sees('第三轮巡察');
    for (const unit of units) await desk.act('纳入单位', { 单位名称: unit }, '纳入单位');
    await desk.sees(units[1] as string);
    await desk.begin('纳入单位', { 单位名称: units[0] as string });
    await desk.drawer.getByRole('button', { name: '纳入单位' }).click();
    await desk.sees('没有提交：示范县水利局党组已在本轮次中，请勿重复列入。');
    await desk.look('round-refused');
    await desk.drawer.getByRole('button', { name: '取消' }).click();
    await desk.look('round');
  });

  it('take in a feedback text, show what it declares and what was found, and let the clerk edit and freeze it', async () => {
    const desk = await at('inspection-office');
    await desk.goTo('反馈导入');
    await desk.page.getByLabel('反馈日期').fill(feedbackDate);
    const file = { name: '巡察反馈情况.txt', mimeType: 'text/plain', buffer: Buffer.from(paper) };
    await desk.page.locator('input[type=file]').setInputFiles(file);
    await desk.sees(`已选择 ${file.name}`);
    await desk.look('feedbacks-upload');
    await desk.page.getByRole('button', { name: '导入' }).click();
    await desk.sees('声明8条，找到6条。');
    await desk.look('feedback');
    await desk.page.locator('tr', { hasText: titles.selection }).getByRole('button').click();
    await desk.choose('专项', '选人用人专项');
    await desk.choose('单位', units[1] as string);
    await desk.choose('单位', units[0] as string);
    await desk.sees('请先保存修改。');
    await desk.look('feedback-edited');
    await desk.page.getByRole('button', { name: '保存修改' }).click();
    await desk.page.getByText('请先保存修改。').waitFor({ state: 'detached' });
    await desk.begin('冻结并登记', {});
    await desk.drawer.getByRole('button', { name: '冻结并登记' }).click();
    await desk.sees('请填写差异原因');
    await desk.look('freeze-without-reason');
    await desk.drawer.getByLabel('差异原因').fill('公开文本只载明主要问题，其余以书面反馈为准。');
    await desk.send('冻结并登记');
    await desk.sees('已冻结，问题已登记。');
    await desk.look('feedback-frozen');
    const office = await signInAs(here.region, person('inspection-office'));
    lines = await until('the ledger holds all six', async () => {
      const all = await ledger(office);
      return all.length === 6 ? all : undefined;
    });
    expect(lineOf(titles.selection).special).toBe('selection');
    const { rounds } = await office.get<RoundList>(paths.rounds);
    const enrolled = rounds.flatMap(({ organisations }) => organisations) as Unit[];
    const others = [...officers(enrolled), ...enrolled.flatMap(staffOf)].filter(
      ({ role }) => role !== 'inspectionOffice',
    );
    await admit(here.region, others);
    cast = [...cast, ...others];
  });

  it('filter, sort, search and walk the ledger, by mouse and by keys', async () => {
    const desk = await at('inspection-office');
    const { page } = desk;
    const rows = page.locator('tbody tr');
    await desk.goTo('问题台账');
    await desk.sees('共6条');
    await desk.look('ledger');
    await desk.choose('专项', '选人用人专项');
    await desk.sees('共1条');
    await desk.look('ledger-filtered');
    await page.getByRole('button', { name: '清除筛选' }).click();
    await desk.sees('共6条');
    await page.keyboard.press('/');
    await page.keyboard.type('项目监管');
    await page.keyboard.press('Enter');
    await desk.sees('共1条');
    expect(await rows.first().textContent()).toContain(titles.works);
    await desk.look('ledger-searched');
    await page.keyboard.press('/');
    await page.keyboard.type('没有这样的问题');
    await page.keyboard.press('Enter');
    await desk.sees('没有符合条件的问题。');
    expect(await page.getByLabel('搜索问题').inputValue()).toBe('没有这样的问题');
    await desk.look('ledger-nothing-found');
    await page.getByRole('button', { name: '清除筛选' }).last().click();
    await page.getByRole('button', { name: /^单位/ }).click();
    await page.locator('th[aria-sort=ascending]', { hasText: '单位' }).waitFor();
    await page.getByRole('button', { name: /^单位/ }).click();
    await page.locator('th[aria-sort=descending]', { hasText: '单位' }).waitFor();
    await rows.nth(5).waitFor();
    await page.locator('body').click({ position: { x: 700, y: 700 } });
    for (const key of ['j', 'j', 'k', 'j']) await page.keyboard.press(key);
    const second = (await rows.nth(1).getByRole('link').getAttribute('href')) ?? '';
    await page.keyboard.press('Enter');
    await page.waitForURL(`${desk.url}${second}`);
    await page.keyboard.press('?');
    await desk.drawer.waitFor();
    await desk.look('keyboard-help');
    await page.keyboard.press('Escape');
    await page.goBack();
    await desk.choose('状态', '未完成');
    await desk.sees('共6条');
  });

  it('show the same round to the commission and to the organization department', async () => {
    for (const [login, name] of [
      ['supervision-office', 'commission'],
      ['organization-supervision', 'organization'],
    ] as const) {
      const desk = await at(login);
      await desk.look(`${name}-arrival`);
      await desk.goTo('问题台账');
      await desk.sees('共6条');
      await desk.look(`${name}-ledger`);
      await desk.goTo('总览');
      await desk.sees('正在跟随');
      await desk.look(`${name}-overview`);
      await desk.goTo('轮次');
      await desk.page.getByRole('table', { name: '其他机构的签收' }).getByText('见证齐全').first().waitFor();
      await desk.look(`${name}-rounds`);
    }
  });

  it('let the unit claim: the liaison proposes, the secretary signs', async () => {
    const liaison = await at('liaison');
    await liaison.heading('我的任务');
    await liaison.look('tasks-of-the-liaison');
    await liaison.page.locator('tr', { hasText: titles.works }).getByRole('button').click();
    await liaison.drawer.waitFor();
    for (const [label, value] of Object.entries(people))
      await liaison.drawer.getByLabel(label, { exact: true }).fill(value);
    await liaison.look('claim-form');
    await liaison.send('认领');
    const secretary = await at('secretary');
    await secretary.sees('对认领事项签字确认');
    await secretary.look('tasks-of-the-secretary');
    await secretary.page.locator('tr', { hasText: titles.works }).getByRole('button').click();
    await secretary.sees('牵头领导丙牵头，工程科，责任人乙负责');
    await secretary.look('claim-signing');
    await secretary.send('签字确认');
    await openIssue(secretary, titles.works);
    await secretary.sees('书记已签字');
  });

  it('let the task owner work, and say before the click what cannot be done yet', async () => {
    const owner = await at('task-owner');
    await owner.look('tasks-of-the-owner');
    await openIssue(owner, titles.works);
    const request = owner.page.getByRole('button', { name: '申请销号', exact: true });
    expect(await request.isDisabled()).toBe(true);
    await owner.sees('不能申请销号：还没有整改措施，请先制定措施。');
    await owner.look('issue-claimed');
    await owner.begin('添加措施', {
      措施内容: '修订项目监管办法，按月抽查在建项目。',
      ...people,
      完成时限: '2099-01-01',
    });
    await owner.drawer.getByRole('button', { name: '添加措施' }).click();
    await owner.sees('没有提交：措施时限不能晚于问题期限');
    await owner.look('measure-refused');
    await owner.drawer.getByLabel('完成时限').fill(lineOf(titles.works).due);
    await owner.send('添加措施');
    await owner.act('报进展', { 进展及成效: '已修订监管办法1项，抽查在建项目12个。' }, '报进展');
    await owner.begin('上传佐证', { 佐证日期: '2099-01-01' });
    await owner.drawer.locator('input[type=file]').setInputFiles(evidence);
    await owner.sees(`已选择 ${evidence.name}`);
    await owner.drawer.getByRole('button', { name: '上传佐证' }).click();
    await owner.sees('没有提交：佐证形成日期2099-01-01在今天之后，请核对。');
    await owner.look('evidence-refused');
    await owner.drawer.getByLabel('佐证日期').fill(feedbackDate);
    await owner.send('上传佐证');
    await owner.page.getByRole('link', { name: evidence.name }).waitFor();
    await owner.begin('申请销号', statement);
    await owner.look('close-out-form');
    await owner.send('申请销号');
    await owner.sees('轮到签字');
    await owner.look('issue-in-signing');
  });

  it('carry the request to the commission once leader and secretary have signed', async () => {
    const owner = await at('task-owner');
    await owner.markLoad();
    for (const login of ['leader', 'secretary']) {
      const signer = await at(login);
      await signer.goTo('我的任务');
      await signer.page.locator('tr', { hasText: titles.works }).getByRole('button').click();
      await signer.sees(statement.整改结果);
      await signer.look(`close-out-signing-${login}`);
      await signer.send('签字确认');
    }
    await owner.sees('待核查');
    expect(await owner.stillSameLoad()).toBe(true);
    await owner.look('issue-requested');
    const commission = await at('supervision-office');
    await commission.goTo('核查');
    await commission.sees(statement.整改结果);
    await commission.page
      .getByRole('button', { name: '退回', exact: true })
      .and(commission.page.locator(':enabled'))
      .waitFor();
    await commission.look('verification-queue');
    await commission.page.getByRole('link', { name: '查看原文、佐证和签字' }).click();
    await commission.heading(titles.works);
    const link = commission.page.getByRole('link', { name: evidence.name });
    await link.waitFor();
    const [download] = await Promise.all([commission.page.waitForEvent('download'), link.click()]);
    expect(download.suggestedFilename()).toBe(evidence.name);
    const sha256 = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex');
    expect(sha256(readFileSync(await download.path()))).toBe(sha256(evidence.buffer));
    await commission.page.getByText('怎么做到的').click();
    await commission.page.getByText('技术细节').click();
    await commission.look('commission-issue');
  });

  it('return it with a reason, which the unit sees without reloading', async () => {
    const [owner, commission] = [await at('task-owner'), await at('supervision-office')];
    await commission.goTo('核查');
    await commission.page.keyboard.press('3');
    await commission.drawer.waitFor();
    await commission.drawer.getByRole('radio', { name: '佐证缺失' }).check();
    await commission.drawer.getByLabel('具体理由').fill('缺少抽查记录原件。');
    await commission.look('return-form');
    const sent = commission.page.waitForRequest((request) => request.url().endsWith('/return'));
    await commission.send('退回');
    // Decided on what was seen: a verdict on a record that has moved on would be refused as stale.
    expect((await sent).headers()[revisionHeader]).toMatch(/^\d+$/);
    await commission.sees('没有等待核查的销号申请；单位申请后会出现在这里。');
    await commission.look('verification-decided');
    await owner.sees('缺少抽查记录原件。');
    await owner.sees('退回1次');
    expect(await owner.stillSameLoad()).toBe(true);
    const signatures = owner.page.getByRole('region', { name: '签字' });
    expect(await signatures.getByText('已签字').count()).toBe(3);
    await owner.look('issue-returned');
    await owner.goTo('我的任务');
    await owner.sees('已退回1次');
    await owner.look('tasks-after-return');
  });

  it('close it after the second request, which the office sees on its open page', async () => {
    const office = await at('inspection-office');
    await openIssue(office, titles.works);
    await office.markLoad();
    const owner = await at('task-owner');
    await openIssue(owner, titles.works);
    await owner.begin('申请销号');
    expect(await owner.drawer.getByLabel('整改结果').inputValue()).toBe(statement.整改结果);
    await owner.drawer.getByLabel('整改结果').fill(`${statement.整改结果}已补抽查记录原件。`);
    await owner.send('申请销号');
    for (const login of ['leader', 'secretary']) {
      const signer = await at(login);
      await openIssue(signer, titles.works);
      await signer.act('签字确认销号申请', {}, '签字确认');
    }
    const commission = await at('supervision-office');
    await commission.goTo('核查');
    await commission.sees('第2次申请');
    await commission.page.getByRole('button', { name: '同意销号' }).and(commission.page.locator(':enabled')).click();
    await commission.drawer.getByLabel('核查意见').fill('已查看补充的抽查记录。');
    await commission.look('accept-form');
    await commission.send('同意销号');
    await office.page.locator('.page-head .chip', { hasText: '已销号' }).waitFor();
    expect(await office.stillSameLoad()).toBe(true);
    await office.sees('已查看补充的抽查记录。');
    await office.look('issue-closed-out');
  });

  it('prove by themselves that nothing was changed, show what was known when, and say in red when a byte was', async () => {
    const owner = await at('task-owner');
    await openIssue(owner, titles.works);
    await proveHistory(owner, titles.works);
  });

  it('let the records be carried away and checked on another machine, without a server', async () => {
    const owner = await at('task-owner');
    await openIssue(owner, titles.works);
    await carryPassport(owner, browser, titles.works);
  });

  it('lay side by side, for officers, what each agency holds of the others', async () => {
    await reconcile(await at('supervision-office'));
  });

  it('leave selection issues to the organization department alone', async () => {
    const client = async (login: string) => signInAs(here.region, person(login));
    const staff: Staff = {
      liaison: await client('liaison'),
      owner: await client('task-owner'),
      leader: await client('leader'),
      secretary: await client('secretary'),
    };
    for (const title of [titles.selection, titles.learning]) {
      const line = lineOf(title);
      await claim(staff, line.issueId);
      await rectify(staff, line.issueId, line.due, feedbackDate);
      await requestCloseOut({ staff: new Map([[line.unitId, staff]]) } as unknown as Cast, line);
    }
    const commission = await at('supervision-office');
    await commission.goTo('核查');
    await commission.sees('待核查 1');
    await openIssue(commission, titles.selection);
    await commission.sees('待核查');
    expect(await commission.page.getByRole('button', { name: '同意销号' }).count()).toBe(0);
    const organization = await at('organization-supervision');
    await organization.goTo('核查');
    await organization.sees(titles.selection);
    await organization.page
      .getByRole('button', { name: '同意销号' })
      .and(organization.page.locator(':enabled'))
      .click();
    await organization.drawer.getByRole('radio', { name: '现场核查' }).check();
    await organization.look('organization-accept');
    await organization.send('同意销号');
    await organization.sees('没有等待核查的销号申请；单位申请后会出现在这里。');
    await organization.look('organization-decided');
    await openIssue(commission, titles.selection);
    await commission.page.locator('.page-head .chip', { hasText: '已销号' }).waitFor();
  });

  it('count what is only substantially done apart', async () => {
    const commission = await at('supervision-office');
    await commission.goTo('核查');
    await commission.page
      .getByRole('button', { name: '认定基本完成' })
      .and(commission.page.locator(':enabled'))
      .click();
    await commission.drawer.getByLabel('剩余工作', { exact: true }).fill('制度运行满一年后复查。');
    await commission.drawer.getByLabel('剩余工作时限').fill('2099-12-31');
    await commission.look('substantially-done-form');
    await commission.send('认定基本完成');
    const office = await at('inspection-office');
    await office.goTo('总览');
    await office.sees('基本完成 1');
    await office.page.getByRole('button', { name: /完成率/ }).click();
    await office.look('overview');
    await office.page.getByRole('link', { name: '未完成 3', exact: true }).click();
    await office.sees('共3条');
    await openIssue(office, titles.learning);
    await office.sees('制度运行满一年后复查。');
    await office.look('issue-substantially-done');
    const client = await signInAs(here.region, person('inspection-office'));
    const page = await client.get<IssuePage>(paths.issue(lineOf(titles.learning).issueId));
    expect(page.closeOut?.verdict).toMatchObject({ kind: 'substantiallyDone', agency: 'commission' });
  });

  it('show one round or all of them', async () => {
    const office = await at('inspection-office');
    await office.goTo('轮次');
    await office.act('新建轮次', { 轮次名称: '第四轮巡察', 届次: '十四届县委', 年份: '2027' }, '新建轮次');
    await office.goTo('总览');
    await office.choose('轮次', '第四轮巡察');
    await office.sees('本轮还没有导入反馈意见。');
    await office.look('overview-of-an-empty-round');
    await office.choose('轮次', '第三轮巡察');
    await office.page.getByRole('link', { name: '未完成 3', exact: true }).waitFor();
    await office.look('overview-of-one-round');
    await office.page.getByRole('link', { name: '示范县文旅局党组未完成 3' }).click();
    await office.sees('共3条');
    expect(new URL(office.page.url()).searchParams.get('round')).toBe(lineOf(titles.works).roundId);
  });

  it('keep a half-written form over signing out, and let nobody else see it', async () => {
    const owner = await at('task-owner');
    await openIssue(owner, titles.learning);
    await owner.begin('报进展', { 进展及成效: '写到一半的进展' });
    await owner.sees('草稿已保存在本机');
    await owner.look('draft-kept');
    await owner.drawer.getByRole('button', { name: '取消' }).click();
    await owner.page.getByRole('button', { name: '退出' }).click();
    await owner.page.getByRole('button', { name: '登录' }).waitFor();
    await owner.signIn(person('liaison'));
    await openIssue(owner, titles.learning);
    await owner.begin('报进展');
    expect(await owner.drawer.getByLabel('进展及成效').inputValue()).toBe('');
    await owner.drawer.getByRole('button', { name: '取消' }).click();
    await owner.page.getByRole('button', { name: '退出' }).click();
    await owner.signIn(person('task-owner'));
    await openIssue(owner, titles.learning);
    await owner.begin('报进展');
    expect(await owner.drawer.getByLabel('进展及成效').inputValue()).toBe('写到一半的进展');
  });

  it('say when another agency, or their own service, cannot be reached, and go on by themselves afterwards', async () => {
    const commission = await at('supervision-office');
    await commission.goTo('总览');
    await commission.markLoad();
    expect(watch.take(serviceDown)).toEqual([]);
    await here.region.stopAgency('organization');
    await commission.sees('连不上');
    await commission.look('overview-peer-down');
    await here.region.launch('organization');
    await commission.page.getByText('组织部：正在跟随').waitFor();
    await here.region.stopAgency('commission');
    await commission.sees('连不上服务，数据截至');
    await commission.look('service-down');
    await here.region.launch('commission');
    await commission.page.getByText('连不上服务，数据截至').waitFor({ state: 'detached' });
    expect(await commission.stillSameLoad()).toBe(true);
  });

  it('print ledger and issue without the frame around them', async () => {
    const office = await at('inspection-office');
    await openIssue(office, titles.works);
    await office.page.emulateMedia({ media: 'print' });
    await office.look('print-issue');
    expect(await office.page.locator('.header').isVisible()).toBe(false);
    await office.page.emulateMedia({ media: 'screen' });
    await office.goTo('问题台账');
    await office.sees('共6条');
    await office.page.emulateMedia({ media: 'print' });
    await office.look('print-ledger');
    expect(await office.page.locator('.side').isVisible()).toBe(false);
    expect(watch.pages).toBeGreaterThan(50);
    expect(watch.requests).toBeGreaterThan(500);
  });
});
