import type { Overview } from '#contracts/answers';
import { paths } from '#contracts/api';
import { useQuery } from '@tanstack/react-query';
import { Link } from 'react-router';
import { dateTime } from '../kit/format';
import { read } from '../kit/http';
import { Page } from '../kit/page';
import { keys } from '../kit/query-keys';
import { Empty, Shown } from '../kit/states';
import { useMay } from '../session/session';
import { Completion } from './completion';
import { Figures } from './figures';
import { PeerStates } from './peer-states';
import { UnitTable } from './unit-table';
import './overview.css';

export function OverviewPage() {
  const overview = useQuery({ queryKey: keys.overview, queryFn: () => read<Overview>(paths.overview) });
  const cutOff = overview.data?.cutOff ?? '';
  return (
    <Page title="总览" aside={cutOff !== '' && <span className="sub">数据截至 {dateTime(cutOff)}</span>}>
      <Shown reading={overview}>{(data) => <Content overview={data} />}</Shown>
    </Page>
  );
}

function Content({ overview }: { overview: Overview }) {
  const may = useMay();
  return (
    <>
      <PeerStates peers={overview.peers} />
      {overview.total === 0 ? (
        <Empty why={may('feedback.read') ? '本轮还没有导入反馈意见。' : '还没有登记的问题；巡视办登记后会出现在这里。'}>
          {may('feedback.read') && <Link to="/feedbacks">导入反馈意见</Link>}
        </Empty>
      ) : (
        <>
          <Figures figures={overview.figures} />
          <Completion overview={overview} />
          <UnitTable units={overview.units} />
        </>
      )}
    </>
  );
}
