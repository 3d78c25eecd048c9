// The private journal before an outsider: one disclosed event, checked offline, and all anchors of an agency, compared
// with its shared log. Both only with what the agency hands over.
import { readFile, stat } from 'node:fs/promises';
import { Command } from 'commander';
import { civilMinuteOf } from '#joint/civil-time';
import type { Json, JsonObject } from '#kernel/canonical-json';
import { isAnchorType } from '#tlog/anchor';
import { checkAnchors, MAX_ANCHORS_SIZE, readAnchors } from '#tlog/anchors-file';
import type { AnchorFinding, SharedAnchor } from '#tlog/anchors-file';
import { fromUtf8 } from '#tlog/bytes';
import { checkDisclosure, MAX_DISCLOSURE_SIZE } from '#tlog/disclosure';
import type { CheckedDisclosure } from '#tlog/disclosure';
import { DisclosureFault } from '#tlog/proven-anchor';
import type { DisclosureFaultKind, ProvenAnchor } from '#tlog/proven-anchor';
import { policyOf } from './passport';
import { readLogs } from './readings';
import { faultInEnglish, faultSentence } from './sentences';
import type { Finding } from './sentences';
import { BadTarget } from './sources';
import { exitCodes, gravest, verdictSentences } from './verdict';
import type { ExitCode, Flaw } from './verdict';
import { readPolicy } from './verify';

type Terminal = { out(text: string): void; err(text: string): void };
type Flags = { readonly policy?: string; readonly vkey?: readonly string[]; readonly json?: boolean };

const FAULTS: Readonly<Record<DisclosureFaultKind, string>> = {
  form: '文件不合规定格式',
  leaf: '披露的字段不属于这一条记录',
  inclusion: '这一条不在私有日志的这个位置',
  anchor: '锚点与所附检查点、盐不符',
  key: '有未知公钥的签名,请用 --policy 或 --vkey 给出全部日志与见证方的公钥',
  checkpoint: '共享日志的检查点签名不能用已知公钥验证',
  witnesses: '见证签名不足',
  entry: '锚点条目不在共享日志的这个位置',
  before: '前一锚点缺失、不是前一个,或与本锚点矛盾',
};
const ANCHORS: Readonly<Record<AnchorFinding['kind'], readonly [Flaw, string]>> = {
  invalid: ['INVALID', '锚点打不开,或私有日志在两个锚点之间被改写'],
  unproven: ['PARTIAL', '没有给出与前一锚点相连的证明'],
  begunAnew: ['PARTIAL', '私有日志曾经丢失,从此处重新开始'],
  silent: ['PARTIAL', '超过约定间隔的两倍没有锚点'],
};

/** `audit disclosure` and `audit anchors`. @param ends is told the exit code */
export function journalCommands(terminal: Terminal, ends: (code: ExitCode) => void): Command[] {
  const gathered = (value: string, before: string[] = []) => [...before, value];
  const command = (name: string) =>
    new Command(name)
      .exitOverride()
      .configureOutput({ writeOut: terminal.out, writeErr: terminal.err })
      .option('--policy <文件>', '信任策略文件(C2SP tlog-policy)')
      .option('--json', '在标准输出打印一行 JSON 结果');
  return [
    command('disclosure')
      .description('核验披露包:私有日志中的一个事件或其部分字段;不联网')
      .argument('<文件>', '披露包文件(npm run disclose 写出)')
      .option('--vkey <公钥>', '日志或见证方的验证公钥,从可靠渠道取得;可多次给出', gathered)
      .action(async (file: string, flags: Flags) => ends(await verifyDisclosure(file, flags, terminal))),
    command('anchors')
      .description('核验一个机关的全部锚点:能否打开、前后是否相连、有无缺失;指出第一处')
      .argument('<文件>', '锚点文件(npm run disclose -- <机关> --anchors 写出)')
      .argument('<日志>', '该机关的网址、日志前缀网址或日志文件夹')
      .action(async (file: string, log: string, flags: Flags) => ends(await verifyAnchors(file, log, flags, terminal))),
  ];
}

/** @throws PolicyFault or BadTarget for wrong usage */
async function verifyDisclosure(file: string, { policy, vkey = [], json }: Flags, terminal: Terminal) {
  if (policy === undefined && vkey.length === 0) {
    throw new BadTarget('请用 --policy 或 --vkey 给出共享日志与见证方的公钥,披露包自带的不可信');
  }
  const trusted = policy === undefined ? policyOf(vkey) : await readPolicy(policy);
  const bytes = await bytesOf(file, MAX_DISCLOSURE_SIZE);
  try {
    const checked = checkDisclosure(bytes, trusted);
    terminal.out(
      json ? `${JSON.stringify({ ok: true, verdict: 'WHOLE', ...summary(checked) })}\n` : sentences(checked),
    );
    return exitCodes.WHOLE;
  } catch (error) {
    if (!(error instanceof DisclosureFault)) throw error;
    return told([findingOf(error, file)], json, terminal);
  }
}

