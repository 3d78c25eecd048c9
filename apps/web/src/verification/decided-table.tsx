import type { VerificationQueue } from '#contracts/answers';
import { Link } from 'react-router';
import { DataTable, type Column } from '../kit/data-table';
import { dateTime } from '../kit/format';
import { verdictWords } from '../kit/labels';
import { WitnessBadge } from '../kit/witness-badge';

type Decided = VerificationQueue['decided'][number];

const columns: readonly Column<Decided>[] = [
  {
    key: 'number',
    title: '编号',
    width: 108,
    cell: ({ line }) => <Link to={`/issues/${line.issueId}`}>{line.number}</Link>,
  },
  { key: 'title', title: '反馈问题', cell: ({ line }) => <div className="two-lines">{line.title}</div> },
  { key: 'unit', title: '单位', width: 160, cell: ({ line }) => line.unitName },
  {
    key: 'verdict',
    title: '核查结论',
    width: 100,
    cell: ({ verdict, line }) => (
      <>
        {verdictWords[verdict] ?? verdict} <WitnessBadge status={line.witness} />
      </>
    ),
  },
  { key: 'by', title: '核查人', width: 130, cell: ({ by }) => by },
  { key: 'at', title: '时间', width: 140, cell: ({ at }) => dateTime(at) },
];

export function DecidedTable({ decided }: { decided: readonly Decided[] }) {
  return (
    <DataTable
      caption="已核查的销号申请"
      columns={columns}
      rows={decided}
      rowKey={({ line, at }) => `${line.issueId} ${at}`}
    />
  );
}
