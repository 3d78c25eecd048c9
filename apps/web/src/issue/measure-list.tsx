import type { IssuePage } from '#contracts/answers';
import type { WitnessStatus } from '#contracts/witnesses';
import { DataTable, type Column } from '../kit/data-table';
import { WitnessBadge } from '../kit/witness-badge';
import { measureWitnesses } from './records';

type Measure = IssuePage['measures'][number] & { readonly witness: WitnessStatus | undefined };

const columns: readonly Column<Measure>[] = [
  { key: 'text', title: '措施', cell: ({ text }) => <span className="original">{text}</span> },
  { key: 'lead', title: '牵头领导', width: 100, cell: ({ leadLeader }) => leadLeader },
  { key: 'department', title: '责任部门', width: 108, cell: ({ department }) => department },
  { key: 'person', title: '责任人', width: 76, cell: ({ person }) => person },
  {
    key: 'due',
    title: '时限',
    width: 100,
    cell: ({ due, witness }) => (
      <>
        {due} <WitnessBadge status={witness} />
      </>
    ),
  },
];

export function MeasureList({ issue }: { issue: IssuePage }) {
  const witnesses = measureWitnesses(issue);
  const measures = issue.measures.map((measure, n): Measure => ({ ...measure, witness: witnesses[n] }));
  return (
    <section className="panel" aria-labelledby="measures-heading">
      <h2 id="measures-heading">整改措施 {issue.measures.length}</h2>
      {issue.measures.length === 0 ? (
        <p className="sub">还没有措施。</p>
      ) : (
        <DataTable caption="整改措施" columns={columns} rows={measures} rowKey={({ measureId }) => measureId} />
      )}
    </section>
  );
}
