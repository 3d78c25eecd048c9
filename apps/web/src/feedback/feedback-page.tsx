import type { FeedbackPage as Answer, RoundList } from '#contracts/answers';
import { paths } from '#contracts/api';
import { useQuery } from '@tanstack/react-query';
import { Link, useParams } from 'react-router';
import { shortHash } from '../kit/format';
import { read } from '../kit/http';
import { feedbackKindWords } from '../kit/labels';
import { Page } from '../kit/page';
import { keys } from '../kit/query-keys';
import { Shown } from '../kit/states';
import { WitnessBadge } from '../kit/witness-badge';
import { ledgerPath } from '../ledger/ledger-query';
import { OutlineDesk } from './outline-desk';
import './feedback.css';

export function FeedbackPage() {
  const { feedbackId = '' } = useParams();
  const feedback = useQuery({
    queryKey: keys.feedback(feedbackId),
    queryFn: () => read<Answer>(paths.feedback(feedbackId)),
  });
  const rounds = useQuery({ queryKey: keys.rounds, queryFn: () => read<RoundList>(paths.rounds) });
  return (
    <Page title="核对反馈问题" aside={<Link to="/feedbacks">返回反馈导入</Link>}>
      <Shown reading={feedback}>
        {(data) => (
          <>
            <Facts feedback={data} />
            <Shown reading={rounds}>
              {(list) => (
                <OutlineDesk
                  key={feedbackId}
                  feedback={data}
                  units={list.rounds.find(({ roundId }) => roundId === data.roundId)?.organisations ?? []}
                />
              )}
            </Shown>
          </>
        )}
      </Shown>
    </Page>
  );
}

function Facts({ feedback }: { feedback: Answer }) {
  const { fileName, feedbackDate, kind, encoding, fileSha256, state, roundId, witness } = feedback;
  return (
    <p className="facts">
      <b>{fileName}</b>
      <span>反馈日期 {feedbackDate}</span>
      <span>{feedbackKindWords[kind] ?? kind}</span>
      <span>编码 {encoding}</span>
      <span title={fileSha256}>
        指纹 <code>{shortHash(fileSha256)}</code>
      </span>
      <span>
        {state === 'frozen' ? '冻结记录' : '登记记录'} <WitnessBadge status={witness} />
      </span>
      {state === 'frozen' && (
        <span>
          已冻结，问题已登记。<Link to={ledgerPath({ round: roundId })}>查看问题台账</Link>
        </span>
      )}
    </p>
  );
}
