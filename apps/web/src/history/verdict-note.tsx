import { paths } from '#contracts/api';
import type { ProvenLog } from '#contracts/history';
import { useQueryClient } from '@tanstack/react-query';
import { Button } from 'antd';
import { clock, dateTime } from '../kit/format';
import { keepFile } from '../kit/http';
import { agencyWords } from '../kit/labels';
import { keys } from '../kit/query-keys';
import { Loading } from '../kit/states';
import type { CheckedLog } from './check';
import { forget, recall } from './memory';
import { evidenceOf, how, meaning } from './sentences';
import type { CheckedAnswer } from './use-history';

const signs = { ok: '✓', partial: '◆', failed: '▲' } as const;

type Reading = {
  readonly data: CheckedAnswer<{ readonly logs: readonly ProvenLog[] }> | undefined;
  readonly error: unknown;
};

/** The verdict in three depths: one sentence, how it is known, and what was checked in figures. */
export function VerdictNote({ reading }: { readonly reading: Reading }) {
  const { data, error } = reading;
  if (data === undefined) return error === null ? <Loading lines={2} /> : <Unreachable />;
  const { said, checked, answer, at } = data;
  const { fault } = checked;
  const save = () => {
    if (fault) keepFile(new Blob([evidenceOf(answer.logs, fault, at)], { type: 'application/json' }), 'finding.json');
  };
  return (
    <section className={`verification verification-${said.state}`} aria-label="核验">
      <p role={fault ? 'alert' : 'status'}>
        <span aria-hidden="true">{signs[said.state]} </span>
        {said.sentence}
      </p>
      {fault && (
        <Button size="small" danger className="passport" onClick={save}>
          保存证据
        </Button>
      )}
      {error !== null && <p className="sub">暂时连不上服务，上次核验{clock(at)}完成。</p>}
      <p className="sub">
        {meaning}核验于{dateTime(at)}。
      </p>
      <details>
        <summary>怎么做到的</summary>
        <ol className="how">
          {how.map((line) => (
            <li key={line}>{line}</li>
          ))}
        </ol>
        <Technical logs={checked.logs} why={fault?.why} />
      </details>
    </section>
  );
}

function Unreachable() {
  const last = Object.values(recall(window.localStorage))
    .map(({ at }) => at)
    .sort()
    .reverse()[0];
  return (
    <section className="verification verification-partial" aria-label="核验">
      <p role="status">
        <span aria-hidden="true">◆ </span>
        暂时连不上服务，现在不能核验{last === undefined ? '。' : `；上次核验${dateTime(last)}通过。`}
      </p>
    </section>
  );
}

function Technical({ logs, why }: { readonly logs: readonly CheckedLog[]; readonly why: string | undefined }) {
  const client = useQueryClient();
  const anew = () => {
    forget(window.localStorage);
    void client.invalidateQueries({ queryKey: keys.histories });
  };
  return (
    <details className="history-technical">
      <summary>技术细节</summary>
      {why !== undefined && (
        <p>
          <code>{why}</code>
        </p>
      )}
      {logs.map((log) => (
        <TechnicalLog key={log.origin} log={log} />
      ))}
      <p className="sub">
        指纹为公钥的SHA-256，可用电话或纸面向各机关核对。签名Ed25519，树RFC 6962，格式C2SP
        tlog-checkpoint、tlog-cosignature。数据来自
        <code>{paths.history}</code>和<code>{paths.issueHistory('…')}</code>。
      </p>
      <Button size="small" onClick={anew}>
        忘记本机所见，重新核验
      </Button>
      <p className="sub">只在与各机关核对过新的公钥指纹之后使用。</p>
    </details>
  );
}

function TechnicalLog({ log }: { readonly log: CheckedLog }) {
  const { agency, origin, state, size, root, fingerprint, cosignatures, entries, before } = log;
  if (state === 'unknown') {
    return (
      <p>
        {agencyWords[agency]} <code>{origin}</code>：还没有公钥或还没有签名。
      </p>
    );
  }
  return (
    <dl className="technical">
      <dt>{agencyWords[agency]}日志</dt>
      <dd>
        <code>{origin}</code>
      </dd>
      <dt>大小、根</dt>
      <dd>
        {size}条 <code>{root}</code>
      </dd>
      <dt>公钥指纹</dt>
      <dd>
        <code>{fingerprint}</code>
      </dd>
      {entries.length > 0 && (
        <>
          <dt>证明在其中的</dt>
          <dd>第{entries.map(({ index }) => index).join('、')}条</dd>
        </>
      )}
      {cosignatures.map((line) => (
        <Witness key={line.name} line={line} size={size} />
      ))}
      <dt>本机上次所见</dt>
      <dd>{before === undefined ? '第一次见到' : `${before.size}条，${dateTime(before.at)}，已证明首尾相接`}</dd>
    </dl>
  );
}

function Witness({ line, size }: { readonly line: CheckedLog['cosignatures'][number]; readonly size: number }) {
  return (
    <>
      <dt>{line.agency === undefined ? '见证方' : `${agencyWords[line.agency]}见证`}</dt>
      <dd>
        {dateTime(line.at)}，{size}条 <code>{line.name}</code> 指纹<code>{line.fingerprint}</code>
      </dd>
    </>
  );
}
