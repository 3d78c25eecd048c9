import type { Overview } from '#contracts/answers';
import type { LedgerQuery } from '#contracts/api';
import { Link } from 'react-router';
import { percent } from '../kit/format';
import { ledgerPath } from '../ledger/ledger-query';

// Completion counts closed issues alone; what is substantially done stands beside it and never inside.
type Props = { readonly overview: Overview; readonly here: LedgerQuery };

/** @param here the round looked at, which the lists behind the figures keep */
export function Completion({ overview, here }: Props) {
  const { total, closedOut, closedOutPending, substantiallyDone, open } = overview;
  const final = closedOut - closedOutPending;
  const parts = [
    { key: 'closedOut', label: '已销号', count: final, status: 'closedOut' },
    ...(closedOutPending > 0
      ? ([{ key: 'pending', label: '销号待见证', count: closedOutPending, status: 'closedOut' }] as const)
      : []),
    { key: 'substantiallyDone', label: '基本完成', count: substantiallyDone, status: 'substantiallyDone' },
    { key: 'open', label: '未完成', count: open, status: 'open' },
  ] as const;
  return (
    <section className="completion" aria-label="完成率">
      <p>
        完成率 <b className="rate">{percent(final, total)}</b> = 已销号{final} ÷ 全部{total}
        <span className="sub">
          （基本完成{substantiallyDone}
          {closedOutPending > 0 && `、销号待见证${closedOutPending}`}不计入）
        </span>
      </p>
      <div className="bar" aria-hidden="true">
        {parts.map(({ key, count }) => (
          <span key={key} className={`bar-${key}`} style={{ flexGrow: count }} />
        ))}
      </div>
      <ul className="bar-legend">
        {parts.map(({ key, label, count, status }) => (
          <li key={key}>
            <span className={`bar-sign bar-${key}`} aria-hidden="true" />
            <Link to={ledgerPath({ ...here, status })}>
              {label} {count}
            </Link>
          </li>
        ))}
      </ul>
    </section>
  );
}
