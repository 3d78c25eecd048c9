// The chapters of the page 历史核验: of a unit's person over one finished issue, and of an officer over all logs.
import { readFileSync } from 'node:fs';
import type { Desk } from './desk';

/** Begins on the issue's own page. @param title of an issue that was returned once and then closed */
export async function proveHistory(owner: Desk, title: string): Promise<void> {
  const { page } = owner;
  // What was signed, attached and decided bears its badge where it stands, not in the time line alone.
  for (const place of ['.signatures', '.verdict', '.timeline', '.page-head']) {
    await page.locator(place).getByText('见证齐全').first().waitFor();
  }
  for (const name of ['整改措施', '佐证']) {
    await page.getByRole('table', { name, exact: true }).getByText('见证齐全').first().waitFor();
  }
  // The issue's own one: the menu has another of this name, and is there sooner.
  await page.locator('a[href^="/history/"]').click();
  await owner.heading('历史核验');
  await owner.sees('三方共同见证');
  const slider = page.getByRole('slider', { name: '记入时间' });
  await slider.press('Home');
  await page.getByRole('row', { name: /^状态/ }).getByText('已登记').waitFor();
  await page.getByRole('row', { name: /^状态/ }).getByText('登记销号').waitFor();
  await page
    .getByRole('row', { name: /^登记销号|登记销号/ })
    .last()
    .getByText('已见')
    .first()
    .waitFor();
  // Each record that made a change is a link to its place in the lanes.
  await page
    .getByRole('row', { name: /^状态/ })
    .getByRole('link', { name: /^登记销号（巡视办日志第/ })
    .click();
  await page.locator('tr:target').waitFor();
  expect(await slider.getAttribute('aria-valuetext')).toMatch(/^\d{4}-\d\d-\d\d \d\d:\d\d，登记问题之后$/);
  await slider.press('ArrowRight');
  expect(await slider.getAttribute('aria-valuetext')).toMatch(/，认领之后$/);
  await owner.look('history-then');
  await page.getByRole('radio', { name: '本机关知道的时间' }).check();
  const known = page.getByRole('slider', { name: '本机关知道的时间' });
  await known.press('Home');
  await page.getByRole('row', { name: /^状态/ }).getByText('已登记').waitFor();
  await owner.sees('本机关已经知道的：自己记入的，和从其他机关收到并核验的。');
  await owner.look('history-known-here');
  await page.getByRole('radio', { name: '记入时间' }).check();
  await page.emulateMedia({ media: 'print' });
  expect(await slider.isVisible()).toBe(false);
  await owner.look('print-history');
  await page.emulateMedia({ media: 'screen' });
  await page.getByText('怎么做到的').click();
  await page.getByText('技术细节').click();
  await page.getByText('第一次见到').first().waitFor();
  await owner.look('history-technical');
  // Seen once, the logs have to go on from there.
  await page.reload();
  await owner.sees('三方共同见证');
  await page.getByText('怎么做到的').click();
  await page.getByText('技术细节').click();
  await page.getByText('已证明首尾相接').first().waitFor();
  await owner.goTo('历史核验');
  await owner.sees('各家日志的签名有效');
  expect(await page.getByText('三方对账').count()).toBe(0);
  await page.route(/\/api\/issues\/[^/]+\/history/, async (route) => {
    const answer = (await (await route.fetch()).text()).replace('责任人乙', '责任人丙');
    await route.fulfill({ body: answer, contentType: 'application/json' });
  });
  await owner.openRow(title);
  await owner.sees('发现不一致：巡视办日志第');
  await owner.look('history-changed-on-the-way');
  const [kept] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('button', { name: '保存证据' }).click(),
  ]);
  expect(readFileSync(await kept.path(), 'utf8')).toContain('sanfang.console-finding/v1');
  await page.unroute(/\/api\/issues\/[^/]+\/history/);
}

export async function reconcile(commission: Desk): Promise<void> {
  await commission.goTo('历史核验');
  await commission.sees('各家日志的签名有效');
  await commission.sees('没有发现过前后矛盾的日志，没有证据文件。');
  const verdicts = commission.page.getByRole('table', { name: /^各机关所存的各家日志/ }).getByText('一致');
  await verdicts.nth(5).waitFor();
  await commission.sees('✓ 逐个问题一致');
  const total = commission.page.getByRole('table', { name: '本机关台账与三家日志重算的合计' });
  await total.getByRole('row', { name: /^合计 6 6/ }).waitFor();
  await commission.look('reconciliation');
}
