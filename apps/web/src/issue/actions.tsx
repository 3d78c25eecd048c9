import type { IssuePage } from '#contracts/answers';
import type { IssueAction, VerificationAction } from '#contracts/api';
import { Link } from 'react-router';
import { ActionButton } from '../kit/action-button';
import { opennessOf } from '../kit/actions';
import { useMay } from '../session/session';
import { issueActionSpecs, verdictSpecs, type ActionSpec } from './action-specs';

export type Chosen = { readonly action: IssueAction | VerificationAction; readonly sha256?: string };
const specs: Readonly<Record<string, ActionSpec>> = { ...issueActionSpecs, ...verdictSpecs };

type Props = { readonly issue: IssuePage; readonly onChoose: (chosen: Chosen) => void };

/** The actions of this user, in the service's order; what is closed says why. Open ones come first. */
export function Actions({ issue, onChoose }: Props) {
  const may = useMay();
  const offered = issue.actions.filter(({ action }) => action in specs);
  const ordered = [...offered.filter(({ open }) => open), ...offered.filter(({ open }) => !open)];
  const inQueue = may('verification.read') && issue.line.status === 'closeOutRequested';
  if (ordered.length === 0 && !inQueue) return null;
  return (
    <section className="panel actions-panel" aria-labelledby="actions-heading">
      <h2 id="actions-heading">可办事项</h2>
      {inQueue && ordered.length === 0 && <Link to={`/verifications?issue=${issue.line.issueId}`}>去核查</Link>}
      <div className="actions">
        {ordered.map((told) => {
          const spec = specs[told.action];
          return spec === undefined ? null : (
            <ActionButton
              key={told.action}
              label={spec.title}
              openness={opennessOf([told], [told.action], false)}
              primary={spec.primary === true && told.open}
              danger={spec.danger === true}
              onClick={() => onChoose({ action: told.action as Chosen['action'] })}
            />
          );
        })}
      </div>
    </section>
  );
}
