// The page that checks passports without a server: opened from the disk, with the network cut, in a browser that lacks what
// browsers of 2020 lacked. Good ones are green, changed ones red with what does not fit, other keys are told.
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Browser } from 'playwright-core';
import { coverOfIssue, issueField } from '#joint/passport/cover';
import { sampleIssue, samplePassportLogs, sampleRegion } from '#testing/sample-region';
import { fromUtf8 } from '#tlog/bytes';
import { formatVkey, LOG_KEY_TYPE, signingKey } from '#tlog/key';
import { makePassport } from '#tlog/passport';
import { missingHere, startBrowser, Watch } from './browser';
import { Desk } from './desk';

const path = join(__dirname, '../../dist/passport.html');
const missing = missingHere() || (existsSync(path) ? '' : 'dist/passport.html is not built, run npm run build');
const story = missing === '' ? describe : describe.skip;
const titled = (title: string): string => (missing === '' ? title : `${title} (skipped: ${missing})`);

const region = sampleRegion();
const [commission, organization, inspection] = region.logs.map(({ origin }) => origin) as [string, string, string];
/** Functions that came after Chrome 86. */
const forgetting = `for (const [on, name] of [[Object, 'hasOwn'], [Array.prototype, 'at'], [String.prototype, 'at'],
  [Array.prototype, 'findLast'], [Array.prototype, 'toSorted'], [Array.prototype, 'toReversed'], [Array.prototype, 'with'],
  [window, 'structuredClone'], [Uint8Array.prototype, 'toHex'], [Uint8Array, 'fromBase64']]) delete on[name];`;

let browser: Browser;
let watch: Watch;
let desk: Desk;
let folder: string;
let text: string;

const put = (name: string, content: string | Uint8Array): string => {
  const file = join(folder, name);
  writeFileSync(file, content);
  return file;
};
const take = (id: string, file: string) => desk.page.locator(`#${id}`).setInputFiles(file);
const verdict = () => desk.page.locator('.verdict');
const look = (name: string) => desk.look(`passport-page-${name}`);

let files = 0;
async function checked(passport: string): Promise<string> {
  const name = `${(files += 1)}.passport`;
  await take('passport', put(name, passport));
  await desk.page.locator('#passport-name', { hasText: `已选择${name}` }).waitFor();
  return (await verdict().textContent()) ?? '';
}

