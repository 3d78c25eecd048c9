import type { IssuePage as Answer } from '#contracts/answers';
import { paths } from '#contracts/api';
import { classWords, kindWords, specialWords } from '#contracts/words.zh';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useParams } from 'react-router';
import { LightMark, StatusChip } from '../kit/chips';
import { read } from '../kit/http';
import { Page } from '../kit/page';
import { keys } from '../kit/query-keys';
import { Shown } from '../kit/states';
import { WitnessBadge } from '../kit/witness-badge';
import { Actions, type Chosen } from './actions';
import { ActionDrawer } from './action-drawer';
import { CloseOut } from './close-out';
import { EvidenceList } from './evidence-list';
import { MeasureList } from './measure-list';
import { OriginalText } from './original-text';
import { Signatures } from './signatures';
import { Timeline } from './timeline';
import { TracksPanel } from './tracks-panel';
import { VerificationNote } from './verification-note';
import './issue.css';

export function IssuePage() {
  const { issueId = '' } = useParams();
  const issue = useQuery({ queryKey: keys.issue(issueId), queryFn: () => read<Answer>(paths.issue(issueId)) });
  const line = issue.data?.line;
  return (
    <Page
      title={line === undefined ? '问题' : `${line.number} ${line.title}`}
      aside={
        line !== undefined && (
          <>
            <StatusChip status={line.status} /> <WitnessBadge status={line.witness} />
          </>
        )
      }
    >
      <Shown reading={issue}>{(data) => <Content key={issueId} issue={data} />}</Shown>
    </Page>
  );
}

function Content({ issue }: { issue: Answer }) {
  const [chosen, setChosen] = useState<Chosen | undefined>();
  return (
    <>
      <Facts issue={issue} />
      <VerificationNote issue={issue} />
      <div className="columns">
        <div className="column-main">
          <OriginalText issue={issue} />
          <MeasureList issue={issue} />
          <EvidenceList issue={issue} onWithdraw={(sha256) => setChosen({ action: 'withdrawEvidence', sha256 })} />
          <CloseOut issue={issue} />
          <Timeline entries={issue.timeline} />
        </div>
        <div className="column-aside">
          <Actions issue={issue} onChoose={setChosen} />
          <TracksPanel issue={issue} />
          <Signatures issue={issue} />
        </div>
      </div>
      {chosen !== undefined && <ActionDrawer issue={issue} chosen={chosen} onClose={() => setChosen(undefined)} />}
    </>
  );
}

function Facts({ issue }: { issue: Answer }) {
  const { line } = issue;
  return (
    <p className="facts">
      <span>{line.unitName}</span>
      <span>{line.roundName}</span>
      <span>
        {classWords[line.class]} · {kindWords[line.kind]} · {specialWords[line.special]}
      </span>
      {line.attempt > 0 && <span>第{line.attempt}次申请</span>}
      {line.returns > 0 && <span>退回{line.returns}次</span>}
      <span>
        时限 {line.due} <LightMark light={line.light} daysLeft={line.daysLeft} />
      </span>
    </p>
  );
}
