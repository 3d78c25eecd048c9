import { agencies, type Agency } from '#kernel/envelope';
import type { IssueHistory } from '#contracts/history';
import { dateTime } from '../kit/format';
import { agencyWords } from '../kit/labels';
import { WitnessBadge } from '../kit/witness-badge';
import type { CheckedLog } from './check';
import { laneRows, recordId, type LaneRow } from './lanes';

type Props = { readonly history: Pick<IssueHistory, 'steps' | 'agencies'>; readonly logs: readonly CheckedLog[] };

/** 事件泳道: one lane a log, in the order of recording; across them, what each had seen of the others. */
export function SwimLanes({ history, logs }: Props) {
  const rows = laneRows(history, logs);
  return (
    <section className="panel" aria-labelledby="lanes-heading">
      <h2 id="lanes-heading">
        事件泳道 <span className="sub">按记入时间，旧的在前；点为记录，箭头为记录时已见到的对方日志</span>
      </h2>
      <table className="table lanes">
        <caption className="unseen">三家日志中关于这个问题的记录</caption>
        <thead>
          <tr>
            <th scope="col" className="lane-time">
              记入时间
            </th>
            {agencies.map((agency) => (
              <th key={agency} scope="col">
                {agencyWords[agency]}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr key={row.step.id} id={recordId(row.step.id)} tabIndex={-1}>
              <th scope="row" className="lane-time">
                <time dateTime={row.step.at}>{dateTime(row.step.at)}</time>
              </th>
              {agencies.map((agency) => (
                <td key={agency} className={`lane lane-${agency}`}>
                  {agency === row.step.agency ? <Act row={row} /> : <Seen row={row} agency={agency} />}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
      <p className="sub">
        来源：各条记录签名时写入的“已见”大小（seen）和依据（cause），均由本机核验；序号从0起。没有箭头表示当时还没有见到对方的任何记录。
      </p>
    </section>
  );
}

function Act({ row: { step, cause, proven } }: { readonly row: LaneRow }) {
  return (
    <div className={`act by-${step.agency}`}>
      <div>
        <span aria-hidden="true">● </span>
        <b>{step.label}</b> <WitnessBadge status={step.witness} />
        {!proven && <span className="witness-recorded"> 尚未核验</span>}
      </div>
      <div className="sub">
        {step.who} · 第{step.index}条{step.late && ` · 迟到，本机关${dateTime(step.knownAt)}才知道`}
      </div>
      {cause && (
        <div className="sub">
          依据：{agencyWords[cause.agency]}第{cause.index}条“{cause.label}”
        </div>
      )}
    </div>
  );
}

function Seen({ row, agency }: { readonly row: LaneRow; readonly agency: Agency }) {
  const sight = row.sights[agency];
  if (sight === undefined || sight.size === 0) return null;
  const { size, last } = sight;
  return (
    <span className="sub">
      <span aria-hidden="true">⇠ </span>
      已见{size}条{last && `，至“${last.label}”`}
    </span>
  );
}
