import type { LedgerLine } from '#contracts/answers';
import type { LedgerQuery } from '#contracts/api';
import { classWords, specialWords } from '#contracts/words.zh';
import { useState } from 'react';
import { Link, useNavigate } from 'react-router';
import { LightMark, StatusChip } from '../kit/chips';
import { DataTable, type Column, type Sorting } from '../kit/data-table';
import { useRowKeys } from '../kit/row-keys';
import { WitnessBadge } from '../kit/witness-badge';
import { directionOf, toggled } from './ledger-query';

type Props = {
  readonly lines: readonly LedgerLine[];
  readonly query: LedgerQuery;
  readonly onChange: (query: LedgerQuery) => void;
};

export function LedgerTable({ lines, query, onChange }: Props) {
  const navigate = useNavigate();
  const [chosen, setChosen] = useState<string | undefined>();
  useRowKeys(
    lines.map(({ issueId }) => issueId),
    chosen,
    setChosen,
  );
  const sorting = (sort: 'due' | 'number' | 'unit'): Sorting => ({
    direction: directionOf(query, sort),
    onToggle: () => onChange(toggled(query, sort)),
  });
  return (
    <DataTable
      caption="问题台账"
      columns={columnsWith(sorting)}
      rows={lines}
      rowKey={({ issueId }) => issueId}
      chosen={chosen}
      onChoose={({ issueId }) => void navigate(`/issues/${issueId}`)}
    />
  );
}

function columnsWith(sorting: (sort: 'due' | 'number' | 'unit') => Sorting): readonly Column<LedgerLine>[] {
  return [
    {
      key: 'number',
      title: '编号',
      width: 108,
      sorting: sorting('number'),
      cell: (line) => <Link to={`/issues/${line.issueId}`}>{line.number}</Link>,
    },
    {
      key: 'title',
      title: '反馈问题',
      cell: (line) => (
        <div className="two-lines" title={line.group}>
          {line.special !== 'none' && <span className="special">{specialWords[line.special]}</span>}
          {line.title}
        </div>
      ),
    },
    { key: 'unit', title: '单位', width: 132, sorting: sorting('unit'), cell: (line) => line.unitName },
    { key: 'class', title: '类型', width: 78, cell: (line) => classWords[line.class] },
    {
      key: 'work',
      title: '措施/佐证',
      width: 82,
      cell: (line) => `${line.measures}/${line.evidence}`,
    },
    {
      key: 'people',
      title: '牵头领导/责任人',
      width: 124,
      cell: (line) =>
        line.leadLeader === '' ? <span className="sub">未认领</span> : `${line.leadLeader}/${line.person}`,
    },
    {
      key: 'due',
      title: '时限',
      width: 158,
      sorting: sorting('due'),
      cell: (line) => (
        <>
          {line.due} <LightMark light={line.light} daysLeft={line.daysLeft} />
        </>
      ),
    },
    {
      key: 'status',
      title: '状态',
      width: 98,
      cell: (line) => (
        <>
          <StatusChip status={line.status} />
          {line.returns > 0 && <div className="sub">退回{line.returns}次</div>}
          <div>
            <WitnessBadge status={line.witness} />
          </div>
        </>
      ),
    },
  ];
}
