// What `npm start` prepares on an empty data folder: a round half done, and the accounts to look at it with.
import { roles } from '#contracts/roles';
import { demonstrationFeedback } from './feedback-text';
import type { Region } from './region';
import { claim, ledger, openFeedback, rectify, requestCloseOut, settled, verify } from './scenario';
import type { Cast, Staff } from './scenario';

type Say = (line: string) => void;

/**
 * A round half done: one issue closed, one returned, one waiting for its verifier, the others claimed or new.
 * @param announced called when the accounts have been told: from then on somebody can work with what is there
 */
export async function demonstrate(region: Region, say: Say, announced: () => void): Promise<void> {
  const { name, text } = demonstrationFeedback;
  const paper = { name, bytes: new TextEncoder().encode(text) };
  const { cast } = await openFeedback(region, paper, '2026-09-01');
  // At once: whoever interrupts what follows has his accounts all the same.
  announce(cast, region, say);
  announced();
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
}

function announce(cast: Cast, region: Region, say: Say): void {
  say('示范账号（密码只显示这一次）：');
  for (const each of cast.people) {
    say(
      `  ${region.urls[each.agency]}  ${each.login}  ${each.password}  ${roles[each.role].label}${each.unitName ? ` ${each.unitName}` : ''}`,
    );
  }
}
