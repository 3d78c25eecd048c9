import type { IssuePage } from '#contracts/answers';
import { paths, type IssueAction } from '#contracts/api';

/** Nobody signs unseen: what the signature stands under is shown above the button. */
export function SigningNote({ issue, action }: { issue: IssuePage; action: IssueAction }) {
  const { line, claim, closeOut, extension, evidence } = issue;
  if (action === 'signClaim' && claim !== undefined) {
    return (
      <p className="signing">
        {line.number} {line.title}：{claim.leadLeader}牵头，{claim.department}，{claim.person}负责。
      </p>
    );
  }
  if (action === 'signCloseOut' && closeOut !== undefined) {
    return (
      <div className="signing">
        <p>
          {line.number} {line.title}
        </p>
        <h3>整改结果</h3>
        <p className="original">{closeOut.result}</p>
        <h3>原因如何消除</h3>
        <p className="original">{closeOut.causeRemoved}</p>
        <h3>举一反三</h3>
        <p className="original">{closeOut.generalisation}</p>
        <h3>佐证 {evidence.length}</h3>
        <ul>
          {evidence.map(({ sha256, name, held }) => (
            <li key={sha256}>
              {held ? (
                <a href={paths.evidence(line.issueId, sha256)} download={name}>
                  {name}
                </a>
              ) : (
                name
              )}
            </li>
          ))}
        </ul>
        <p className="sub">第{closeOut.attempt}次申请</p>
      </div>
    );
  }
  if ((action === 'grantExtension' || action === 'refuseExtension') && extension !== undefined) {
    return (
      <p className="signing">
        申请延期至 {extension.until}：{extension.reason}
      </p>
    );
  }
  return null;
}
