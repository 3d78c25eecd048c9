import type { IssuePage } from '#contracts/answers';
import { paths } from '#contracts/api';
import type { WitnessStatus } from '#contracts/witnesses';
import { Button } from 'antd';
import { DataTable, type Column } from '../kit/data-table';
import { dateTime, fileSize, shortHash } from '../kit/format';
import { WitnessBadge } from '../kit/witness-badge';
import { witnessAt } from './records';

type Evidence = IssuePage['evidence'][number];
type Props = { readonly issue: IssuePage; readonly onWithdraw: (sha256: string) => void };

export function EvidenceList({ issue, onWithdraw }: Props) {
  const { evidence, line, actions, timeline } = issue;
  const witnessOf = ({ attachedAt }: Evidence) => witnessAt(timeline, 'inspection.evidence-attached.v1', attachedAt);
  const canWithdraw = actions.some(({ action, open }) => action === 'withdrawEvidence' && open);
  return (
    <section className="panel" aria-labelledby="evidence-heading">
      <h2 id="evidence-heading">佐证 {evidence.length}</h2>
      {evidence.length === 0 ? (
        <p className="sub">还没有佐证。</p>
      ) : (
        <DataTable
          caption="佐证"
          columns={columnsFor(line.issueId, witnessOf, canWithdraw ? onWithdraw : undefined)}
          rows={evidence}
          rowKey={({ sha256 }) => sha256}
        />
      )}
    </section>
  );
}

function columnsFor(
  issueId: string,
  witnessOf: (evidence: Evidence) => WitnessStatus | undefined,
  onWithdraw: ((sha256: string) => void) | undefined,
): readonly Column<Evidence>[] {
  const columns: Column<Evidence>[] = [
    {
      key: 'name',
      title: '文件',
      cell: (item) => (
        <>
          {item.held ? (
            <a href={paths.evidence(issueId, item.sha256)} download={item.name}>
              {item.name}
            </a>
          ) : (
            <>
              {item.name} <span className="sub">原件不在本机构</span>
            </>
          )}
          {item.explanation !== '' && <div className="sub">{item.explanation}</div>}
        </>
      ),
    },
    { key: 'dated', title: '佐证日期', width: 100, cell: ({ dated }) => dated },
    { key: 'bytes', title: '大小', width: 84, right: true, cell: ({ bytes }) => fileSize(bytes) },
    {
      key: 'attached',
      title: '上传时间',
      width: 132,
      cell: (item) => (
        <>
          {dateTime(item.attachedAt)} <WitnessBadge status={witnessOf(item)} />
        </>
      ),
    },
    {
      key: 'hash',
      title: '指纹',
      width: 84,
      cell: ({ sha256 }) => (
        <code title={sha256} aria-label={`指纹 ${sha256}`}>
          {shortHash(sha256)}
        </code>
      ),
    },
  ];
  if (onWithdraw === undefined) return columns;
  return [
    ...columns,
    {
      key: 'withdraw',
      title: '操作',
      width: 64,
      cell: ({ sha256, name }) => (
        <Button type="link" size="small" aria-label={`撤回佐证 ${name}`} onClick={() => onWithdraw(sha256)}>
          撤回
        </Button>
      ),
    },
  ];
}
