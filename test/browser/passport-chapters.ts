// The chapter of the passport: what a unit's person takes away from the page is all that anybody needs, on another
// machine, without a network, to see that nothing was changed.
import { copyFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Browser } from 'playwright-core';
import { Watch } from './browser';
import { Desk } from './desk';

/** Begins on the issue's own page. */
export async function carryPassport(owner: Desk, browser: Browser, title: string): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'sanfang-carried-'));
  try {
    const files = {
      passport: await taken(owner, folder, 'button', '下载凭证包'),
      policy: await taken(owner, folder, 'button', '下载公钥'),
      page: await taken(owner, folder, 'link', '离线核验页'),
    };
    const url = pathToFileURL(files.page).href;
    const watch = new Watch([url]);
    const elsewhere = await Desk.at(browser, watch, url);
    await elsewhere.page.context().setOffline(true);
    await elsewhere.page.goto(url);
    await elsewhere.page.locator('#passport').setInputFiles(files.passport);
    await elsewhere.page.locator('#trust-file').setInputFiles(files.policy);
    await elsewhere.sees('但公钥还没有与各机关核对');
    await elsewhere.page.getByLabel(/我已用电话或纸面与各机关核对/).check();
    await elsewhere.sees('未被改动，已由三方共同见证（公钥已由核验人核对）。');
    await elsewhere.page.locator('.cover', { hasText: title }).waitFor();
    await elsewhere.look('passport-carried-away');
    await elsewhere.page.context().close();
    expect(watch.take()).toEqual([]);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

async function taken({ page }: Desk, folder: string, role: 'button' | 'link', name: string): Promise<string> {
  const [file] = await Promise.all([page.waitForEvent('download'), page.getByRole(role, { name }).click()]);
  const path = join(folder, file.suggestedFilename());
  copyFileSync(await file.path(), path);
  return path;
}
