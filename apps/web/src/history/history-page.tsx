import type { LedgerPage } from '#contracts/answers';
import { paths } from '#contracts/api';
import { useQuery } from '@tanstack/react-query';
import { Link } from 'react-router';
import { StatusChip } from '../kit/chips';
import { DataTable, type Column } from '../kit/data-table';
import { read } from '../kit/http';
import { Page } from '../kit/page';
import { keys } from '../kit/query-keys';
import { Empty, Shown } from '../kit/states';
import { WitnessBadge } from '../kit/witness-badge';
import { useMay } from '../session/session';
import { Board } from './board';
import { useLogHistory } from './use-history';
import { VerdictNote } from './verdict-note';
import './history.css';

const listed = { limit: 20 } as const;
type Line = LedgerPage['lines'][number];

/** 历史核验: the logs by themselves, the way to an issue's history, and for officers what each agency holds. */
export function HistoryPage() {
  const may = useMay();
  const logs = useLogHistory();
  return (
    <Page title="历史核验">
      <VerdictNote reading={logs} />
      <Issues />
      {may('reconciliation.read') && <Board />}
    </Page>
  );
}

function Issues() {
  const lines = useQuery({
    queryKey: keys.ledger(listed),
    queryFn: () => read<LedgerPage>(`${paths.ledger}?limit=${listed.limit}`),
  });
  return (
    <section aria-labelledby="issues-heading">
      <h2 id="issues-heading">
        按问题核验 <span className="sub">先到期的{listed.limit}个；其他问题请从问题台账打开后点“历史核验”</span>
      </h2>
      <Shown reading={lines}>
        {({ lines: found }) =>
          found.length === 0 ? (
            <Empty why="还没有登记的问题；登记后可以在这里核验。">
              <Link to="/">回到总览</Link>
            </Empty>
          ) : (
            <DataTable caption="可核验的问题" columns={columns} rows={found} rowKey={({ issueId }) => issueId} />
          )
        }
      </Shown>
    </section>
  );
}

const columns: readonly Column<Line>[] = [
  { key: 'number', title: '编号', width: 120, cell: ({ number }) => number },
  {
    key: 'title',
    title: '问题',
    cell: ({ issueId, title }) => <Link to={`/history/${issueId}`}>{title}</Link>,
  },
  { key: 'unit', title: '单位', width: 200, cell: ({ unitName }) => unitName },
  { key: 'status', title: '状态', width: 110, cell: ({ status }) => <StatusChip status={status} /> },
  {
    key: 'witness',
    title: '见证',
    width: 100,
    cell: ({ witness }) => <WitnessBadge status={witness} />,
  },
];
