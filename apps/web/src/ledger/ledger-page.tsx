import type { LedgerPage as Answer } from '#contracts/answers';
import { paths, type LedgerQuery } from '#contracts/api';
import { useInfiniteQuery } from '@tanstack/react-query';
import { Button } from 'antd';
import { Link, useNavigate, useSearchParams } from 'react-router';
import { cappedTotal, dateTime } from '../kit/format';
import { read } from '../kit/http';
import { Page } from '../kit/page';
import { keys } from '../kit/query-keys';
import { Empty, Shown } from '../kit/states';
import { useMay } from '../session/session';
import { LedgerFilters } from './ledger-filters';
import { hasFilter, paramsOf, queryOf } from './ledger-query';
import { LedgerTable } from './ledger-table';

const pageSize = 50;

function readPage(query: LedgerQuery, cursor: string): Promise<Answer> {
  const params = paramsOf(query);
  params.set('limit', String(pageSize));
  if (cursor !== '') params.set('cursor', cursor);
  return read<Answer>(`${paths.ledger}?${params.toString()}`);
}

export function LedgerPage() {
  const [params, setParams] = useSearchParams();
  const query = queryOf(params);
  const ledger = useInfiniteQuery({
    queryKey: keys.ledger(query),
    queryFn: ({ pageParam }) => readPage(query, pageParam),
    initialPageParam: '',
    getNextPageParam: (page) => page.next,
  });
  const change = (next: LedgerQuery) => setParams(paramsOf(next));
  const first = ledger.data?.pages[0];
  return (
    <Page
      title="问题台账"
      aside={
        first !== undefined && (
          <span className="sub">
            共{cappedTotal(first.total)}条 · 数据截至 {dateTime(first.cutOff)}
          </span>
        )
      }
    >
      <LedgerFilters query={query} onChange={change} />
      <Shown reading={ledger}>
        {({ pages }) => {
          const lines = pages.flatMap((page) => page.lines);
          if (lines.length === 0) return <NothingFound query={query} onClear={() => change({})} />;
          return (
            <>
              <LedgerTable lines={lines} query={query} onChange={change} />
              {ledger.hasNextPage && (
                <Button
                  className="more"
                  loading={ledger.isFetchingNextPage}
                  onClick={() => void ledger.fetchNextPage()}
                >
                  再看{pageSize}条
                </Button>
              )}
            </>
          );
        }}
      </Shown>
    </Page>
  );
}

function NothingFound({ query, onClear }: { query: LedgerQuery; onClear: () => void }) {
  const may = useMay();
  const navigate = useNavigate();
  if (hasFilter(query)) {
    return (
      <Empty why="没有符合条件的问题。">
        <Button onClick={onClear}>清除筛选</Button>
      </Empty>
    );
  }
  if (may('feedback.read')) {
    return (
      <Empty why="本轮还没有导入反馈意见。">
        <Button type="primary" onClick={() => void navigate('/feedbacks')}>
          导入反馈意见
        </Button>
      </Empty>
    );
  }
  return (
    <Empty why="还没有登记的问题；巡视办登记后会出现在这里。">
      <Link to="/">回到总览</Link>
    </Empty>
  );
}
