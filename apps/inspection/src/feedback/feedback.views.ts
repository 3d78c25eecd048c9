// What the other agencies learn of a feedback. The lines under edit are nobody's business but the clerk's; once frozen,
// each line becomes an issue and is published as such.
import type { AnyDecider } from '#kernel/decider';
import type { Publishing } from '#kernel/reactor';
import type { Slice } from '#chassis/slice';
import { feedback } from './feedback';
import { feedbackApi } from './feedback.api';
import { feedbackList } from './feedback-list';

export const feedbackPublishing: Publishing = {
  decider: feedback.name,
  map: {
    FeedbackRegistered: ({ subject, data }) => {
      const { roundId, fileName, fileSha256, feedbackDate, declared } = data;
      return {
        type: 'inspection.feedback-registered.v1',
        data: { feedbackId: subject, roundId, fileName, fileSha256, feedbackDate, declared },
      };
    },
    FeedbackFrozen: ({ subject, data }) => {
      const { roundId, found, declared, difference } = data;
      return {
        type: 'inspection.feedback-frozen.v1',
        data: { feedbackId: subject, roundId, found, declared, difference },
      };
    },
  },
};

/** @param round rule book of the rounds: registering and freezing fold the round's own events for its facts */
export function feedbackSlice(round: AnyDecider): Slice {
  return {
    name: 'feedback',
    api: [feedbackApi(round)],
    publishing: [feedbackPublishing],
    views: [feedbackList],
  };
}
