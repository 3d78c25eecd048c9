// Receipt 签收 of a feedback: the agency says how many of its issues it holds, once it holds them all (contexts.md F1).
import type { Decider } from '#kernel/decider';

export type ReceiptEvent =
  | { type: 'FeedbackExpected'; data: { roundId: string; found: number } }
  | { type: 'IssueNoted'; data: { issueId: string } }
  | { type: 'FeedbackReceived'; data: { roundId: string; held: number } };

export type ReceiptCommand =
  { type: 'ExpectFeedback'; roundId: string; found: number } | { type: 'NoteIssue'; issueId: string };

export type ReceiptState = {
  readonly expected?: { readonly roundId: string; readonly found: number };
  readonly count: number;
  readonly held?: Held;
};

/** Issues held, newest first. A list, not a set: a feedback has hundreds, and adding one must not copy the others. */
type Held = { readonly issueId: string; readonly before: Held | undefined };

export type Receipt = Decider<ReceiptState, ReceiptCommand, ReceiptEvent>;

/** Aggregate id = the feedback's id. Each event may arrive again: what is known already changes nothing. */
export const receipt: Receipt = {
  name: 'receipt',
  initial: { count: 0 },
  decide(command, { expected, count, held }) {
    if (command.type === 'ExpectFeedback') {
      if (expected) return [];
      const { roundId, found } = command;
      const events: ReceiptEvent[] = [{ type: 'FeedbackExpected', data: { roundId, found } }];
      return count === found ? [...events, received(roundId, found)] : events;
    }
    const { issueId } = command;
    if (holds(held, issueId)) return [];
    const noted: ReceiptEvent = { type: 'IssueNoted', data: { issueId } };
    return expected?.found === count + 1 ? [noted, received(expected.roundId, count + 1)] : [noted];
  },
  evolve(receipt, event) {
    switch (event.type) {
      case 'FeedbackExpected':
        return { ...receipt, expected: event.data };
      case 'IssueNoted':
        return { ...receipt, count: receipt.count + 1, held: { issueId: event.data.issueId, before: receipt.held } };
      case 'FeedbackReceived':
        return receipt;
    }
  },
};

function received(roundId: string, held: number): ReceiptEvent {
  return { type: 'FeedbackReceived', data: { roundId, held } };
}

function holds(held: Held | undefined, issueId: string): boolean {
  for (let each = held; each; each = each.before) if (each.issueId === issueId) return true;
  return false;
}
