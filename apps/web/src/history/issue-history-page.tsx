import { Link, useParams } from 'react-router';
import { Page } from '../kit/page';
import { Failed } from '../kit/states';
import { KnownThen } from './known-then';
import { SwimLanes } from './swim-lanes';
import { useIssueHistory } from './use-history';
import { VerdictNote } from './verdict-note';
import './history.css';

/** 历史核验 of one issue: the verdict, what was known when, and who recorded what. */
export function IssueHistoryPage() {
  const { issueId = '' } = useParams();
  const history = useIssueHistory(issueId);
  const answer = history.data?.answer;
  const title = answer === undefined ? '历史核验' : `历史核验 ${answer.number} ${answer.title}`;
  return (
    <Page title={title} aside={<Link to={`/issues/${issueId}`}>回到问题</Link>}>
      {history.error !== null && answer === undefined && (
        <Failed error={history.error} onRetry={() => void history.refetch()} />
      )}
      {(history.error === null || answer !== undefined) && <VerdictNote reading={history} />}
      {answer !== undefined && (
        <>
          <KnownThen history={answer} />
          <SwimLanes history={answer} logs={history.data?.checked.logs ?? []} />
        </>
      )}
    </Page>
  );
}
