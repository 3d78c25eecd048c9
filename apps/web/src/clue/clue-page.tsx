import { paths } from '#contracts/api';
import type { Clue, ClueAction, ClueList, OpenedClues } from '#contracts/clues';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useParams } from 'react-router';
import { ActionList } from '../kit/action-list';
import { opennessOf } from '../kit/actions';
import { dateTime } from '../kit/format';
import { FormDrawer } from '../kit/form-drawer';
import { read } from '../kit/http';
import { agencyWords } from '../kit/labels';
import { Page } from '../kit/page';
import { keys } from '../kit/query-keys';
import { Shown } from '../kit/states';
import { BodyBadge } from './body-badge';
import { clueSpecs } from './clue-specs';
import { kindWords, stateOf } from './clue-words';
import { OpenedBody } from './opened-body';
import './clue.css';

const order: readonly ClueAction[] = [
  ...(['signReceipt', 'openBody', 'requestDestruction', 'confirmDestruction', 'dropDestruction'] as const),
];
const dangerous: readonly ClueAction[] = ['requestDestruction', 'confirmDestruction'];

export function CluePage() {
  const { handOverId = '' } = useParams();
  const list = useQuery({ queryKey: keys.clue(handOverId), queryFn: () => read<ClueList>(paths.clueList(handOverId)) });
  return (
    <Page title="线索清单" aside={list.data && <BodyBadge body={list.data.body} />}>
      <Shown reading={list}>{(data) => <Content key={handOverId} list={data} />}</Shown>
    </Page>
  );
}

function Content({ list }: { list: ClueList }) {
  // In no cache and no draft: with the page the words are gone.
  const [opened, setOpened] = useState<readonly Clue[]>([]);
  const [chosen, setChosen] = useState<ClueAction | undefined>();
  const offered = order.filter((name) => list.actions.some(({ action }) => action === name));
  return (
    <>
      <p className="facts">
        <span>{kindWords[list.kind]}</span>
        <span>{stateOf(list)}</span>
        <span>共{list.count}件</span>
        <span>
          巡视办 {list.handedOverBy.name} 移交 {dateTime(list.handedOverAt)}
        </span>
      </p>
      <div className="columns">
        <div className="column-main">
          <OpenedBody list={list} clues={opened} />
          <Records list={list} />
        </div>
        <div className="column-aside">
          <section className="panel" aria-labelledby="clue-actions">
            <h2 id="clue-actions">可办事项</h2>
            <ActionList
              actions={offered.map((name) => ({
                name,
                label: clueSpecs[name].title,
                openness: opennessOf(list.actions, [name], false),
                primary: name === 'openBody',
                danger: dangerous.includes(name),
                onClick: () => setChosen(name),
              }))}
            />
          </section>
        </div>
      </div>
      {chosen !== undefined && (
        <FormDrawer
          spec={clueSpecs[chosen]}
          path={paths.clueAction(list.handOverId, chosen)}
          recordId={list.handOverId}
          onAnswer={(answer) => setOpened((answer as Partial<OpenedClues>).clues ?? [])}
          onClose={() => setChosen(undefined)}
        />
      )}
    </>
  );
}

function Records({ list: { receipts, destructions, request } }: { list: ClueList }) {
  return (
    <section className="panel" aria-labelledby="clue-records">
      <h2 id="clue-records">记录</h2>
      <ul className="clue-records">
        {receipts.map(({ agency, receivedBy, at }) => (
          <li key={`received ${agency}`}>
            {agencyWords[agency]} {receivedBy.name} 签收 {dateTime(at)}
          </li>
        ))}
        {request && (
          <li>
            {request.requestedBy.name} 申请销毁，依据：{request.reason}；等待另一位同志确认
          </li>
        )}
        {destructions.map(({ agency, requestedBy, confirmedBy, at }) => (
          <li key={`destroyed ${agency}`}>
            {agencyWords[agency]} 已销毁：{requestedBy.name} 申请，{confirmedBy.name} 确认 {dateTime(at)}
          </li>
        ))}
        {receipts.length + destructions.length === 0 && !request && <li>还没有签收。</li>}
      </ul>
    </section>
  );
}
