import { opennessOf } from './actions';

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
