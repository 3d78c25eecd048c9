import type { VerificationLine } from '#contracts/answers';
import { paths, type VerificationAction } from '#contracts/api';
import { specialWords } from '#contracts/words.zh';
import { useState } from 'react';
import { Link } from 'react-router';
import { verdictSpecs } from '../issue/action-specs';
import { ActionList } from '../kit/action-list';
import { opennessOf } from '../kit/actions';
import { LightMark } from '../kit/chips';
import { dateTime } from '../kit/format';
import { FormDrawer } from '../kit/form-drawer';
import { useShortcuts } from '../kit/shortcuts';
import { WitnessBadge } from '../kit/witness-badge';

const order: readonly VerificationAction[] = ['accept', 'acceptAsSubstantiallyDone', 'return'];

/** One close-out request with what it claims, and the three possible verdicts (keys 1, 2, 3). */
export function VerdictPane({ verification }: { verification: VerificationLine }) {
  const { line, attempt, requestedAt, receivedAt, result, revision, actions } = verification;
  const [chosen, setChosen] = useState<VerificationAction | undefined>();
  const openness = (action: VerificationAction) => opennessOf(actions, [action], false);
  const choose = (action: VerificationAction) => () => {
    if (openness(action).open) setChosen(action);
  };
  useShortcuts({ '1': choose('accept'), '2': choose('acceptAsSubstantiallyDone'), '3': choose('return') });
  return (
    <section className="panel pane" aria-labelledby="verdict-heading">
      <h3 id="verdict-heading">
        {line.number} {line.title}
      </h3>
      <p className="facts">
        <span>{line.unitName}</span>
        <span>{specialWords[line.special]}</span>
        <span>第{attempt}次申请</span>
        <span>
          记录 <WitnessBadge status={line.witness} />
        </span>
        {line.returns > 0 && <span>退回{line.returns}次</span>}
        <span>
          时限 {line.due} <LightMark light={line.light} daysLeft={line.daysLeft} />
        </span>
      </p>
      <h4>整改结果</h4>
      <p className="original">{result}</p>
      <p>
        佐证{line.evidence}件，措施{line.measures}项。
        <Link to={`/issues/${line.issueId}`}>查看原文、佐证和签字</Link>
      </p>
      <p className="sub">
        申请 {dateTime(requestedAt)} · 收到 {dateTime(receivedAt)}
      </p>
      <ActionList
        actions={order.map((action) => ({
          name: action,
          label: verdictSpecs[action].title,
          openness: openness(action),
          primary: action === 'accept',
          danger: action === 'return',
          onClick: choose(action),
        }))}
      />
      {chosen !== undefined && (
        <FormDrawer
          spec={verdictSpecs[chosen]}
          path={paths.verificationAction(line.issueId, chosen)}
          recordId={line.issueId}
          revision={revision}
          initial={{ method: 'document' }}
          onClose={() => setChosen(undefined)}
        />
      )}
    </section>
  );
}
