import type { KnownStep } from '#contracts/history';
import { dateTime } from '../kit/format';
import { agencyWords } from '../kit/labels';
import type { Comparison } from './known-facts';
import { recordId } from './lanes';

export function KnownTable({ rows, known }: { readonly rows: readonly Comparison[]; readonly known: boolean }) {
  return (
    <table className="table known-table">
      <caption className="unseen">当时、现在和变化的原因</caption>
      <thead>
        <tr>
          <th scope="col" className="fact">
            项目
          </th>
          <th scope="col" className="value">
            当时
          </th>
          <th scope="col" className="value">
            现在
          </th>
          <th scope="col">为什么变了</th>
        </tr>
      </thead>
      <tbody>
        {rows.map(({ row, then, now, because }) => (
          <tr key={row.label}>
            <th scope="row">
              {row.label} <span className="sub">{row.source}</span>
            </th>
            <td>{known ? then : '还不知道'}</td>
            <td>
              {then === now ? (
                now
              ) : (
                <b>
                  <span aria-hidden="true">≠ </span>
                  {now}
                </b>
              )}
            </td>
            <td>{then === now ? '没有变' : <Reasons because={because} />}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function Reasons({ because }: { readonly because: readonly KnownStep[] }) {
  if (because.length === 0) return <>时间过去了</>;
  return (
    <ul className="reasons">
      {because.map((step) => (
        <li key={step.id}>
          {dateTime(step.knownAt)} <RecordLink step={step} /> {step.late && '迟到'}
        </li>
      ))}
    </ul>
  );
}

/** Leads to the record in the swim lanes below. */
export function RecordLink({ step }: { readonly step: KnownStep }) {
  const { id, agency, label, index } = step;
  return (
    <a href={`#${recordId(id)}`}>
      {label}（{agencyWords[agency]}日志第{index}条）
    </a>
  );
}
