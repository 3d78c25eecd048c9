import type { IssuePage } from '#contracts/answers';
import { Link } from 'react-router';
import { dateTime } from '../kit/format';
import { agencyWords } from '../kit/labels';
import { PassportButtons } from './passport-buttons';

const signs = { ok: '✓', partial: '◆', failed: '▲' } as const;

/** Whether the record was altered, in three depths: the sentence, how it is known, where everything stands. */
export function VerificationNote({ issue }: { issue: IssuePage }) {
  const { state, sentence, how, checked, waiting } = issue.verification;
  return (
    <section className={`verification verification-${state}`} aria-label="核验">
      <p>
        <span aria-hidden="true">{signs[state]} </span>
        {sentence}
      </p>
      <PassportButtons issueId={issue.line.issueId} />
      <Link className="passport" to={`/history/${issue.line.issueId}`}>
        历史核验
      </Link>
      <p className="sub">核验说明记录没有被改过，不说明所写内容属实。</p>
      <details>
        <summary>怎么做到的</summary>
        <p>{how}</p>
        <details>
          <summary>技术细节</summary>
          <p>
            已核验{checked}条，等待见证{waiting}条。每条记录在所属机构签名日志中的位置：
          </p>
          <Addresses issue={issue} />
        </details>
      </details>
    </section>
  );
}

function Addresses({ issue }: { issue: IssuePage }) {
  return (
    <ul className="addresses">
      {issue.timeline.map(({ id, at, agency, type, origin, index }) => (
        <li key={id}>
          {dateTime(at)} {agencyWords[agency]} <code>{type}</code>{' '}
          {origin === undefined ? '正在记入' : <code>{`${origin} #${index ?? ''}`}</code>}
        </li>
      ))}
    </ul>
  );
}