/** @throws PolicyFault or BadTarget for wrong usage */
async function verifyAnchors(file: string, target: string, { policy, json }: Flags, terminal: Terminal) {
  const bytes = await bytesOf(file, MAX_ANCHORS_SIZE);
  const shared: SharedAnchor[] = [];
  let lastAt = '';
  const options = { ...(policy !== undefined && { policy }), onNotice: (text: string) => terminal.err(`${text}\n`) };
  const { logs, faults } = await readLogs([target], options, () => (entry, index) => {
    const { type, at } = JSON.parse(fromUtf8(entry)) as { type: string; at: string };
    lastAt = at;
    if (isAnchorType(type)) shared.push({ index: BigInt(index), bytes: entry.slice() });
  });
  const [log] = logs;
  if (!log) return told(faults, json, terminal);
  try {
    const opened = readAnchors(bytes);
    if (opened.log !== log.origin) throw new BadTarget(`锚点文件属于日志 ${opened.log},不是 ${log.origin}`);
    const findings = [...checkAnchors(opened, shared, lastAt)].map(({ kind, index, what }): Finding => {
      const [verdict, zh] = ANCHORS[kind];
      return { verdict, origin: log.origin, index: Number(index), what: zh, reason: what };
    });
    if (findings.length > 0) return told(findings, json, terminal);
  } catch (error) {
    if (!(error instanceof DisclosureFault)) throw error;
    return told([findingOf(error, file)], json, terminal);
  }
  const whole = { ok: true, verdict: 'WHOLE', origin: log.origin, anchors: shared.length, size: log.size };
  const sentence = `日志 ${log.origin} 的 ${shared.length} 个锚点全部打开,前后相连,没有缺失:私有日志在锚点之间没有被改写。\n`;
  terminal.out(json ? `${JSON.stringify(whole)}\n` : sentence + verdictSentences('WHOLE'));
  return exitCodes.WHOLE;
}

async function bytesOf(file: string, most: number): Promise<Uint8Array> {
  const found = await stat(file).catch(() => undefined);
  if (!found?.isFile()) throw new BadTarget(`${file} 不是文件,请检查路径`);
  if (found.size > most) throw new BadTarget(`${file} 超出此类文件的大小上限`);
  return readFile(file);
}

function findingOf({ kind, what, at }: DisclosureFault, file: string): Finding {
  const place = at.index === undefined ? {} : { index: Number(at.index) };
  return { verdict: 'INVALID', origin: at.origin ?? file, ...place, what: FAULTS[kind], reason: what };
}

function told(findings: readonly Finding[], json: boolean | undefined, terminal: Terminal): ExitCode {
  const verdict = gravest(findings.map((finding) => finding.verdict));
  const [first] = findings.filter((finding) => finding.verdict === verdict);
  if (json) terminal.out(`${JSON.stringify({ ok: false, ...first, faults: findings })}\n`);
  for (const finding of findings) terminal.err(`${faultSentence(finding)}\n${faultInEnglish(finding)}\n`);
  terminal.err(verdictSentences(verdict));
  return exitCodes[verdict];
}

function anchorLine({ anchor, index, journal, shared }: ProvenAnchor) {
  const witnesses = shared.cosignatures.map(({ key, time }) => ({ name: key.name, at: rfc3339(time) }));
  return { nth: anchor.nth, index: Number(index), size: Number(journal.size), recordedAt: anchor.at, witnesses };
}

function summary({ origin, id, index, fields, whole, anchor, before }: CheckedDisclosure) {
  const shown = fields.map(({ name, value }): JsonObject => ({ name, value }));
  const bracket = { presentIn: anchorLine(anchor), ...(before && { absentIn: anchorLine(before) }) };
  return { origin, id, index: Number(index), whole, fields: shown, ...bracket };
}

function sentences({ origin, id, index, fields, whole, anchor, before }: CheckedDisclosure): string {
  const lines = fields
    .filter(({ name }) => name !== 'names')
    .map(({ name, value }) => `  ${printable(name)} = ${printable(value)}\n`);
  const absent = before
    ? `在${timesOf(before, 'first')}的第 ${before.anchor.nth} 个锚点中还没有这一条`
    : '之前没有可比的锚点,不能证明最早时间';
  return [
    `披露包有效:事件 ${id} 是日志 ${origin} 所属机关私有日志的第 ${index} 条(序号从 0 起),锚定以后未被改动。\n`,
    ...(lines.length > 0 ? [whole ? '全部内容:\n' : '披露的部分:\n', ...lines] : ['没有披露内容。\n']),
    `时间范围:${absent};在${timesOf(anchor, 'last')}的第 ${anchor.anchor.nth} 个锚点中已有。\n`,
    '本文件不能证明:所记属实,记入之前没有拖延,以及私有日志中还有什么。\n',
    verdictSentences('WHOLE'),
  ].join('');
}

/** Absent by the earliest word of a witness, present by the latest: the wider of what they say. */
function timesOf({ anchor, shared }: ProvenAnchor, which: 'first' | 'last'): string {
  const times = shared.cosignatures.map(({ time }) => time).sort((a, b) => (a < b ? -1 : 1));
  const time = which === 'first' ? times[0] : times.at(-1);
  if (time === undefined) return `机关自称 ${civilMinuteOf(anchor.at)}(北京时间,无人见证)`;
  return `见证方于 ${civilMinuteOf(rfc3339(time))}(北京时间)见证`;
}

function rfc3339(seconds: bigint): string {
  return new Date(Number(seconds) * 1000).toISOString();
}

/** As JSON on one line, with nothing in it that could steer a terminal. */
function printable(value: Json): string {
  return JSON.stringify(value).replace(/[\p{C}\p{Zl}\p{Zp}]/gu, (c) => `\\u{${c.codePointAt(0)!.toString(16)}}`);
}
