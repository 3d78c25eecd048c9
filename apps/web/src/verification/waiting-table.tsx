import type { VerificationLine } from '#contracts/answers';
import { DataTable, type Column } from '../kit/data-table';
import { dateTime } from '../kit/format';
import { WitnessBadge } from '../kit/witness-badge';

type Props = {
  readonly waiting: readonly VerificationLine[];
  readonly chosen: string;
  readonly onChoose: (issueId: string) => void;
};

export function WaitingTable({ waiting, chosen, onChoose }: Props) {
  const columns: readonly Column<VerificationLine>[] = [
    {
      key: 'number',
      title: '编号',
      width: 96,
      cell: ({ line }) => (
        <button
          type="button"
          className="link"
          aria-pressed={line.issueId === chosen}
          onClick={() => onChoose(line.issueId)}
        >
          {line.number}
        </button>
      ),
    },
    { key: 'title', title: '反馈问题', cell: ({ line }) => <div className="two-lines">{line.title}</div> },
    { key: 'unit', title: '单位', width: 120, cell: ({ line }) => line.unitName },
    {
      key: 'attempt',
      title: '申请',
      width: 88,
      cell: ({ attempt, line }) => (
        <>
          第{attempt}次 <WitnessBadge status={line.witness} />
        </>
      ),
    },
    { key: 'at', title: '申请时间', width: 92, cell: ({ requestedAt }) => dateTime(requestedAt) },
  ];
  return (
    <DataTable
      caption="待核查的销号申请"
      columns={columns}
      rows={waiting}
      rowKey={({ line }) => line.issueId}
      chosen={chosen}
      onChoose={({ line }) => onChoose(line.issueId)}
    />
  );
}
