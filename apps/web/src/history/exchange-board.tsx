import { paths } from '#contracts/api';
import type { ExchangedTotals, StatedTotalsLine, TotalsAnswer } from '#contracts/history';
import { useQuery } from '@tanstack/react-query';
import { Link } from 'react-router';
import { DataTable, type Column } from '../kit/data-table';
import { dateTime } from '../kit/format';
import { read } from '../kit/http';
import { agencyWords } from '../kit/labels';
import { keys } from '../kit/query-keys';
import { Shown } from '../kit/states';

/** What each agency says of its own ledger once a day, and what the others come to at the same place. */
export function ExchangeBoard() {
  const exchanged = useQuery({
    queryKey: keys.exchangedTotals,
    queryFn: () => read<ExchangedTotals>(paths.exchangedTotals),
  });
  return (
    <section aria-labelledby="exchange-heading">
      <h3 id="exchange-heading">各机关每日公布的总数</h3>
      <Shown reading={exchanged}>{(data) => <Content exchanged={data} />}</Shown>
    </section>
  );
}

const columns: readonly Column<StatedTotalsLine>[] = [
  { key: 'agency', title: '机关', width: 110, cell: ({ agency }) => agencyWords[agency] },
  { key: 'at', title: '公布于', width: 150, cell: ({ at }) => dateTime(at) },
  { key: 'open', title: '未完成', width: 80, right: true, cell: ({ states }) => openOf(states) },
  {
    key: 'substantiallyDone',
    title: '基本完成',
    width: 80,
    right: true,
    cell: ({ states }) => states['substantiallyDone'],
  },
  { key: 'closedOut', title: '已销号', width: 80, right: true, cell: ({ states }) => states['closedOut'] },
  { key: 'total', title: '合计', width: 70, right: true, cell: ({ states }) => totalOf(states) },
  {
    key: 'answers',
    title: '另两家重算',
    cell: ({ answers }) => answers.map((answer) => <Answer key={answer.by} answer={answer} />),
  },
];

function Content({ exchanged: { newest, apart, days } }: { readonly exchanged: ExchangedTotals }) {
  if (newest.length === 0) return <p className="sub">还没有机关公布过总数：有了第一个问题之后，每日公布一次。</p>;
  const earlier = apart.filter(({ id }) => newest.every((line) => line.id !== id));
  return (
    <>
      <DataTable caption="各机关公布的总数与另两家重算" columns={columns} rows={newest} rowKey={({ id }) => id} />
      {apart.length === 0 ? (
        <p className="light light-green">✓ 近{days}日公布的总数，已重算的都一致</p>
      ) : (
        <div role="alert">
          <p className="light light-red">
            ▲ 近{days}日公布的总数中{apart.length}次不一致。请勿改动，并告知系统管理员会同三方核对。
          </p>
          <ul className="light-red" hidden={earlier.length === 0}>
            {earlier.map((line) => (
              <li key={line.id}>
                ▲ {agencyWords[line.agency]}
                {line.day}公布的总数：
                {line.answers
                  .filter(({ apart: found = [] }) => found.length > 0)
                  .map((answer) => (
                    <Answer key={answer.by} answer={answer} />
                  ))}
              </li>
            ))}
          </ul>
        </div>
      )}
      <p className="sub">
        口径：公布的机关写明三家日志各到第几条；另两家存到同样的条数后，用同一算法从日志重算，逐组问题比较，结果记入各自的日志。
      </p>
    </>
  );
}

function Answer({ answer: { by, apart } }: { readonly answer: TotalsAnswer }) {
  const who = agencyWords[by];
  if (apart === undefined) return <span className="sub">{who}：待重算。</span>;
  const [first] = apart;
  if (!first) return <span className="light light-green">✓ {who}一致。</span>;
  return (
    <span className="light light-red">
      ▲ {who}不一致
      {first.issueId === undefined ? (
        '：日志中没有所涉的问题。'
      ) : (
        <>
          ，首个涉及<Link to={`/history/${first.issueId}`}>{first.number ?? first.issueId}</Link>
          {first.index !== undefined && `（日志第${first.index}条）`}。
        </>
      )}
    </span>
  );
}

/** Neither closed out nor substantially done. */
function openOf(states: StatedTotalsLine['states']): number {
  return totalOf(states) - (states['substantiallyDone'] ?? 0) - (states['closedOut'] ?? 0);
}

function totalOf(states: StatedTotalsLine['states']): number {
  return Object.values(states).reduce((sum, count) => sum + count, 0);
}
