// What the check found, in one sentence for people who have never heard of a hash (ux.md section 5). It never says more
// than the browser has proven, and every sentence that is not green says what to do.
import { agencyNames } from '#contracts/agencies';
import type { IssueHistory, ProvenLog } from '#contracts/history';
import { dateTime } from '../kit/format';
import type { Checked, CheckedLog, Fault } from './check';

export type Said = { readonly state: 'ok' | 'partial' | 'failed'; readonly sentence: string };

const numerals = ['', '一', '两', '三', '四', '五', '六'];

export function saidOfIssue(
  { logs, fault }: Checked,
  { steps, unlogged }: Pick<IssueHistory, 'steps' | 'unlogged'>,
): Said {
  if (fault) return { state: 'failed', sentence: faultSentence(fault) };
  const proven = logs.reduce((sum, { entries }) => sum + entries.length, 0);
  const waiting = steps.filter(({ witness }) => witness !== 'final').length;
  // What is told and not proven is waiting too: nothing may be counted that the browser has not seen proven.
  const unproven = Math.max(0, steps.length - proven) + unlogged;
  const since = logs
    .map((log) => log.since)
    .filter((at) => at !== '')
    .sort()[0];
  const all = logs.length > 0 && logs.every(({ enough }) => enough);
  if (all && unproven === 0 && waiting === 0 && since !== undefined) {
    const parties = partiesOf(logs);
    return { state: 'ok', sentence: `此记录自${dateTime(since)}起未被改动，已由${parties}方共同见证。` };
  }
  const missing = [...new Set(logs.filter(({ enough }) => !enough).flatMap((log) => log.missing))];
  const names = missing.map((agency) => agencyNames[agency]).join('、');
  const waits = Math.max(waiting, unproven);
  if (waits === 0) return { state: 'partial', sentence: `已核验${proven}条，见证方暂不足数（一般1分钟内）。` };
  const whom = names === '' ? '写入日志或见证' : `${names}见证`;
  return { state: 'partial', sentence: `已核验${proven}条，${waits}条等待${whom}（一般1分钟内）。` };
}

export function saidOfLogs({ logs, fault }: Checked): Said {
  if (fault) return { state: 'failed', sentence: faultSentence(fault) };
  const unknown = logs.filter(({ state }) => state === 'unknown');
  if (logs.length === 0 || unknown.length > 0) {
    const names = unknown.map(({ agency }) => agencyNames[agency]).join('、');
    return { state: 'partial', sentence: `还没有收到${names}的日志，收到后自动核验。` };
  }
  const total = logs.reduce((sum, { size }) => sum + size, 0);
  const short = logs.filter(({ enough }) => !enough);
  if (short.length > 0) {
    const names = short.map(({ agency }) => agencyNames[agency]).join('、');
    return { state: 'partial', sentence: `签名有效，共${total}条；${names}的日志等待足够的见证（一般1分钟内）。` };
  }
  const before = logs.flatMap((log) => (log.before ? [log.before.at] : [])).sort()[0];
  const past = before === undefined ? '' : `，与本机${dateTime(before)}所见一致`;
  return { state: 'ok', sentence: `各家日志的签名有效，共${total}条，已由${partiesOf(logs)}方共同见证${past}。` };
}

/** The log's own agency, and those that have cosigned every one of the logs. */
function partiesOf(logs: readonly CheckedLog[]): string {
  const parties = 1 + Math.min(...logs.map(({ cosignatures }) => cosignatures.length));
  return numerals[parties] ?? String(parties);
}

function faultSentence({ kind, agency, index }: Fault): string {
  const whose = agencyNames[agency];
  const then = '请勿改动，保存证据并告知系统管理员会同三方核对。';
  switch (kind) {
    case 'entry':
      return `发现不一致：${whose}日志第${index}条与签名的指纹对不上。${then}`;
    case 'subject':
      return `发现不一致：${whose}日志第${index}条说的不是这个问题。${then}`;
    case 'signature':
      return `发现不一致：${whose}日志的签名或见证无效。${then}`;
    case 'key':
      return `发现不一致：${whose}的公钥与本机记得的不同。请先向${whose}核对公钥指纹，并告知系统管理员。`;
    case 'past':
      return `发现不一致：${whose}的日志与本机上次所见的不是同一份历史。${then}`;
    case 'shrunk':
      return `发现不一致：本机上次见过的${whose}记录，现在拿不出证明。${then}`;
    case 'revoked':
      return `发现不一致：两家机关已吊销${whose}的公钥，自第${index}条起没有仍然有效的签名。${then}`;
    case 'stopped':
      return `发现不一致：${whose}的日志前后矛盾。证据已保存，${then}`;
  }
}

export const meaning = '核验说明记录没有被改过，不说明所写内容属实。';
export const how = [
  '每条记录都有指纹，新指纹包含旧指纹，所以改动任何一条，后面的指纹都会变。',
  '三家机关各存一份，互相在指纹上签名见证，任何一家改了自己的，另外两家就对不上。',
  '刚才的核验由您的浏览器完成，不靠服务器说了算；本机还记得上次见过的指纹，下次接着核对。',
] as const;

/** For the file that is kept when something was found: what came, as it came. */
export function evidenceOf(logs: readonly ProvenLog[], fault: Fault, at: string): string {
  return `${JSON.stringify({ form: 'sanfang.console-finding/v1', at, fault, logs }, undefined, 2)}\n`;
}
