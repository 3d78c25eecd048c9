// Figures of the overview 总览. A figure is never alone: its formula stands beside it in words, and the list behind it is
// one click away. Closed out and substantially done never mix (domain.md 4.1: 688 + 4 + 5 = 697, 98.71 %).
import type { Figure, Overview } from '#contracts/answers';
import type { LedgerQuery } from '#contracts/api';

export type UnitCounts = Overview['units'][number] & { readonly dueSoon: number; readonly waiting: number };
export type Counts = Omit<Overview, 'cutOff' | 'peers' | 'witnessing'>;

/** @param scope filters that every list behind a figure keeps, such as the round */
export function overviewOf(units: readonly UnitCounts[], scope: LedgerQuery): Counts {
  const sum = (key: Exclude<keyof UnitCounts, 'unitId' | 'unitName'>) =>
    units.reduce((total, unit) => total + unit[key], 0);
  const [total, closedOut, substantiallyDone, open] = [
    sum('total'),
    sum('closedOut'),
    sum('substantiallyDone'),
    sum('open'),
  ];
  const counted = (label: string, value: number, formula: string, list: LedgerQuery): Figure => {
    return { label, value, text: String(value), formula, list: { ...scope, ...list } };
  };
  // A closing counts once enough witnesses stand by it (trust.md 1.10); until then it is shown beside.
  const pending = sum('closedOutPending');
  const final = closedOut - pending;
  const rate = total === 0 ? 0 : Math.round((final / total) * 10_000) / 100;
  const [and, apart] = pending === 0 ? ['', ''] : [`、销号待见证${pending}`, ` + 销号待见证${pending}`];
  const figures: Figure[] = [
    {
      label: '完成率',
      value: rate,
      text: total === 0 ? '—' : `${rate.toFixed(2)}%`,
      formula: `完成率 = 已销号${final} ÷ 全部${total}（基本完成${substantiallyDone}${and}不计入）`,
      list: { ...scope, status: 'closedOut' },
    },
    counted('全部问题', total, `全部 = 已销号${final}${apart} + 基本完成${substantiallyDone} + 未完成${open}`, {}),
    {
      ...counted('已销号', final, '经有权机关核查同意、登记销号并由见证方见证齐全的问题数', { status: 'closedOut' }),
      ...(pending > 0 && { beside: `待见证 ${pending}` }),
    },
    counted('基本完成', substantiallyDone, '经核查认定基本完成、尚有后续任务的问题数', { status: 'substantiallyDone' }),
    counted('待核查', sum('waiting'), '签字齐全、已申请销号、等待核查的问题数', { status: 'closeOutRequested' }),
    counted('逾期', sum('overdue'), '期限早于今天且未销号的问题数', { light: 'red' }),
    counted('10日内到期', sum('dueSoon'), '期限在今天起10天以内且未销号的问题数', { light: 'yellow' }),
  ];
  const lines = units.map(({ dueSoon: _, waiting: __, ...unit }) => unit);
  return { total, closedOut, closedOutPending: pending, substantiallyDone, open, figures, units: lines };
}
