import type { VerificationQueue } from '#contracts/answers';
import { useState } from 'react';
import { paths } from '#contracts/api';
import { useQuery } from '@tanstack/react-query';
import { useSearchParams } from 'react-router';
import { dateTime } from '../kit/format';
import { read } from '../kit/http';
import { Page } from '../kit/page';
import { keys } from '../kit/query-keys';
import { useRowKeys } from '../kit/row-keys';
import { Empty, Shown } from '../kit/states';
import { DecidedTable } from './decided-table';
import { VerdictPane } from './verdict-pane';
import { WaitingTable } from './waiting-table';
import './verification.css';

export function VerificationPage() {
  const queue = useQuery({
    queryKey: keys.verifications,
    queryFn: () => read<VerificationQueue>(paths.verifications),
  });
  const cutOff = queue.data?.cutOff ?? '';
  return (
    <Page title="核查" aside={cutOff !== '' && <span className="sub">数据截至 {dateTime(cutOff)}</span>}>
      <Shown reading={queue}>{(data) => <Content queue={data} />}</Shown>
    </Page>
  );
}

function Content({ queue }: { queue: VerificationQueue }) {
  const [params] = useSearchParams();
  const [wanted, setWanted] = useState(params.get('issue') ?? '');
  const chosen = queue.waiting.find(({ line }) => line.issueId === wanted) ?? queue.waiting[0];
  useRowKeys(
    queue.waiting.map(({ line }) => line.issueId),
    chosen?.line.issueId,
    setWanted,
  );
  return (
    <>
      <section aria-labelledby="waiting-heading">
        <h2 id="waiting-heading">待核查 {queue.waiting.length}</h2>
        {chosen === undefined ? (
          <Empty why="没有等待核查的销号申请；单位申请后会出现在这里。" />
        ) : (
          <div className="columns columns-even">
            <WaitingTable waiting={queue.waiting} chosen={chosen.line.issueId} onChoose={setWanted} />
            <VerdictPane key={chosen.line.issueId} verification={chosen} />
          </div>
        )}
      </section>
      <section aria-labelledby="decided-heading">
        <h2 id="decided-heading">已核查 {queue.decided.length}</h2>
        {queue.decided.length === 0 ? (
          <p className="sub">还没有核查过的申请。</p>
        ) : (
          <DecidedTable decided={queue.decided} />
        )}
      </section>
    </>
  );
}
