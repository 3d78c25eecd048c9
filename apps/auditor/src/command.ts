// The auditor's command line, apart from the process that it runs in, so that tests call what people type.
import { Command, CommanderError } from 'commander';
import { PolicyFault } from '#tlog/policy';
import { diffDates, diffMirrors } from './diff';
import type { DiffResult } from './diff';
import { diffText } from './diff-command';
import { journalCommands } from './disclosure';
import { checkEvidence } from './evidence';
import { mirror } from './mirror';
import { isFile, issuePassport, verifyPassport } from './passport';
import { replayLogs } from './replay-command';
import { eachLog } from './readings';
import { faultInEnglish, faultSentence, passportSentence, wholeSentence } from './sentences';
import type { Finding } from './sentences';
import { exitCodes, gravest, verdictSentences } from './verdict';
import type { ExitCode, Verdict } from './verdict';
import { BadTarget } from './sources';
import { audit } from './verify';
import { watchCommand } from './watch-command';
import type { Machine } from './watch-command';
import { why } from './why';
import { whyText } from './why-command';
import type { AuditOptions } from './verify';

export interface Terminal {
  /** Results; one JSON line with --json. */
  out(text: string): void;
  /** Everything for people. */
  err(text: string): void;
  /** May a progress bar be drawn on `err`? */
  readonly isTerminal: boolean;
}

type Flags = { policy?: string; json?: boolean; vkey?: string[] };

/** Runs one command of them. Exit code: 0 WHOLE, 1 INVALID, 2 wrong usage, 3 PARTIAL, 4 DIVERGED. */
export async function runAuditor(argv: readonly string[], terminal: Terminal, machine?: Machine): Promise<ExitCode> {
  let code: ExitCode = 0;
  const program = new Command('audit').description('核验三机关的签名日志:签名、每条内容、各层哈希与树根');
  program.exitOverride().configureOutput({ writeOut: terminal.out, writeErr: terminal.err });
  program
    .command('verify')
    .description('核验一个或多个日志,或凭证包文件;无误返回 0,有误返回 1 并指出第一处')
    .argument('<日志...>', '机关网址(如 http://127.0.0.1:8801)、日志前缀网址、日志文件夹,或凭证包文件')
    .option('--policy <文件>', '信任策略文件(C2SP tlog-policy)')
    .option('--vkey <公钥>', '核验凭证包用:日志或见证方的验证公钥,从可靠渠道取得;可多次给出', gathered)
    .option('--json', '在标准输出打印一行 JSON 结果')
    .action(async (targets: string[], flags: Flags) => {
      const files = await Promise.all(targets.map(isFile));
      if (files.some((file) => file !== files[0])) throw new BadTarget('日志与凭证包请分开核验');
      if (!files[0] && flags.vkey) throw new BadTarget('--vkey 只用于核验凭证包;核验日志请用 --policy');
      code = files[0] ? await verifyFiles(targets, flags, terminal) : await verifyAll(targets, flags, terminal);
    });
  program
    .command('passport')
    .description('从核验过的日志中取出一个问题的全部记录,连同证明写成一个凭证包文件')
    .argument('<日志...>', '机关网址、日志前缀网址或日志文件夹,三个机关都列出才收录齐全')
    .requiredOption('--issue <编号>', '问题的编号(issueId)')
    .requiredOption('--out <文件>', '写入的文件')
    .option('--policy <文件>', '信任策略文件(C2SP tlog-policy)')
    .option('--json', '在标准输出打印一行 JSON 结果')
    .action(async (targets: string[], flags: Flags & { issue: string; out: string }) => {
      code = await writePassport(targets, flags, terminal);
    });
  program
    .command('mirror')
    .description('把日志复制到文件夹并逐条核验;可中断后继续')
    .argument('<网址>', '机关网址或日志前缀网址')
    .argument('<文件夹>', '保存日志的文件夹')
    .option('--policy <文件>', '信任策略文件(C2SP tlog-policy)')
    .option('--json', '在标准输出打印一行 JSON 结果')
    .action(async (url: string, folder: string, flags: Flags) => {
      code = await mirrorOne(url, folder, flags, terminal);
    });
  program.addCommand(evidenceCommand(terminal, (ended) => (code = ended)));
  for (const each of journalCommands(terminal, (ended) => (code = ended))) program.addCommand(each);
  program.addCommand(replayCommand(terminal, (ended) => (code = ended)));
  program.addCommand(whyCommand(terminal, (ended) => (code = ended)));
  program.addCommand(diffCommand(terminal, (ended) => (code = ended)));
  const watching = watchCommand(
    terminal,
    machine,
    (flags) => options(flags, terminal),
    (verdict, flags) => (code = told({ verdict }, [], flags, terminal)),
  );
  program.addCommand(watching);
  try {
    await program.parseAsync(spelled(argv), { from: 'user' });
    return code;
  } catch (error) {
    // commander has told its own complaint already.
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
    if (!(error instanceof PolicyFault || error instanceof BadTarget)) throw error;
    terminal.err(`${error.message}\n`);
    return 2;
  }
}

