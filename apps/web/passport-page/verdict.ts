// What a passport shows to whoever believes the given keys, in a sentence that never says more than was checked here.
import { civilMinuteOf } from '#joint/civil-time';
import { coverOfIssue, evidenceIn, issueField } from '#joint/passport/cover';
import { passportReason } from '#joint/passport/faults';
import { toBase64, toHex } from '#tlog/bytes';
import { checkPassport, PassportFault } from '#tlog/passport';
import type { CheckedPassport, PassportFaultKind } from '#tlog/passport';
import { hostOf, ruleFor, worthOf } from '#tlog/policy';
import type { Policy } from '#tlog/policy';
import { fingerprintOf } from '#tlog/policy-file';
import { sha256 } from '#tlog/sha256';

export type LogFacts = {
  readonly origin: string;
  readonly size: string;
  /** base64 */
  readonly root: string;
  readonly indexes: readonly string[];
  readonly cosignatures: readonly { readonly name: string; readonly at: string; readonly fingerprint: string }[];
  /** Signature lines of keys that were not given. */
  readonly strangers: number;
  /** What the reader's rule is worth for this log. */
  readonly rule: string;
};
export type Verdict = {
  /** `partial`: nothing speaks against it, and something is missing to say more. */
  readonly state: 'ok' | 'partial' | 'failed';
  readonly sentence: string;
  readonly remedy: string;
  /** As the library says it, for whoever has to look closer; empty when nothing is wrong. */
  readonly exact: string;
  readonly cover: readonly string[];
  readonly logs: readonly LogFacts[];
  readonly evidence: readonly { readonly name: string; readonly sha256: string }[];
};

export const meaning = [
  '核验说明记录没有被改过，不说明所写内容属实。',
  '一份凭证包不能说明收录齐全：是否还有其他记录，须核验各机关的整份日志。',
];
export const how = [
  '每条记录都有指纹，一个日志的所有指纹合成一个总指纹，由该机关签名。',
  '其他机关各自看过总指纹，写上时间并签名：改动任何一条，总指纹就对不上。',
  '本页在这台电脑上逐条重算指纹、逐个验证签名，不连接任何服务器。',
];

const remedies: Readonly<Record<PassportFaultKind, string>> = {
  form: '请向出具的机关重新下载，不要用其他软件打开后另存。',
  key: '请向该机关索取日志的公钥，核对指纹后补上，再核验。',
  checkpoint: '请先核对所给公钥是否属于该日志；公钥无误的，请勿使用这份文件，并告知出具的机关。',
  witnesses: '请过几分钟重新下载；仍然不足的，请向出具的机关查询。',
  inclusion: '请勿使用这份文件，保留原件，并告知出具的机关。',
  entry: '请勿使用这份文件，保留原件，并告知出具的机关。',
  subject: '请勿使用这份文件，保留原件，并告知出具的机关。',
  cover: '封面不可信，条目本身的证明有效；请向出具的机关重新下载。',
};
const numerals = ['', '一', '两', '三', '四', '五', '六'];

/** @param compared whether the reader says that he compared the keys' fingerprints with the agencies */
export function judge(bytes: Uint8Array, policy: Policy, compared: boolean): Verdict {
  try {
    const checked = checkPassport(bytes, policy, coverOfIssue);
    if (checked.subject.field !== issueField) throw new PassportFault('form', `the subject is no ${issueField}`);
    return sound(checked, policy, compared);
  } catch (error) {
    if (!(error instanceof PassportFault)) throw error;
    return faulty(error);
  }
}

function sound(checked: CheckedPassport, policy: Policy, compared: boolean): Verdict {
  const logs = checked.logs.map((log) => factsOf(log, checked, policy));
  const parties = Math.min(...logs.map(partiesOf));
  const records = `关于问题${checked.subject.value}的${checked.entries.length}条记录`;
  const missing = [
    ...(parties < 2 ? ['没有所给公钥的见证签名，只有日志自己的签名'] : []),
    ...(compared ? [] : ['公钥还没有与各机关核对']),
  ];
  // Until the last of the witnesses' times everything that is shown stood in the logs: from then on it is held by others.
  const times = logs.flatMap(({ cosignatures }) => cosignatures.map(({ at }) => at)).sort();
  const since = parties < 2 ? '未被改动' : `自${times[times.length - 1]}起未被改动`;
  const by = parties < 2 ? '' : `，已由${numerals[parties] ?? parties}方共同见证`;
  const sentence =
    missing.length === 0
      ? `${records}${since}${by}（公钥已由核验人核对）。`
      : `按所给公钥，${records}${since}${by}；但${missing.join('，')}。`;
  return {
    state: missing.length === 0 ? 'ok' : 'partial',
    sentence,
    remedy: compared ? '' : '请把下面的公钥指纹用电话或纸面与各机关核对，一致后勾选“已核对”。',
    exact: '',
    cover: checked.cover,
    logs,
    evidence: evidenceIn(checked.entries),
  };
}

function faulty({ kind, what, at }: PassportFault): Verdict {
  const place = at.index === undefined ? '' : `日志${at.origin}第${at.index}条（序号从0起）：`;
  // A key that nobody gave is no sign of a change.
  const begin = kind === 'key' ? '还不能核验' : '发现不符';
  return {
    state: kind === 'key' ? 'partial' : 'failed',
    sentence: `${begin}：${place}${passportReason(kind, what)}。`,
    remedy: remedies[kind],
    exact: at.index === undefined ? what : `${at.origin} entry ${at.index}: ${what}`,
    ...{ cover: [], logs: [], evidence: [] },
  };
}

function factsOf(
  { checkpoint, strangers }: CheckedPassport['logs'][number],
  { entries }: CheckedPassport,
  { rule, witnesses }: Policy,
): LogFacts {
  const { origin, size, root, cosignatures } = checkpoint;
  return {
    ...{ origin, strangers, size: String(size), root: toBase64(root) },
    indexes: entries.filter((entry) => entry.origin === origin).map(({ index }) => String(index)),
    cosignatures: cosignatures.map(({ key, time }) => ({
      name: key.name,
      at: civilMinuteOf(new Date(Number(time) * 1000).toISOString()),
      fingerprint: fingerprintOf(key),
    })),
    rule: worthOf(ruleFor(rule, witnesses, origin)).sentence,
  };
}

/** The log's own agency, and each other host whose witness signed. */
function partiesOf({ origin, cosignatures }: LogFacts): number {
  return new Set([hostOf(origin), ...cosignatures.map(({ name }) => hostOf(name))]).size;
}

export function sha256Hex(bytes: Uint8Array): string {
  return toHex(sha256(bytes));
}
