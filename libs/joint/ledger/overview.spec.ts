import { overviewOf } from './overview';

const unit = (unitId: string, counts: object) => ({
  ...{ unitId, unitName: unitId, total: 0, closedOut: 0, closedOutPending: 0, substantiallyDone: 0, open: 0 },
  ...{ overdue: 0, dueSoon: 0, waiting: 0, ...counts },
});
const counted = overviewOf(
  [
    unit('u1', { total: 20, closedOut: 15, substantiallyDone: 2, open: 3, overdue: 1 }),
    unit('u2', { total: 5, closedOut: 4, substantiallyDone: 1, waiting: 0, dueSoon: 1 }),
  ],
  { round: 'r1' },
);

describe('总览', () => {
  it('closed out + substantially done + open = all', () => {
    const { total, closedOut, substantiallyDone, open } = counted;
    expect({ total, closedOut, substantiallyDone, open }).toEqual({
      total: 25,
      closedOut: 19,
      substantiallyDone: 3,
      open: 3,
    });
  });
  it('completion counts what is closed out, not what is substantially done, and says so', () =>
    expect(counted.figures[0]).toEqual({
      label: '完成率',
      value: 76,
      text: '76.00%',
      formula: '完成率 = 已销号19 ÷ 全部25（基本完成3不计入）',
      list: { round: 'r1', status: 'closedOut' },
    }));
  it('counts a closing only once witnesses stand by it, and shows those that wait beside', () => {
    const waiting = overviewOf([unit('u1', { total: 4, closedOut: 3, closedOutPending: 2, open: 1 })], {});
    expect(waiting).toMatchObject({ total: 4, closedOut: 3, closedOutPending: 2, open: 1 });
    const [rate, all, closed] = waiting.figures;
    expect(rate).toMatchObject({ text: '25.00%', formula: '完成率 = 已销号1 ÷ 全部4（基本完成0、销号待见证2不计入）' });
    expect(all?.formula).toBe('全部 = 已销号1 + 销号待见证2 + 基本完成0 + 未完成1');
    expect(closed).toMatchObject({ value: 1, text: '1', beside: '待见证 2' });
  });
  it('reckons 688 of 697 as 98.71 %', () =>
    expect(overviewOf([unit('u1', { total: 697, closedOut: 688 })], {}).figures[0]?.text).toBe('98.71%'));
  it('has no rate when there is nothing to count', () =>
    expect(overviewOf([], {}).figures[0]).toMatchObject({ value: 0, text: '—' }));
  it('gives every figure its formula and the list behind it, within the round', () => {
    for (const figure of counted.figures) {
      expect(figure.formula).not.toBe('');
      expect(figure.list.round).toBe('r1');
    }
  });
  it('shows units without the columns that only figures need', () =>
    expect(Object.keys(counted.units[0] ?? {}).sort()).toEqual(
      ['closedOut', 'closedOutPending', 'open', 'overdue', 'substantiallyDone', 'total', 'unitId', 'unitName'].sort(),
    ));
});
