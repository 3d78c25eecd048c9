// `npm start [-- --empty]`: the three agencies on this machine, until Ctrl-C. On an empty data folder it prepares a
// demonstration round and accounts, whose passwords are printed once and stored nowhere.
import { existsSync, readdirSync } from 'node:fs';
import { resolve } from 'node:path';
import { agencies } from '#kernel/envelope';
import { roles } from '#contracts/roles';
import { demonstrationFeedback } from './feedback-text';
import { Region } from './region';
import { claim, ledger, openFeedback, rectify, requestCloseOut, settled, verify } from './scenario';
import type { Cast, Staff } from './scenario';

async function main(): Promise<void> {
  const data = resolve(process.env['SANFANG_DATA'] ?? '.data');
  const port = Number(process.env['SANFANG_PORT'] ?? 8801);
  const empty =
    !existsSync(data) ||
    !agencies.some((agency) => existsSync(`${data}/${agency}`) && readdirSync(`${data}/${agency}`).length > 0);
  const say = (line: string): void => void process.stdout.write(`${line}\n`);
  const region = await Region.start({
    data,
    port,
    restart: true,
    onLine: (agency, line) => process.stderr.write(`[${agency}] ${line}\n`),
  });
  let ending = false;
  const end = (): void => {
    if (ending) return;
    ending = true;
    void region.stop().then(() => process.exit(0));
  };
  process.on('SIGINT', end);
  process.on('SIGTERM', end);
  if (empty && !process.argv.includes('--empty')) await demonstrate(region, say);
  say(
    `纪委监委 ${region.urls.commission}\n组织部   ${region.urls.organization}\n巡视办   ${region.urls.inspection}（被巡视党组织也从这里登录）`,
  );
  say(JSON.stringify({ ready: true, agencies: region.urls }));
}

/** A round half done: one issue closed, one returned, one waiting for its verifier, the others claimed or new. */
async function demonstrate(region: Region, say: (line: string) => void): Promise<void> {
  const { name, text } = demonstrationFeedback;
  const paper = { name, bytes: new TextEncoder().encode(text) };
  const { cast } = await openFeedback(region, paper, '2026-09-01');
  const lines = await ledger(cast.office);
  const [closed, returned, waiting, claimed] = lines;
  await Promise.all(lines.slice(0, 6).map((line) => claim(cast.staff.get(line.unitId) as Staff, line.issueId)));
  await Promise.all(
    [closed, returned, waiting, claimed].map(async (line) => {
      if (line) await rectify(cast.staff.get(line.unitId) as Staff, line.issueId, line.due, '2026-09-20');
      if (line && line !== claimed) await requestCloseOut(cast, line);
    }),
  );
  if (closed) await verify(cast, closed, 'accept').then(() => settled(cast, closed.issueId, 'closedOut'));
  if (returned) {
    await verify(cast, returned, 'return', { reasonCode: 'noFigures', reason: '没有数据和实例支撑，请补充后再报。' });
    await settled(cast, returned.issueId, 'rectifying', 1);
  }
  announce(cast, region, say);
}

function announce(cast: Cast, region: Region, say: (line: string) => void): void {
  say('示范账号（密码只显示这一次）：');
  for (const each of cast.people) {
    say(
      `  ${region.urls[each.agency]}  ${each.login}  ${each.password}  ${roles[each.role].label}${each.unitName ? ` ${each.unitName}` : ''}`,
    );
  }
}

main().catch((error: Error) => {
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 1;
});
