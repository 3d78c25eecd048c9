import type { TimelineEntry } from '#contracts/answers';
import { dateTime } from '../kit/format';
import { agencyWords } from '../kit/labels';
import { WitnessBadge } from '../kit/witness-badge';

/** In whose log it stands: the keeper of the record, not the one who acted. */
function placeOf({ agency, index }: TimelineEntry): string {
  return index === undefined ? `正在记入${agencyWords[agency]}日志` : `${agencyWords[agency]}日志第${index}条`;
}

/** Newest first: time, who, what, in their own words. */
export function Timeline({ entries }: { entries: readonly TimelineEntry[] }) {
  // The service sends them in the order of recording; what happened in the same moment keeps that order.
  const newestFirst = [...entries].reverse();
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
              {entry.who} · {placeOf(entry)} · <WitnessBadge status={entry.witness} />
            </div>
            {entry.words !== '' && <p className="original">{entry.words}</p>}
          </li>
        ))}
      </ol>
    </section>
  );
}
