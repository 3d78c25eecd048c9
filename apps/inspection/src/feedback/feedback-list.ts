// Feedbacks of this agency's console, by what was published of them; the lines under edit stay in their own record.
import type { Published } from '#kernel/envelope';
import type { View } from '#kernel/view';
import { shown } from '#joint/shown';

export type FeedbackRow = {
  readonly id: string;
  readonly roundId: string;
  readonly fileName: string;
  readonly feedbackDate: string;
  readonly registeredAt: string;
  readonly state: 'editing' | 'frozen';
  /** 0 until frozen. */
  readonly found: number;
  /** Declared number of issues; -1 when the text declares none. */
  readonly declaredIssues: number;
  /** Id of the last event that told something of it, by which its address is found. */
  readonly toldBy: string;
};

export const feedbackList: View<FeedbackRow> = {
  name: 'feedbackList',
  version: 2,
  columns: {
    id: 'text',
    roundId: 'text',
    fileName: 'text',
    feedbackDate: 'text',
    registeredAt: 'text',
    state: 'text',
    found: 'integer',
    declaredIssues: 'integer',
    toldBy: 'text',
  },
  indexes: ['(registered_at)'],
  keys(event) {
    const known = shown(event);
    switch (known?.type) {
      case 'inspection.feedback-registered.v1':
      case 'inspection.feedback-frozen.v1':
        return [known.data.feedbackId];
      default:
        return [];
    }
  },
  evolve(row, published: Published, id) {
    const event = shown(published);
    switch (event?.type) {
      case 'inspection.feedback-registered.v1': {
        const { roundId, fileName, feedbackDate, declared } = event.data;
        const issues = declared['issues'];
        const declaredIssues = typeof issues === 'number' && Number.isSafeInteger(issues) ? issues : -1;
        const registeredAt = event.at;
        const toldBy = event.id;
        return {
          id,
          roundId,
          fileName,
          feedbackDate,
          registeredAt,
          state: 'editing',
          found: 0,
          declaredIssues,
          toldBy,
        };
      }
      case 'inspection.feedback-frozen.v1':
        return row && { ...row, state: 'frozen', found: event.data.found, toldBy: event.id };
      default:
        return row;
    }
  },
};
