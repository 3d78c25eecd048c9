import type { Overview } from '#contracts/answers';
import type { LedgerQuery } from '#contracts/api';
import { Link } from 'react-router';
import { percent } from '../kit/format';
import { ledgerPath } from '../ledger/ledger-query';

// Completion counts closed issues alone; what is substantially done stands beside it and never inside.
type Props = { readonly overview: Overview; readonly here: LedgerQuery };

/** @param here the round looked at, which the lists behind the figures keep */
export function Completion({ overview, here }: Props) {
  const { total, closedOut, substantiallyDone, open } = overview;
  const parts = [
    { key: 'closedOut', label: '已销号', count: closedOut },
    { key: 'substantiallyDone', label: '基本完成', count: substantiallyDone },
    { key: 'open', label: '未完成', count: open },
  ] as const;
  return (
    <section className="completion" aria-label="完成率">
      <p>
        完成率 <b className="rate">{percent(closedOut, total)}</b> = 已销号{closedOut} ÷ 全部{total}
        <span className="sub">（基本完成{substantiallyDone}不计入）</span>
      </p>
      <div className="bar" aria-hidden="true">
        {parts.map(({ key, count }) => (
          <span key={key} className={`bar-${key}`} style={{ flexGrow: count }} />
        ))}
      </div>
      <ul className="bar-legend">
        {parts.map(({ key, label, count }) => (
          <li key={key}>
            <span className={`bar-sign bar-${key}`} aria-hidden="true" />
            <Link to={ledgerPath({ ...here, status: key })}>
              {label} {count}
            </Link>
          </li>
        ))}
      </ul>
    </section>
  );
}
