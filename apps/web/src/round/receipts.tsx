import type { RoundLine } from '#contracts/answers';
import { DataTable, type Column } from '../kit/data-table';
import { dateTime } from '../kit/format';
import { agencyWords } from '../kit/labels';
import { WitnessBadge } from '../kit/witness-badge';

type Receipt = RoundLine['receipts'][number];

const columns: readonly Column<Receipt>[] = [
  { key: 'agency', title: '机构', width: 140, cell: ({ agency }) => agencyWords[agency] },
  { key: 'held', title: '收到问题数', width: 120, right: true, cell: ({ held }) => held },
  { key: 'at', title: '签收时间', width: 160, cell: ({ at }) => dateTime(at) },
  { key: 'witness', title: '见证', width: 110, cell: ({ witness }) => <WitnessBadge status={witness} /> },
  { key: 'feedback', title: '反馈编号', cell: ({ feedbackId }) => <code>{feedbackId}</code> },
];

export function Receipts({ receipts }: { receipts: readonly Receipt[] }) {
  if (receipts.length === 0) return <p className="sub">还没有签收；反馈意见冻结后，其他机构会自动签收。</p>;
  return (
    <DataTable
      caption="其他机构的签收"
      columns={columns}
      rows={receipts}
      rowKey={({ agency, feedbackId }) => `${agency} ${feedbackId}`}
    />
  );
}
