// `audit watch` on the command line: what happens is told line by line, for people in Chinese or for programs as JSON.
import { Command } from 'commander';
import { faultInEnglish, faultSentence } from './sentences';
import { BadTarget } from './sources';
import type { AuditOptions } from './verify';
import type { Verdict } from './verdict';
import { watch } from './watch';
import type { WatchEvent } from './watch';

/** What of the machine a command needs that runs on: its clock, and the wish to end. */
export interface Machine {
  /** Milliseconds since 1970. */
  now(): number;
  /** Aborted when the process is asked to end; asking for it keeps the process from ending at once. */
  stopping(): AbortSignal;
}

type Flags = {
  readonly key: string;
  readonly state: string;
  readonly name?: string;
  readonly listen?: string;
  readonly every: string;
  readonly once?: boolean;
  readonly policy?: string;
  readonly json?: boolean;
};

/** @param run ends the command with a verdict */
export function watchCommand(
  terminal: { out(text: string): void; err(text: string): void },
  machine: Machine | undefined,
  optionsOf: (flags: { policy?: string }) => AuditOptions,
  ends: (verdict: Verdict, flags: { json?: boolean }) => void,
): Command {
  return new Command('watch')
    .exitOverride()
    .configureOutput({ writeOut: terminal.out, writeErr: terminal.err })
    .description('作为局外见证方运行:跟随各日志,逐条读过才加签,只进不退;不需要业务数据库')
    .argument('<日志...>', '机关网址、日志前缀网址或日志文件夹')
    .requiredOption('--key <文件>', '见证私钥;没有时按 --name 生成,仅本人可读')
    .requiredOption('--state <文件夹>', '签过什么的记录;与私钥一同备份,不可回退')
    .option('--name <名称>', '新私钥的名称,如 auditor.example.org/witness/v1')
    .option('--listen <主机:端口>', '提供 C2SP tlog-witness 接口,供各机关的信任策略填写网址')
    .option('--every <秒>', '两次查看之间的秒数', '5')
    .option('--once', '每份日志只看一次就结束')
    .option('--policy <文件>', '信任策略文件(C2SP tlog-policy),其中列有各日志的公钥')
    .option('--json', '每件事在标准输出打印一行 JSON')
    .action(async (targets: string[], flags: Flags) => {
      const seconds = Number(flags.every);
      if (!(seconds >= 0.1 && seconds <= 86_400))
        throw new BadTarget(`--every 应为 0.1 至 86400 秒,而不是“${flags.every}”`);
      if (!machine) throw new Error('watch needs a clock');
      const { policy, name, listen, json } = flags;
      const verdict = await watch(targets, {
        ...optionsOf(policy === undefined ? {} : { policy }),
        ...{ keyFile: flags.key, folder: flags.state, everyMs: seconds * 1000, once: flags.once === true },
        ...(name !== undefined && { name }),
        ...(listen !== undefined && { listen }),
        milliseconds: () => machine.now(),
        signal: machine.stopping(),
        onEvent: (event) => (json ? terminal.out(`${JSON.stringify(event)}\n`) : tell(event, terminal)),
      });
      ends(verdict, json === undefined ? {} : { json });
    });
}

function tell(event: WatchEvent, { out, err }: { out(text: string): void; err(text: string): void }): void {
  switch (event.kind) {
    case 'key':
      if (event.isNew) out('新见证私钥已生成。请把下面的验证公钥交给各机关,写入其信任策略的 witness 行:\n');
      out(`${event.vkey}\n`);
      return;
    case 'listening':
      out(`见证接口:${event.url}(POST /add-checkpoint,GET /<日志名的 SHA-256>/checkpoint)\n`);
      return;
    case 'cosigned':
      out(`日志 ${event.origin}:已读过并见证前 ${event.size} 条。\n`);
      return;
    case 'finding':
      err(`${faultSentence(event.finding)}\n${faultInEnglish(event.finding)}\n`);
  }
}
