// What a receipt is fed with, and the one thing that it says to the others.
import type { Published } from '#kernel/envelope';
import type { Asked, Publishing, Reactor } from '#kernel/reactor';
import type { PublishedData, PublishedType } from '#contracts/events';
import type { Authority } from '../close-out';
import { shown } from '../shown';
import type { ReceiptCommand } from './receipt';
import { receipt } from './receipt';

type Of<Type extends PublishedType> = Published<string, PublishedData<Type>>;

export const receiptReactor: Reactor = {
  name: 'receipt',
  on: {
    'inspection.feedback-frozen.v1': (event: Of<'inspection.feedback-frozen.v1'>) => {
      const { feedbackId, roundId, found } = event.data;
      return asked(event, feedbackId, { type: 'ExpectFeedback', roundId, found });
    },
    'inspection.issue-registered.v1': (event: Of<'inspection.issue-registered.v1'>) => {
      const { feedbackId, issueId } = event.data;
      return asked(event, feedbackId, { type: 'NoteIssue', issueId });
    },
  },
};

export function receiptPublishing(authority: Authority): Publishing {
  return {
    decider: receipt.name,
    map: {
      FeedbackReceived: ({ subject, data }) => ({
        type: `${authority}.feedback-received.v1`,
        data: { feedbackId: subject, ...data },
      }),
    },
  };
}

function asked(event: Published<string, any>, id: string, command: ReceiptCommand): readonly Asked[] {
  return shown(event as Published) ? [{ decider: receipt, id, command }] : [];
}
