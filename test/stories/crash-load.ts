// The load of the crash story: people who report progress, and issues that go round the closed loop again and again:
// requested, sent back by the competent agency, requested anew. Every command is repeated with its id until it is known
// to have happened, as a console does.
import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { paths } from '#contracts/api';
import type { IssueAction } from '#contracts/api';
import type { Done, IssuePage, LedgerLine, VerificationQueue } from '#contracts/answers';
import { Answered } from '../../apps/region/src/client';
import type { Client } from '../../apps/region/src/client';

/** Commands of one kind: all that were ever sent, and those of which the sender knows that they happened. */
export type Sent = { readonly all: Set<string>; readonly acknowledged: Set<string> };
export const nothingSent = (): Sent => ({ all: new Set(), acknowledged: new Set() });

export type Loads = {
  readonly as: (login: string) => Client;
  readonly reported: { readonly lines: readonly LedgerLine[]; readonly sent: Sent };
  readonly returned: readonly { readonly line: LedgerLine; readonly verifier: string; readonly sent: Sent }[];
};

const words = { result: '问题已整改。', causeRemoved: '责任已落实到人。', generalisation: '已自查。' };
const steps: readonly (readonly [login: string, action: IssueAction, body: object])[] = [
  ['task-owner', 'prepareCloseOut', words],
  ['leader', 'signCloseOut', {}],
  ['secretary', 'signCloseOut', {}],
  ['competent-department', 'signCloseOut', {}],
];

/** Text of our own that ends with the command it came by. */
export const textOf = (commandId: string): string => `按要求补充材料 ${commandId}`;
export const commandIn = (text: string): string => /按要求补充材料 ([0-9a-f-]{36})/.exec(text)?.[1] ?? '';

export function load(loads: Loads): { stop(): Promise<void> } {
  let going = true;
  const isGoing = (): boolean => going;
  const all = Promise.all([
    ...[0, 1, 2].map((n) => reports(loads, n, isGoing)),
    ...loads.returned.map((loop) => returns(loads, loop, isGoing)),
  ]);
  // A fault is thrown where the load is stopped; until then it must not count as unhandled.
  all.catch(() => undefined);
  return {
    async stop() {
      going = false;
      await all;
    },
  };
}

async function reports({ as, reported }: Loads, n: number, going: () => boolean): Promise<void> {
  const { lines, sent } = reported;
  for (let count = n; going(); count++) {
    const { issueId } = lines[count % lines.length] as LedgerLine;
    const sender = as(n % 2 === 0 ? 'task-owner' : 'liaison');
    await certain(sent, going, (commandId) =>
      sender.send(paths.issueAction(issueId, 'reportProgress'), { text: textOf(commandId) }, { commandId }),
    );
    await pause(150);
  }
}

/** Looks who may do the next step of the loop, and lets them do it. */
async function returns({ as }: Loads, loop: Loads['returned'][number], going: () => boolean): Promise<void> {
  const { issueId } = loop.line;
  const verifier = as(loop.verifier);
  while (going()) {
    const queue = await verifier.get<VerificationQueue>(paths.verifications).catch(unknown);
    const waiting = queue?.waiting.find((each) => each.line.issueId === issueId);
    if (waiting?.actions.some(({ action, open }) => action === 'return' && open)) {
      await certain(loop.sent, going, (commandId) => {
        const body = { method: 'document', note: '', reasonCode: 'noFigures', reason: textOf(commandId) };
        return verifier.send(paths.verificationAction(issueId, 'return'), body, { commandId }).catch(refused);
      });
    }
    for (const [login, action, body] of steps) {
      if (!going()) return;
      const page = await as(login).get<IssuePage>(paths.issue(issueId)).catch(unknown);
      if (!page?.actions.some((each) => each.action === action && each.open)) continue;
      const send = (commandId: string) => as(login).send(paths.issueAction(issueId, action), body, { commandId });
      await certain(nothingSent(), going, (commandId) => send(commandId).catch(refused));
    }
    await pause(100);
  }
}

/** Sends one command until it is answered. @throws Answered for a "no" where it must be allowed */
async function certain(sent: Sent, going: () => boolean, send: (commandId: string) => Promise<Done | 'no'>) {
  const commandId = randomUUID();
  sent.all.add(commandId);
  while (going()) {
    const done = await send(commandId).catch(unknown);
    if (done && done !== 'no') sent.acknowledged.add(commandId);
    if (done) return;
    await pause(50);
  }
}

/** Down, busy or restarting: whether it happened is unknown, so it is asked again. */
function unknown(error: unknown): undefined {
  if (error instanceof Answered && error.status < 500) throw error;
}

/** What a page showed may be history already: then the rules say no, and the next look knows better. */
function refused(error: unknown): 'no' {
  if (error instanceof Answered && error.status < 500) return 'no';
  throw error;
}
