import type { RoundList } from '#contracts/answers';
import { paths } from '#contracts/api';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { ActionButton } from '../kit/action-button';
import { opennessOf } from '../kit/actions';
import { FormDrawer } from '../kit/form-drawer';
import { read } from '../kit/http';
import { Page } from '../kit/page';
import { keys } from '../kit/query-keys';
import { Empty, Shown } from '../kit/states';
import { useMay } from '../session/session';
import { RoundCard } from './round-card';
import { openRoundSpec } from './round-specs';
import './rounds.css';

export function RoundPage() {
  const rounds = useQuery({ queryKey: keys.rounds, queryFn: () => read<RoundList>(paths.rounds) });
  return (
    <Page title="轮次">
      <Shown reading={rounds}>{(data) => <Content list={data} />}</Shown>
    </Page>
  );
}

function Content({ list }: { list: RoundList }) {
  const may = useMay();
  const [opening, setOpening] = useState(false);
  const mayOpen = may('round.OpenRound');
  const button = mayOpen && (
    <ActionButton
      label="新建轮次"
      primary
      openness={opennessOf(list.actions, ['openRound', 'open'], true)}
      onClick={() => setOpening(true)}
    />
  );
  return (
    <>
      {list.rounds.length === 0 ? (
        <Empty why={mayOpen ? '还没有轮次。' : '还没有轮次；巡视办新建后会出现在这里。'}>{button}</Empty>
      ) : (
        <>
          <div className="toolbar">{button}</div>
          {list.rounds.map((round) => (
            <RoundCard key={round.roundId} round={round} actions={list.actions} />
          ))}
        </>
      )}
      {opening && (
        <FormDrawer
          spec={openRoundSpec(list.ruleSets)}
          path={paths.rounds}
          recordId="new-round"
          initial={{ ruleSetId: list.ruleSets[0]?.id ?? '', tier: 'county' }}
          onClose={() => setOpening(false)}
        />
      )}
    </>
  );
}