async function verifyAll(targets: string[], flags: Flags, terminal: Terminal): Promise<ExitCode> {
  const result = await audit(targets, options(flags, terminal));
  if (flags.json) terminal.out(`${JSON.stringify(result)}\n`);
  else for (const log of result.logs) terminal.out(`${wholeSentence(log)}\n`);
  return told(result, result.ok ? [] : result.faults, flags, terminal);
}

/** Ends a command: each finding in both languages, and the verdict as its exit code. */
function told(
  { verdict }: { readonly verdict: Verdict },
  faults: readonly Finding[],
  { json }: Flags,
  terminal: Terminal,
): ExitCode {
  for (const fault of faults) terminal.err(`${faultSentence(fault)}\n${faultInEnglish(fault)}\n`);
  if (verdict !== 'WHOLE') terminal.err(verdictSentences(verdict));
  else if (!json) terminal.out(verdictSentences(verdict));
  return exitCodes[verdict];
}

async function verifyFiles(files: string[], { policy, vkey, json }: Flags, terminal: Terminal): Promise<ExitCode> {
  const found: Verdict[] = [];
  for (const file of files) {
    const keys = { ...(policy === undefined ? {} : { policy }), ...(vkey === undefined ? {} : { vkeys: vkey }) };
    const verdict = await verifyPassport(file, keys);
    if (json) terminal.out(`${JSON.stringify(verdict)}\n`);
    else if (verdict.ok) terminal.out(`${passportSentence(verdict)}\n`);
    found.push(verdict.verdict);
    if (!verdict.ok) terminal.err(`凭证包 ${file} 核验未通过:${faultSentence(verdict)}\n${faultInEnglish(verdict)}\n`);
  }
  return told({ verdict: gravest(found) }, [], { json: json === true }, terminal);
}

function replayCommand(terminal: Terminal, ends: (code: ExitCode) => void): Command {
  return new Command('replay')
    .exitOverride()
    .configureOutput({ writeOut: terminal.out, writeErr: terminal.err })
    .description('只凭日志重建台账、轮次和时间轴,打印合计与 SHA-256;三个机关的日志都要给出')
    .argument('<日志...>', '机关网址、日志前缀网址、日志文件夹,或其下有各日志的文件夹')
    .option('--out <文件>', '写出各行的 SHA-256,供另一次重放比对')
    .option('--against <文件>', '与另一次重放 --out 写出的文件比对:重放到同样的条数,指出第一处不同的行')
    .option('--policy <文件>', '信任策略文件(C2SP tlog-policy)')
    .option('--json', '在标准输出打印一行 JSON 结果')
    .action(async (targets: string[], flags: Flags & { out?: string; against?: string }) => {
      const result = await replayLogs(await eachLog(targets), flags, options(flags, terminal), terminal);
      ends(told(result, result.faults, flags, terminal));
    });
}

function evidenceCommand(terminal: Terminal, ends: (code: ExitCode) => void): Command {
  return new Command('evidence')
    .exitOverride()
    .configureOutput({ writeOut: terminal.out, writeErr: terminal.err })
    .description('核验分叉证据文件:两份检查点确由同一日志签名且互相矛盾时返回 0')
    .argument('<文件>', '证据文件(<数据目录>/<机关>/evidence/*.fork.json)')
    .option('--policy <文件>', '信任策略文件(C2SP tlog-policy),其中列有该日志的公钥')
    .option('--vkey <公钥>', '该日志的验证公钥,从可靠渠道取得')
    .option('--json', '在标准输出打印一行 JSON 结果')
    .action(async (file: string, flags: Omit<Flags, 'vkey'> & { vkey?: string }) => {
      const result = await checkEvidence(file, flags);
      if (flags.json) terminal.out(`${JSON.stringify(result)}\n`);
      if (!result.ok) terminal.err(`${result.sentence}\n`);
      else if (!flags.json) terminal.out(`${result.sentence}\n`);
      ends(result.ok ? 0 : 1);
    });
}

