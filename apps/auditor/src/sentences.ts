// What the auditor tells people, in Chinese. The log library speaks English to programmers and gives each fault a kind;
// whoever stands before the result of an audit needs a sentence, and what to do next.
import { selfFaultWords } from '#contracts/self-check';
import type { LogFault } from '#tlog/log-reader';
import type { Flaw } from './verdict';

const FAULTS: Record<LogFault['kind'], string> = {
  checkpoint: '检查点无效:格式不合或签名不能用该日志的公钥验证',
  file: '文件缺失或超出应有大小',
  entry: '条目内容被改动,与日志树中的哈希不符',
  leaf: '底层瓦片中的哈希被改动,与条目不符',
  tile: '上层瓦片中的哈希与其下条目不符,以此条为首的一段不可信',
  length: '文件过早结束或多出内容',
  envelope: '条目不合规定格式',
  root: '条目与各层瓦片一致,但与签名的树根不符:内容整体被替换,或检查点属于另一份日志',
  shrank: '日志变短,疑为回退到旧备份',
  rewritten: '日志与先前状态矛盾,历史已被改写;请保存两份检查点作为证据',
};

/** Reason in Chinese; the envelope's exact defect is kept, since only the library knows it. */
export function reasonOf({ kind, what }: LogFault): string {
  return kind === 'envelope' || kind === 'checkpoint' ? `${FAULTS[kind]}(${what})` : FAULTS[kind];
}

/** The agency's own finding, by the code it gives: words of another server are not repeated to people. */
export function selfCheckSentence({ fault, origin }: { readonly fault?: unknown; readonly origin?: unknown }): string {
  const where = typeof origin === 'string' && /^[\w./:-]{1,200}$/.test(origin) ? `(对方日志 ${origin} 的副本)` : '';
  const words = selfFaultWords(fault) ?? '未说明原因,请该机关查看自查接口 /log/self-check 的完整回答';
  return `机关自查发现存储内容与日志不符${where}:${words}`;
}

/** One line of text whatever stands in an entry: nothing may break the line, turn its direction or steer a terminal. */
export function oneLine(text: string): string {
  return text.replace(/[\s\p{Cc}\p{Cf}\u2028\u2029]+/gu, ' ').trim();
}

export interface Finding {
  readonly verdict: Flaw;
  readonly origin: string;
  /** The first bad entry. */
  readonly index?: number;
  /** Chinese, for people. */
  readonly what: string;
  /** The same in English, where it is known. */
  readonly reason?: string;
  /** The file, relative to the log. */
  readonly where?: string;
}

/** A fault that is not in the log's files: an unknown key, too few witnesses, the agency's own events. */
export class AuditFault extends Error {
  override readonly name = 'AuditFault';
  readonly finding: Finding;
  constructor(finding: Omit<Finding, 'verdict'> & Partial<Pick<Finding, 'verdict'>>) {
    super(finding.what);
    this.finding = { verdict: 'INVALID', ...finding };
  }
}

export interface WholePassport {
  readonly issue: string;
  readonly entries: readonly unknown[];
  readonly logs: readonly {
    readonly origin: string;
    readonly size: number;
    readonly witnesses: readonly string[];
    readonly strangers: number;
  }[];
}

/** Says what is not proven as well: a file that leaves entries out verifies as well as one that does not. */
export function passportSentence({ issue, entries, logs }: WholePassport): string {
  const each = logs.map(({ origin, size, witnesses, strangers }) => {
    const by = witnesses.length === 0 ? '没有已知见证方的签名' : `见证方 ${witnesses.join('、')}`;
    return `${origin}(共 ${size} 条,${by}${strangers === 0 ? '' : `,另有 ${strangers} 个未知公钥的签名未验`})`;
  });
  return (
    `凭证包有效:关于问题 ${issue} 的 ${entries.length} 条记录确在日志 ${each.join('、')} 中,封面与记录一致。` +
    '本凭证包不能证明收录齐全:是否还有其他记录,须核验整份日志。'
  );
}

export function faultSentence({ origin, index, what, where }: Finding): string {
  const place = index === undefined ? '' : `第 ${index} 条(序号从 0 起)`;
  return `审计未通过:日志 ${origin} ${place}${place && ' '}${what}${where === undefined ? '' : `(文件 ${where})`}。`;
}

/** The same for whoever reads no Chinese. */
export function faultInEnglish({ verdict, origin, index, reason, where }: Finding): string {
  const place = index === undefined ? '' : `, entry ${index} (counted from 0)`;
  return `${verdict}: log ${origin}${place}${reason === undefined ? '' : `: ${reason}`}${where === undefined ? '' : ` (file ${where})`}.`;
}

export interface WholeLog {
  readonly origin: string;
  readonly size: number;
  /** base64, as in the checkpoint. */
  readonly root: string;
  readonly entries: number;
  readonly selfCheck: 'ok' | 'absent';
  /** Key names of the witnesses that confirm the first `witnessedSize` entries. */
  readonly witnesses: readonly string[];
  readonly witnessedSize: number;
  /** The SM2 key, as a line of text, by which the newest checkpoint is signed as well. */
  readonly second?: string;
}

export function wholeSentence({ origin, size, root, selfCheck, witnesses, witnessedSize, second }: WholeLog): string {
  const own = selfCheck === 'ok' ? '机关自查一致' : '未提供机关自查,已略过';
  const later = witnessedSize < size ? `,其后 ${size - witnessedSize} 条尚待见证` : '';
  const bySm2 = second === undefined ? '' : `检查点的 SM2-SM3 签名有效(${second});`;
  const confirmed =
    witnesses.length === 0
      ? '没有已知见证方的签名'
      : `${witnesses.length} 个见证方(${witnesses.join('、')})确认前 ${witnessedSize} 条${later}`;
  return `日志 ${origin} 完整:共 ${size} 条,树根 ${root};${bySm2}${confirmed};${own}。`;
}

export function trustedOnFirstUse(names: readonly string[]): string {
  return (
    `注意:未给出策略文件,验证公钥取自日志本身(首次信任):${names.join('、')}。` +
    '这只能证明日志自洽,不能证明它属于该机关;请用 --policy 指定从可靠渠道取得的公钥。'
  );
}
