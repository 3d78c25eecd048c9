// Work of people over HTTP, as a benchmark needs it: a round with issues, writers who may report on them, and reports that
// leave when they are due, whatever became of the one before.
import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { paths } from '#contracts/api';
import { eventIdOf } from '#chassis/ids';
import { Client } from '../apps/region/src/client';
import { demonstrationFeedback } from '../apps/region/src/feedback-text';
import { admit, staffOf } from '../apps/region/src/people';
import type { Region } from '../apps/region/src/region';
import { claim, ledger, openFeedback } from '../apps/region/src/scenario';
import type { Staff } from '../apps/region/src/scenario';

/** An account may ask ten times a second, so the load is spread over as many people as it needs. */
const authors = 30;

export type Desk = { readonly issues: readonly string[]; readonly writers: readonly Client[] };
export type Load = { readonly rate: number; readonly seconds: number };

export async function openDesk(region: Region): Promise<Desk> {
  const { name, text } = demonstrationFeedback;
  const { cast } = await openFeedback(region, { name, bytes: new TextEncoder().encode(text) }, '2026-09-01');
  const lines = await ledger(cast.office);
  for (const line of lines) await claim(cast.staff.get(line.unitId) as Staff, line.issueId);
  const [first] = lines;
  if (!first) throw new Error('the demonstration text yields no issue');
  const people = Array.from({ length: authors }, (_, n) => staffOf(first, n + 1)[1]).filter(
    (each) => each !== undefined,
  );
  await admit(region, people);
  const signIns = people.map((each) => () => Client.signedIn(region.urls.inspection, each.login, each.password));
  const writers: Client[] = [];
  for (const signIn of signIns) writers.push(await signIn());
  return { issues: lines.map((line) => line.issueId), writers };
}

/**
 * @param sent filled with the id of each event and when its request left
 * @returns how long each answer took, in milliseconds
 */
export async function report({ issues, writers }: Desk, load: Load, sent: Map<string, number>): Promise<number[]> {
  const acknowledged: number[] = [];
  const started = performance.now();
  const requests: Promise<unknown>[] = [];
  for (let n = 0; n < load.rate * load.seconds; n++) {
    await pause(Math.max(0, started + (n * 1000) / load.rate - performance.now()));
    const commandId = randomUUID();
    const issueId = issues[n % issues.length] as string;
    const path = paths.issueAction(issueId, 'reportProgress');
    const from = performance.now();
    sent.set(eventIdOf(`issue-${issueId}`, commandId, 0), from);
    const writer = writers[n % writers.length] as Client;
    requests.push(
      writer.send(path, { text: `本周推进情况第${n}次报告：已补齐记录${n}份。` }, { commandId }).then(() => {
        acknowledged.push(performance.now() - from);
      }),
    );
  }
  await Promise.all(requests);
  return acknowledged;
}
