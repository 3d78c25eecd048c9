import { groupedByReason, opennessOf } from './actions';

describe('whether an action is open', () => {
  it('is told by the service, with its reason', () => {
    const told = [{ action: 'prepareCloseOut', open: false, why: '还没有佐证，不能申请销号。' }];
    expect(opennessOf(told, ['prepareCloseOut'], true)).toEqual({ open: false, why: '还没有佐证，不能申请销号。' });
  });
  it('always has a reason when closed', () => {
    expect(opennessOf([{ action: 'accept', open: false }], ['accept'], true).why).not.toBe('');
  });
  it('falls back on the given answer when the service did not mention it', () => {
    expect(opennessOf([], ['openRound'], true)).toEqual({ open: true, why: '' });
    expect(opennessOf([], ['accept'], false).open).toBe(false);
  });
});

describe('actions that are closed for the same reason', () => {
  const action = (name: string, why: string) => ({ name, openness: { open: why === '', why } });
  const names = (actions: ReturnType<typeof action>[]) =>
    groupedByReason(actions).map((group) => group.map(({ name }) => name));

  it('share one sentence when they stand together', () =>
    expect(names([action('a', ''), action('b', ''), action('c', '已销号'), action('d', '已销号')])).toEqual([
      ['a', 'b'],
      ['c', 'd'],
    ]));
  it('keep their order and their own sentence otherwise', () =>
    expect(names([action('a', '甲'), action('b', '乙'), action('c', '甲')])).toEqual([['a'], ['b'], ['c']]));
});
