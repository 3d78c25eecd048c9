import { paths } from '#contracts/api';
import type { ClueListLine, ClueLists } from '#contracts/clues';
import { useQuery } from '@tanstack/react-query';
import { Link } from 'react-router';
import { DataTable, type Column } from '../kit/data-table';
import { dateTime } from '../kit/format';
import { read } from '../kit/http';
import { Page } from '../kit/page';
import { keys } from '../kit/query-keys';
import { Empty, Shown } from '../kit/states';
import { BodyBadge } from './body-badge';
import { kindWords, stateOf } from './clue-words';
import './clue.css';

const columns: readonly Column<ClueListLine>[] = [
  {
    key: 'at',
    title: '移交时间',
    width: 150,
    cell: ({ handOverId, handedOverAt }) => <Link to={`/clues/${handOverId}`}>{dateTime(handedOverAt)}</Link>,
  },
  { key: 'by', title: '移交人', cell: ({ handedOverBy }) => `巡视办 ${handedOverBy.name}` },
  { key: 'kind', title: '方式', width: 90, cell: ({ kind }) => kindWords[kind] },
  { key: 'count', title: '件数', width: 70, right: true, cell: ({ count }) => count },
  { key: 'state', title: '状态', width: 100, cell: (line) => stateOf(line) },
  { key: 'body', title: '内容', width: 90, cell: ({ body }) => <BodyBadge body={body} /> },
];

export function ClueListPage() {
  const lists = useQuery({ queryKey: keys.clues, queryFn: () => read<ClueLists>(paths.clueLists) });
  const cutOff = lists.data?.cutOff ?? '';
  return (
    <Page title="线索" aside={cutOff !== '' && <span className="sub">数据截至 {dateTime(cutOff)}</span>}>
      <Shown reading={lists}>
        {({ lists: lines }) =>
          lines.length === 0 ? (
            <Empty why="还没有移交的线索清单；巡视办移交后会出现在这里。" />
          ) : (
            <DataTable caption="线索清单" columns={columns} rows={lines} rowKey={({ handOverId }) => handOverId} />
          )
        }
      </Shown>
    </Page>
  );
}
