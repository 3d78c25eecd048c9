import type { Overview } from '#contracts/answers';
import { paths, type LedgerQuery } from '#contracts/api';
import { useQuery } from '@tanstack/react-query';
import { Link, useSearchParams } from 'react-router';
import { dateTime } from '../kit/format';
import { read } from '../kit/http';
import { Page } from '../kit/page';
import { keys } from '../kit/query-keys';
import { Empty, Shown } from '../kit/states';
import { paramsOf, queryOf } from '../ledger/ledger-query';
import { useMay } from '../session/session';
import { Completion } from './completion';
import { Figures } from './figures';
import { PeerStates } from './peer-states';
import { RoundChoice } from './round-choice';
import { UnitTable } from './unit-table';
import './overview.css';

export function OverviewPage() {
  const [params] = useSearchParams();
  const { round } = queryOf(params);
  const here: LedgerQuery = round === undefined ? {} : { round };
  const path = round === undefined ? paths.overview : `${paths.overview}?${paramsOf(here).toString()}`;
  const overview = useQuery({ queryKey: keys.overview(round), queryFn: () => read<Overview>(path) });
  const cutOff = overview.data?.cutOff ?? '';
  return (
    <Page
      title="总览"
      aside={
        <>
          <RoundChoice round={round} />
          {cutOff !== '' && <span className="sub">数据截至 {dateTime(cutOff)}</span>}
        </>
      }
    >
      <Shown reading={overview}>{(data) => <Content overview={data} here={here} />}</Shown>
    </Page>
  );
}

function Content({ overview, here }: { overview: Overview; here: LedgerQuery }) {
  const may = useMay();
  return (
    <>
      <PeerStates peers={overview.peers} witnessing={overview.witnessing} />
      {overview.total === 0 ? (
        <Empty why={may('feedback.read') ? '本轮还没有导入反馈意见。' : '还没有登记的问题；巡视办登记后会出现在这里。'}>
          {may('feedback.read') && <Link to="/feedbacks">导入反馈意见</Link>}
        </Empty>
      ) : (
        <>
          <Figures figures={overview.figures} />
          <Completion overview={overview} here={here} />
          <UnitTable units={overview.units} here={here} />
        </>
      )}
    </>
  );
}
