import type { IssueHistory, KnownStep } from '#contracts/history';
import { useId, useState } from 'react';
import { dateTime } from '../kit/format';
import { agencyWords } from '../kit/labels';
import { compared, type Comparison } from './known-facts';

type Props = { readonly history: Pick<IssueHistory, 'steps' | 'now'> };

/** 当时已知: the slider moves over the moments at which this agency came to know something. */
export function KnownThen({ history: { steps, now } }: Props) {
  const last = steps.length - 1;
  const [wanted, setWanted] = useState<number | undefined>();
  const chosen = Math.min(wanted ?? last, last);
  const id = useId();
  const step = steps[chosen];
  if (step === undefined) return null;
  const said = `${dateTime(step.knownAt)} ${step.label}之后（第${chosen + 1}条，共${steps.length}条）`;
  const rows = compared(steps, chosen, now);
  const differences = rows.filter((row) => row.then !== row.now).length;
  return (
    <section className="panel" aria-labelledby="known-heading">
      <h2 id="known-heading">
        当时已知 <span className="sub">按本机关知道的时间，不按写明的日期</span>
      </h2>
      <div className="known-slider">
        <label htmlFor={id}>记入时间</label>
        <input
          id={id}
          type="range"
          min={0}
          max={last}
          step={1}
          value={chosen}
          aria-valuetext={said}
          onChange={(event) => setWanted(Number(event.target.value))}
        />
      </div>
      <p aria-live="polite" className="known-moment">
        <b>{said}</b> 与现在差异{differences}项
      </p>
      <KnownTable rows={rows} known={step.facts !== undefined} />
      <p className="sub">
        口径：把本机关到那一刻为止已知的记录，用与台账相同的算法重算一遍；其他机关的记录以核验收存的时间为准。
      </p>
    </section>
  );
}

function KnownTable({ rows, known }: { readonly rows: readonly Comparison[]; readonly known: boolean }) {
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
      {because.map(({ id, knownAt, agency, label, index, late }) => (
        <li key={id}>
          {dateTime(knownAt)} {label}（{agencyWords[agency]}日志第{index}条）{late && '迟到'}
        </li>
      ))}
    </ul>
  );
}