function whyCommand(terminal: Terminal, ends: (code: ExitCode) => void): Command {
  return new Command('why')
    .exitOverride()
    .configureOutput({ writeOut: terminal.out, writeErr: terminal.err })
    .description('一个问题为何是现在这样:每条记录由谁办、凭哪条规则放行、当时知道什么、谁见证过')
    .argument('<问题>', '编号(如“一(一)1”)或标识(issueId)')
    .argument('<日志...>', '机关网址、日志前缀网址、日志文件夹,或其下有各日志的文件夹;三个机关都要给出')
    .option('--policy <文件>', '信任策略文件(C2SP tlog-policy)')
    .option('--json', '在标准输出打印一行 JSON 结果')
    .action(async (name: string, targets: string[], flags: Flags) => {
      const result = await why(await eachLog(targets), name, options(flags, terminal));
      if (flags.json) terminal.out(`${JSON.stringify(result)}\n`);
      else if (result.why) terminal.out(whyText(result.why));
      ends(told(result, result.faults, flags, terminal));
    });
}

type DiffFlags = Flags & { with?: string[]; at?: string; and?: string };

function diffCommand(terminal: Terminal, ends: (code: ExitCode) => void): Command {
  return new Command('diff')
    .exitOverride()
    .configureOutput({ writeOut: terminal.out, writeErr: terminal.err })
    .description('同样的日志的两份镜像,或一份镜像的两个日期:先说一份是否为另一份的开头,再说台账变了什么、哪些条目使然')
    .usage('<日志...> -- <日志...> | <日志...> --at 日期 --and 日期')
    .argument('<日志...>', '机关网址、日志前缀网址、日志文件夹,或其下有各日志的文件夹;三个机关都要给出')
    .option('--with <logs...>', '第二份,写成 -- 也可以')
    .option('--at <日期>', '前一日期(北京时间当天结束)或时刻')
    .option('--and <日期>', '后一日期(北京时间当天结束)或时刻')
    .option('--policy <文件>', '信任策略文件(C2SP tlog-policy)')
    .option('--json', '在标准输出打印一行 JSON 结果')
    .action(async (targets: string[], flags: DiffFlags) => {
      const result = await compared(targets, flags, options(flags, terminal));
      if (flags.json) terminal.out(`${JSON.stringify(result)}\n`);
      else terminal.out(diffText(result));
      ends(told(result, result.faults, flags, terminal));
    });
}

async function compared(targets: string[], flags: DiffFlags, more: AuditOptions): Promise<DiffResult> {
  const { at, and, with: second } = flags;
  const first = await eachLog(targets);
  if (second && at === undefined && and === undefined) return diffMirrors(first, await eachLog(second), more);
  if (!second && at !== undefined && and !== undefined) return diffDates(first, [at, and], more);
  throw new BadTarget('请给出两份镜像(中间写 --),或一份镜像和两个日期(--at 与 --and)');
}

/** `diff A… -- B…` as its parser wants it: what stands behind the dashes is the second. */
function spelled(argv: readonly string[]): string[] {
  return argv.map((word) => (word === '--' && argv[0] === 'diff' ? '--with' : word));
}

async function writePassport(
  targets: string[],
  flags: Flags & { issue: string; out: string },
  terminal: Terminal,
): Promise<ExitCode> {
  const made = await issuePassport(targets, flags.issue, flags.out, options(flags, terminal));
  if (flags.json) terminal.out(`${JSON.stringify(made)}\n`);
  if (!made.ok) return told(made, [made], flags, terminal);
  const { issue, entries, logs, file } = made;
  if (!flags.json) terminal.out(`问题 ${issue} 的凭证包已写入 ${file}:${logs} 份日志中的 ${entries} 条记录。\n`);
  return told(made, [], flags, terminal);
}

async function mirrorOne(url: string, folder: string, flags: Flags, terminal: Terminal): Promise<ExitCode> {
  const result = await mirror(url, folder, options(flags, terminal));
  if (flags.json) terminal.out(`${JSON.stringify(result)}\n`);
  if (!result.ok) return told(result, [result], flags, terminal);
  const { origin, size, before } = result;
  if (!flags.json) terminal.out(`日志 ${origin} 已镜像到 ${folder}:共 ${size} 条,本次新增 ${size - before} 条。\n`);
  return told(result, [], flags, terminal);
}

function gathered(value: string, before: string[] = []): string[] {
  return [...before, value];
}

function options({ policy }: Flags, terminal: Terminal): AuditOptions {
  return {
    ...(policy === undefined ? {} : { policy }),
    onNotice: (sentence) => terminal.err(`${sentence}\n`),
    ...(terminal.isTerminal ? { onProgress: progressBar(terminal) } : {}),
  };
}

function progressBar({ err }: Terminal) {
  return (place: string, done: bigint, size: bigint): void => {
    const tenths = Number((done * 20n) / size);
    const bar = '█'.repeat(tenths).padEnd(20, '░');
    err(`\r${bar} ${done}/${size} ${place}${done === size ? '\r\u001b[K' : ''}`);
  };
}
