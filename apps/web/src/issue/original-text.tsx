import type { IssuePage } from '#contracts/answers';

export function OriginalText({ issue }: { issue: IssuePage }) {
  const { line, text, feedbackDate, deadlines, claim, extension } = issue;
  return (
    <section className="panel" aria-labelledby="original-heading">
      <h2 id="original-heading">
        反馈原文 <span className="sub">已锁定，不能修改 · 反馈日期 {feedbackDate}</span>
      </h2>
      {line.group !== '' && <p className="sub">{line.group}</p>}
      <p className="original">{text === '' ? line.title : text}</p>
      <dl className="facts-list">
        <div>
          <dt>认领时限</dt>
          <dd>{deadlines.claim}</dd>
        </div>
        <div>
          <dt>方案时限</dt>
          <dd>{deadlines.plan}</dd>
        </div>
        <div>
          <dt>整改时限</dt>
          <dd>{deadlines.rectify}</dd>
        </div>
        <div className="wide">
          <dt>认领</dt>
          <dd>{claimWords(claim)}</dd>
        </div>
        {extension !== undefined && (
          <div className="wide">
            <dt>延期</dt>
            <dd>
              {extensionWords[extension.state]}，延期至 {extension.until}：{extension.reason}
            </dd>
          </div>
        )}
      </dl>
    </section>
  );
}

function claimWords(claim: IssuePage['claim']): string {
  if (claim === undefined) return '尚未认领';
  const signed = claim.signed ? '书记已签字' : '等待书记签字';
  return `${claim.leadLeader}（牵头） · ${claim.department} · ${claim.person} · ${signed}`;
}

const extensionWords = { requested: '已申请', granted: '已同意', refused: '未同意' } as const;