story(titled('the passport page without a server'), () => {
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'sanfang-passport-page-'));
    const subject = { field: issueField, value: sampleIssue };
    text = fromUtf8(makePassport(subject, await samplePassportLogs(region), coverOfIssue));
    browser = await startBrowser();
    const url = pathToFileURL(path).href;
    watch = new Watch([url]);
    desk = await Desk.at(browser, watch, url);
    await desk.page.context().setOffline(true);
    await desk.page.context().addInitScript({ content: forgetting });
    await desk.page.goto(url);
  });
  afterAll(async () => {
    await browser?.close();
    rmSync(folder, { recursive: true });
  });
  afterEach(() => expect(watch.take()).toEqual([]));

  it('is one file, small, and asks nobody', async () => {
    const page = readFileSync(path);
    expect(page.length).toBeLessThan(150_000);
    expect(page.toString()).not.toMatch(/(src|href)=|https?:|@import|url\(/);
    await desk.sees('还没有核验：请先给出凭证包和公钥。');
    await look('empty');
    // What its policy says counts: nothing leaves, nothing else runs.
    await desk.page.evaluate(`fetch('http://elsewhere.example/').catch(() => undefined)`);
    await desk.page
      .evaluate(`document.body.append(Object.assign(document.createElement('script'), { text: 'window.ran = 1' }))`)
      .catch(() => undefined);
    expect(await desk.page.evaluate(`'ran' in window`)).toBe(false);
    expect(watch.take().join('\n')).toMatch(/connect-src http:\/\/elsewhere\.example|connect-src/);
  });

  it('says half a yes by keys that nobody has compared, and a whole one when somebody says that he has', async () => {
    await take('passport', put('f1-0001.passport', text));
    await desk.sees('还没有核验：请先给出公钥。');
    await take('trust-file', put('region.policy', region.policy));
    await desk.sees('但公钥还没有与各机关核对');
    expect(await desk.page.getByRole('row', { name: /日志|见证方/ }).count()).toBe(6);
    await look('keys-not-compared');
    await desk.page.getByLabel('以上指纹我已用电话或纸面与各机关核对，一致').check();
    await desk.sees('关于问题f1-0001的5条记录自2025-12-31 08:00起未被改动，已由三方共同见证（公钥已由核验人核对）。');
    await desk.sees('不能说明收录齐全');
    await desk.sees('2026-03-02 08:05 纪委监委 张某 同意销号');
    await desk.page.getByText('怎么做到的').click();
    await desk.page.getByText('技术细节').click();
    await desk.sees(`2025-12-31 08:00 ${region.witnesses[0]!.name}`);
    await look('whole');
    await desk.page.emulateMedia({ media: 'print' });
    expect(await desk.page.locator('#trust').isVisible()).toBe(false);
    expect(await verdict().isVisible()).toBe(true);
    await look('print');
    await desk.page.emulateMedia({ media: 'screen' });
  });

  const zero = 'A'.repeat(43);
  const mutations: readonly (readonly [string, (whole: string) => string, string])[] = [
    ['a word of an entry', (t) => t.replace('理论学习不够深入"', '理论学习十分深入"'), `日志${inspection}第2条`],
    ['an index', (t) => t.replace('\nindex 259\n', '\nindex 260\n'), `日志${inspection}第260条`],
    ['a hash of a proof', (t) => t.replace(/(\nindex 5\n).{43}/, `$1${zero}`), `日志${commission}第5条`],
    ['a root', (t) => t.replace(new RegExp(`(${organization}\n1\n).{43}`), `$1${zero}`), `日志${organization}第0条`],
    ['a size', (t) => t.replaceAll(`\n${commission}\n9\n`, `\n${commission}\n8\n`), `日志${commission}第5条`],
    ['a witness left out', (t) => t.replace(/\n— inspection\.example\.gov\.cn\/witness\S* \S+/, ''), '见证签名不足'],
    ['an entry twice', (t) => t.replace(/\n\nentry [^]*?(?=\n\nentry )/, '$&$&'), '凭证包不合规定格式'],
    ['a word of the cover', (t) => t.replace('同意销号', '退回'), '封面所写与条目不符'],
    ['another issue', (t) => t.replace('about issueId f1-0001', 'about issueId f1-0002'), '条目与本凭证包的问题无关'],
    ['an end cut off', (t) => t.slice(0, -100), '凭证包不合规定格式'],
    ['line ends of Windows', (t) => t.replaceAll('\n', '\r\n'), '凭证包不合规定格式'],
  ];
  it.each(mutations)('is red for %s, and says where', async (_, mutate, what) => {
    const changed = mutate(text);
    expect(changed).not.toBe(text);
    const said = await checked(changed);
    expect(said).toContain('▲ 发现不符');
    expect(said).toContain(what);
    expect(await desk.page.locator('.cover').count()).toBe(0);
  });

  it('shows the finding to people, and takes the whole file again', async () => {
    await checked(text.replace('理论学习不够深入"', '理论学习十分深入"'));
    await look('changed');
    expect(await checked(text)).toContain('✓');
  });

  it('says it where the keys are others: not given, unreadable, or not the ones that signed', async () => {
    const trust = desk.page.locator('#trust');
    await trust.fill(region.logs[0]!.vkey);
    await desk.sees(`还不能核验：日志${inspection}第2条（序号从0起）：未给出该日志的公钥。`);
    expect(await desk.page.locator('#compared').isChecked()).toBe(false);
    await trust.fill('not a key');
    await desk.sees('公钥读不懂：第1个公钥无效');
    await look('unreadable-key');
    const others = region.logs.map(({ origin }, n) => {
      return `log ${formatVkey(signingKey(origin, LOG_KEY_TYPE, new Uint8Array(32).fill(90 + n)))}`;
    });
    await trust.fill([...others, ...region.policy.split('\n').slice(3)].join('\n'));
    await desk.sees('检查点的签名不能用已知公钥验证');
    await desk.sees('请先核对所给公钥是否属于该日志');
    await look('other-keys');
  });

  it('takes what is dropped for what it is, and compares evidence by its hash', async () => {
    const dropping = (name: string, content: string) => `
      { const files = new DataTransfer(); files.items.add(new File([${JSON.stringify(content)}], ${JSON.stringify(name)}));
        document.dispatchEvent(new DragEvent('drop', { dataTransfer: files, bubbles: true, cancelable: true })); }`;
    await desk.page.evaluate(dropping('keys.txt', region.logs.map(({ vkey }) => vkey).join('\n')));
    await desk.sees('只有日志自己的签名');
    await desk.page.evaluate(dropping('region.policy', region.policy));
    await desk.sees('已由三方共同见证');
    await desk.page.evaluate(dropping('other.passport', text.slice(0, 200)));
    await desk.sees('发现不符');
    await desk.page.evaluate(dropping('f1-0001.passport', text));
    await desk.sees('已由三方共同见证');
    await take('evidence', put('会议记录.pdf', '另一份内容'));
    await desk.sees('▲ 会议记录.pdf：不是凭证包中的任何一份，或已被改动');
    await look('other-evidence');
  });
});
