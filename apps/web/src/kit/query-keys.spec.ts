import { keys, touchedBy } from './query-keys';

describe('what a changed view touches', () => {
  it('reads the issue page, the tasks and the queue again when the ledger has changed', () => {
    expect(touchedBy('ledger')).toEqual(
      expect.arrayContaining(['ledger', 'issues', 'tasks', 'verifications', 'overview']),
    );
  });
  it('reads everything again for a view this page does not know', () => {
    expect(touchedBy('somethingNew')).toEqual(
      expect.arrayContaining(['overview', 'rounds', 'feedbacks', 'ledger', 'issues', 'tasks', 'verifications']),
    );
  });
  it('never touches who is signed in', () => expect(touchedBy('')).not.toContain('session'));
  it('reads the lists of clues again, and nothing else, when one of them has changed', () => {
    expect(touchedBy('clueLists')).toEqual([keys.clues[0]]);
    expect(keys.clue('h')[0]).toBe(keys.clues[0]);
  });
  it('names a feedback below the list of feedbacks, so that both are read again together', () => {
    expect(keys.feedback('f')[0]).toBe(keys.feedbacks[0]);
  });
});
