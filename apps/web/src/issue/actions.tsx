import type { IssuePage } from '#contracts/answers';
import type { IssueAction, VerificationAction } from '#contracts/api';
import { Link } from 'react-router';
import { ActionList } from '../kit/action-list';
import { opennessOf } from '../kit/actions';
import { useMay } from '../session/session';
import { isInSigning, issueActionSpecs, prepareAgainSpec, verdictSpecs, type ActionSpec } from './action-specs';

export type Chosen = { readonly action: IssueAction | VerificationAction; readonly sha256?: string };
const specs: Readonly<Record<string, ActionSpec>> = { ...issueActionSpecs, ...verdictSpecs };

type Props = { readonly issue: IssuePage; readonly onChoose: (chosen: Chosen) => void };

/** The actions of this user, in the service's order; what is closed says why. Open ones come first. */
export function Actions({ issue, onChoose }: Props) {
  const may = useMay();
  // Evidence is withdrawn where it is listed.
  const offered = issue.actions.filter(({ action }) => action in specs && action !== 'withdrawEvidence');
  const ordered = [...offered.filter(({ open }) => open), ...offered.filter(({ open }) => !open)];
  const inQueue = may('verification.read') && issue.line.status === 'closeOutRequested';
  if (ordered.length === 0 && !inQueue) return null;
  return (
    <section className="panel actions-panel" aria-labelledby="actions-heading">
      <h2 id="actions-heading">可办事项</h2>
      {inQueue && ordered.length === 0 && <Link to={`/verifications?issue=${issue.line.issueId}`}>去核查</Link>}
      <ActionList
        actions={ordered.flatMap((told) => {
          const spec = specs[told.action];
          if (spec === undefined) return [];
          const openness = opennessOf([told], [told.action], false);
          const onClick = () => onChoose({ action: told.action as Chosen['action'] });
          const again = told.action === 'prepareCloseOut' && isInSigning(issue);
          const { primary = false, danger = false } = spec;
          const label = again ? prepareAgainSpec.title : spec.title;
          return [{ name: told.action, label, openness, primary, danger, onClick }];
        })}
      />
    </section>
  );
}
