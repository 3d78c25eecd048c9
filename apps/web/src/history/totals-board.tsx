import { paths } from '#contracts/api';
import type { Totals } from '#contracts/history';
import { statusWords } from '#contracts/words.zh';
import { useQuery } from '@tanstack/react-query';
import { Button } from 'antd';
import { Link } from 'react-router';
import { DataTable, type Column } from '../kit/data-table';
import { dateTime } from '../kit/format';
import { read } from '../kit/http';
import { agencyWords } from '../kit/labels';
import { keys } from '../kit/query-keys';
import { Shown } from '../kit/states';

/** Totals by state: what this agency’s ledger shows beside what the three logs say, folded anew at every visit. */
export function TotalsBoard() {
  const totals = useQuery({
    queryKey: keys.totals,
    queryFn: () => read<Totals>(paths.totals),
    staleTime: 0,
    refetchOnWindowFocus: false,
  });
  return (
    <section aria-labelledby="totals-heading">
      <h3 id="totals-heading">
        本机关台账与三家日志{' '}
        <Button size="small" loading={totals.isFetching} onClick={() => void totals.refetch()}>
          重新核对
        </Button>
      </h3>
      <Shown reading={totals}>{(data) => <Content totals={data} />}</Shown>
    </section>
  );
}

type Line = { readonly label: string; readonly ledger: number; readonly logs: number };

const columns: readonly Column<Line>[] = [
  { key: 'state', title: '状态', width: 170, cell: ({ label }) => label },
  { key: 'ledger', title: '本机关台账', width: 120, right: true, cell: ({ ledger }) => ledger },
  { key: 'logs', title: '三家日志重算', width: 120, right: true, cell: ({ logs }) => logs },
  {
    key: 'verdict',
    title: '比较',
    cell: ({ ledger, logs }) =>
      ledger === logs ? (
        <span className="light light-green">✓ 一致</span>
      ) : (
        <span className="light light-red">▲ 差{Math.abs(ledger - logs)}</span>
      ),
  },
];

function Content({ totals: { states, sizes, at, differences, first, setAside } }: { readonly totals: Totals }) {
  const lines = states.map(({ status, ...counts }): Line => ({ label: statusWords[status], ...counts }));
  const sum = (of: 'ledger' | 'logs') => lines.reduce((total, line) => total + line[of], 0);
  const rows = [...lines, { label: '合计', ledger: sum('ledger'), logs: sum('logs') }];
  const counted = Object.values(sizes);
  return (
    <>
      {first === undefined ? (
        <p className="light light-green">✓ 逐个问题一致</p>
      ) : (
        <p role="alert" className="light light-red">
          ▲ {differences}个问题不一致，首个：
          <Link to={`/history/${first.issueId}`}>{first.number || first.issueId}</Link>的{first.field}，本机关台账为“
          {first.ledger}”，日志为“{first.logs}”{placeOf(first)}。请勿改动，并告知系统管理员。
        </p>
      )}
      <DataTable caption="本机关台账与三家日志重算的合计" columns={columns} rows={rows} rowKey={({ label }) => label} />
      <p className="sub">
        口径：把三家日志的前{counted.join('、')}条用与台账相同的算法重算，与本机关台账在同一位置比较，核对于
        {dateTime(at)}。{setAside > 0 && `其中${setAside}条本版本读不懂，两边都未计入。`}
        其他机关台账的总数由它们每日公布，见上表。
      </p>
    </>
  );
}

function placeOf({ agency, index }: NonNullable<Totals['first']>): string {
  return agency === undefined ? '' : `（最近一条记录：${agencyWords[agency]}日志第${index}条）`;
}
