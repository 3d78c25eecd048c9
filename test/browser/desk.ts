// One person before one console: what a hand does there, and the checks that every sight of a page has to pass.
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { AxeResults } from 'axe-core';
import type { Browser, Locator, Page } from 'playwright-core';
import { screen } from './browser';
import type { Watch } from './browser';

const artefacts = join(__dirname, '..', '..', 'artefacts', 'browser');
const axeSource = readFileSync(require.resolve('axe-core/axe.min.js'), 'utf8');

/** Pictures of the last run only. */
export function emptyArtefacts(): void {
  rmSync(artefacts, { recursive: true, force: true });
  mkdirSync(artefacts, { recursive: true });
}

/** What was looked at, kept beside the pictures. */
export function keepFigures({ pages, requests }: Watch): void {
  writeFileSync(join(artefacts, 'figures.json'), `${JSON.stringify({ pages, requests })}\n`);
}

export type Login = { readonly login: string; readonly password: string };
let pictures = 0;

export class Desk {
  private constructor(
    readonly page: Page,
    private readonly watch: Watch,
    readonly url: string,
  ) {}

  /** A browser profile of its own: two people never share a cookie. */
  static async at(browser: Browser, watch: Watch, url: string): Promise<Desk> {
    const context = await browser.newContext({ viewport: screen, locale: 'zh-CN', timezoneId: 'Asia/Shanghai' });
    context.setDefaultTimeout(40_000);
    await watch.over(context);
    await context.addInitScript({ content: axeSource });
    return new Desk(await context.newPage(), watch, url);
  }

  async signIn({ login, password }: Login): Promise<void> {
    if (!this.page.url().startsWith(this.url)) await this.page.goto(this.url);
    await this.page.getByLabel('登录名').fill(login);
    await this.page.getByLabel('密码').fill(password);
    await this.page.getByRole('button', { name: '登录' }).click();
    await this.page.getByRole('navigation', { name: '主菜单' }).waitFor();
  }

  async goTo(entry: string): Promise<void> {
    await this.page.getByRole('navigation', { name: '主菜单' }).getByRole('link', { name: entry }).click();
    await this.heading(entry);
  }

  async heading(words: string): Promise<void> {
    await this.page.getByRole('heading', { level: 1, name: words }).waitFor();
  }

  get drawer(): Locator {
    return this.page.getByRole('dialog');
  }

  /** Presses the button of an action, fills the drawer that opens, and leaves it open. */
  async begin(action: string, fields: Readonly<Record<string, string>> = {}): Promise<void> {
    await this.page.getByRole('button', { name: action, exact: true }).first().click();
    await this.drawer.waitFor();
    for (const [label, value] of Object.entries(fields)) await this.fill(label, value);
  }

  /** Sends what stands in the drawer; it closes when the service has taken it. */
  async send(button: string): Promise<void> {
    await this.drawer.getByRole('button', { name: button, exact: true }).click();
    await this.drawer.waitFor({ state: 'detached' });
  }

  async act(action: string, fields: Readonly<Record<string, string>>, button: string): Promise<void> {
    await this.begin(action, fields);
    await this.send(button);
  }

  private async fill(label: string, value: string): Promise<void> {
    const radio = this.drawer.getByRole('radio', { name: value, exact: true });
    if ((await radio.count()) > 0) return radio.check();
    await this.drawer.getByLabel(label, { exact: true }).fill(value);
  }

  async choose(label: string, option: string): Promise<void> {
    await this.page.getByRole('combobox', { name: label, exact: true }).click();
    await this.page.locator('.ant-select-item-option:visible', { hasText: option }).click();
  }

  /** A link of the row that holds these words. */
  async openRow(words: string): Promise<void> {
    await this.page.locator('tr', { hasText: words }).getByRole('link').first().click();
  }

  async sees(words: string): Promise<void> {
    await this.page.getByText(words).first().waitFor();
  }

  /** Takes a picture of the whole page, and holds what is seen against the rules for every page. */
  async look(name: string): Promise<void> {
    const { page, watch } = this;
    await page.locator('.loading').waitFor({ state: 'detached' });
    await page.evaluate('document.fonts.ready.then(() => undefined)');
    pictures += 1;
    const path = join(artefacts, `${String(pictures).padStart(2, '0')}-${name}.png`);
    await page.screenshot({ path, fullPage: true });
    watch.pages += 1;
    const width = await page.evaluate<number>('document.documentElement.scrollWidth');
    if (width > screen.width) watch.faults.push(`${name}: ${width} px wide, wider than the screen`);
    const { violations } = await page.evaluate<AxeResults>(`axe.run(document, { resultTypes: ['violations'] })`);
    for (const { id, help, nodes } of violations) {
      watch.faults.push(`${name}: axe ${id}: ${help}: ${nodes.map(({ html }) => html.slice(0, 160)).join(' | ')}`);
    }
  }

  /** Marks this load of the page; `stillSameLoad` is false after any reload. */
  async markLoad(): Promise<void> {
    await this.page.evaluate('window.sameLoad = true');
  }

  stillSameLoad(): Promise<boolean> {
    return this.page.evaluate<boolean>(`'sameLoad' in window`);
  }
}
