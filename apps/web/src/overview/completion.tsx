import type { Overview } from '#contracts/answers';
import { percent } from '../kit/format';

/** Completion counts closed issues alone; what is substantially done stands beside it and never inside. */
export function Completion({ overview }: { overview: Overview }) {
  const { total, closedOut, substantiallyDone, open } = overview;
  const parts = [
    { key: 'closedOut', label: '已销号', count: closedOut },
    { key: 'substantiallyDone', label: '基本完成', count: substantiallyDone },
    { key: 'open', label: '未完成', count: open },
  ];
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
            {label} {count}
          </li>
        ))}
      </ul>
    </section>
  );
}
