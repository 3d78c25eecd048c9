import type { TimelineEntry } from '#contracts/answers';
import { dateTime } from '../kit/format';
import { agencyWords } from '../kit/labels';

/** Newest first: time, who, what, in their own words. */
export function Timeline({ entries }: { entries: readonly TimelineEntry[] }) {
  const newestFirst = [...entries].sort((one, other) => other.at.localeCompare(one.at));
  return (
    <section className="panel" aria-labelledby="timeline-heading">
      <h2 id="timeline-heading">
        时间轴 <span className="sub">按记入时间，新的在前</span>
      </h2>
      <ol className="timeline">
        {newestFirst.map((entry) => (
          <li key={entry.id} className={`by-${entry.agency}`}>
            <div>
              <time dateTime={entry.at}>{dateTime(entry.at)}</time> <b>{entry.label}</b>
            </div>
            <div className="sub">
              {agencyWords[entry.agency]} {entry.who}
              {entry.index === undefined ? ' · 正在记入' : ` · 第${entry.index}条`}
            </div>
            {entry.words !== '' && <p className="original">{entry.words}</p>}
          </li>
        ))}
      </ol>
    </section>
  );
}
