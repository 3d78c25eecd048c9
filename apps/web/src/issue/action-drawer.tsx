import type { IssuePage } from '#contracts/answers';
import { paths, type IssueAction, type VerificationAction } from '#contracts/api';
import { FormDrawer, type FormSpec } from '../kit/form-drawer';
import type { Chosen } from './actions';
import { issueActionSpecs, isInSigning, prepareAgainSpec, verdictSpecs } from './action-specs';
import { SigningNote } from './signing-note';

type Props = { readonly issue: IssuePage; readonly chosen: Chosen; readonly onClose: () => void };

function isVerdict(action: IssueAction | VerificationAction): action is VerificationAction {
  return Object.keys(verdictSpecs).includes(action);
}

export function ActionDrawer({ issue, chosen, onClose }: Props) {
  const { issueId } = issue.line;
  const { action } = chosen;
  // A verdict is a command to another record: at a verifier's console the page carries the verification's revision.
  if (isVerdict(action)) {
    return (
      <FormDrawer
        spec={verdictSpecs[action]}
        path={paths.verificationAction(issueId, action)}
        recordId={issueId}
        revision={issue.revision}
        initial={{ method: 'document' }}
        onClose={onClose}
      />
    );
  }
  return (
    <FormDrawer
      spec={specOf(issue, action)}
      path={paths.issueAction(issueId, action)}
      recordId={issueId}
      revision={issue.revision}
      initial={initialOf(issue, chosen)}
      note={<SigningNote issue={issue} action={action} />}
      onClose={onClose}
    />
  );
}

function specOf(issue: IssuePage, action: IssueAction): FormSpec {
  if (action === 'withdrawEvidence') return withEvidence(issue);
  return action === 'prepareCloseOut' && isInSigning(issue) ? prepareAgainSpec : issueActionSpecs[action];
}

function withEvidence(issue: IssuePage): FormSpec {
  const spec = issueActionSpecs.withdrawEvidence;
  const options = issue.evidence.map(({ sha256, name }) => ({ value: sha256, label: name }));
  return { ...spec, fields: spec.fields.map((field) => (field.name === 'sha256' ? { ...field, options } : field)) };
}

/** A fact typed once is not typed again: people of the claim, texts of the last attempt. */
function initialOf(issue: IssuePage, { action, sha256 }: Chosen): Record<string, unknown> {
  const { line, claim, closeOut } = issue;
  switch (action) {
    case 'proposeClaim':
    case 'addMeasure':
      return { leadLeader: claim?.leadLeader ?? '', department: claim?.department ?? '', person: claim?.person ?? '' };
    case 'classify':
      return { class: line.class };
    case 'withdrawEvidence':
      return { sha256 };
    case 'prepareCloseOut':
      return closeOut === undefined
        ? {}
        : { result: closeOut.result, causeRemoved: closeOut.causeRemoved, generalisation: closeOut.generalisation };
    default:
      return {};
  }
}
