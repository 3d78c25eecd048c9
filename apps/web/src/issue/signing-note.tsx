import type { IssuePage } from '#contracts/answers';
import type { IssueAction } from '#contracts/api';

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
        <p className="original">{closeOut.result}</p>
        <p className="sub">
          第{closeOut.attempt}次申请，佐证{evidence.length}件
        </p>
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
