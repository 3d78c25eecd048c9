import fc from 'fast-check';
import type { Given } from '#kernel/decider';
import { fold } from '#kernel/decider';
import type { Published } from '#kernel/envelope';
import { history } from '#testing/given';
import type { ReceiptCommand, ReceiptEvent } from './receipt';
import { receipt } from './receipt';
import { receiptPublishing, receiptReactor } from './receipt.views';

const system: Given = {
  by: { agency: 'commission', id: 'system-receipt', name: '系统', role: 'system' },
  at: '2025-03-04T01:00:00.000Z',
  today: '2025-03-04',
};
const expecting: ReceiptCommand = { type: 'ExpectFeedback', roundId: 'r1', found: 2 };
const expected: ReceiptEvent = { type: 'FeedbackExpected', data: { roundId: 'r1', found: 2 } };
const note = (issueId: string): ReceiptCommand => ({ type: 'NoteIssue', issueId });
const noted = (issueId: string): ReceiptEvent => ({ type: 'IssueNoted', data: { issueId } });
const received: ReceiptEvent = { type: 'FeedbackReceived', data: { roundId: 'r1', held: 2 } };

describe('签收', () => {
  it('expects as many issues as the frozen feedback says', () =>
    history(receipt).when(expecting, system).then(expected));
  it('is given with the last issue', () =>
    history(receipt, expected, noted('a')).when(note('b'), system).then(noted('b'), received));
  it('is not given before', () => history(receipt, expected).when(note('a'), system).then(noted('a')));
  it('counts an issue once', () => history(receipt, expected, noted('a')).when(note('a'), system).then());
  it('is given when the announcement comes last', () =>
    history(receipt, noted('a'), noted('b')).when(expecting, system).then(expected, received));
  it('is not given twice', () => {
    history(receipt, expected, noted('a'), noted('b'), received).when(expecting, system).then();
    history(receipt, expected, noted('a'), noted('b'), received).when(note('b'), system).then();
  });

  it('is given exactly once, in whatever order and however often things arrive', () => {
    const commands = fc.integer({ min: 1, max: 8 }).chain((found) => {
      const all = [{ ...expecting, found }, ...Array.from({ length: found }, (_, n) => note(`i${n}`))];
      return fc
        .tuple(fc.shuffledSubarray(all, { minLength: all.length }), fc.array(fc.constantFrom(...all)))
        .map(([once, again]) => ({ found, commands: [...once, ...again] }));
    });
    fc.assert(
      fc.property(commands, ({ found, commands: asked }) => {
        const events: ReceiptEvent[] = [];
        for (const command of asked) events.push(...receipt.decide(command, fold(receipt, events), system));
        const receipts = events.filter(({ type }) => type === 'FeedbackReceived');
        expect(receipts).toEqual([{ type: 'FeedbackReceived', data: { roundId: 'r1', held: found } }]);
      }),
    );
  });
});

describe('between the agencies', () => {
  const event = (type: string, data: object, agency = 'inspection') => ({ agency, type, data }) as unknown as Published;
  it('a frozen feedback is expected and its issues are noted under its id', () => {
    const frozen = event('inspection.feedback-frozen.v1', { feedbackId: 'f1', roundId: 'r1', found: 2 });
    expect(receiptReactor.on?.[frozen.type]?.(frozen)).toEqual([{ decider: receipt, id: 'f1', command: expecting }]);
    const issue = event('inspection.issue-registered.v1', { feedbackId: 'f1', issueId: 'f1-0001' });
    expect(receiptReactor.on?.[issue.type]?.(issue)).toEqual([
      { decider: receipt, id: 'f1', command: note('f1-0001') },
    ]);
  });
  it('nothing is noted from a log that does not speak for the inspection office', () => {
    const forged = event('inspection.issue-registered.v1', { feedbackId: 'f1', issueId: 'x' }, 'organization');
    expect(receiptReactor.on?.[forged.type]?.(forged)).toEqual([]);
  });
  it('the receipt alone is published, under the name of the agency', () => {
    const { map } = receiptPublishing('commission');
    expect(Object.keys(map)).toEqual(['FeedbackReceived']);
    const within = { id: '', subject: 'f1', type: received.type, at: '', actor: system.by, data: received.data };
    expect(map['FeedbackReceived']?.(within)).toEqual({
      type: 'commission.feedback-received.v1',
      data: { feedbackId: 'f1', roundId: 'r1', held: 2 },
    });
  });
});
