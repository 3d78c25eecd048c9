// `recover` of one agency while its service is stopped: asks all who may hold its log, and says what comes back and what
// cannot.
import { join } from 'node:path';
import { Command } from 'commander';
import { Clock } from '../clock';
import type { Config } from '../config';
import { UsageFault, withStopped } from '../fsck/run';
import { hasKeys, openKeys } from '../keys';
import { withSecond } from '../second-line';
import { openLog, redacted } from '../logging';
import { publisherOfSlices } from '../publishing';
import type { Slice } from '../slice';
import { recoverLog } from './recover';
import type { Recovered } from './recover';
import { askHolders } from './shown';

/** @param words what follows the agency's name @throws UsageFault */
export function understand(config: Config, words: readonly string[]): readonly string[] {
  const command = new Command(`recover ${config.agency}`).exitOverride().configureOutput({ writeErr: () => undefined });
  command.requiredOption('--from <url...>').option('--without <agency...>');
  try {
    command.parse([...words], { from: 'user' });
  } catch (error) {
    throw new UsageFault((error as Error).message);
  }
  const { from, without = [] } = command.opts<{ from: string[]; without?: string[] }>();
  const bad = from.find((url) => !URL.canParse(url) || !/^https?:$/.test(new URL(url).protocol));
  if (bad !== undefined) throw new UsageFault(`--from ${bad} is not an http(s) URL of a peer's feed`);
  const unknown = without.find((name) => !config.peers.some(({ agency }) => agency === name));
  if (unknown !== undefined) throw new UsageFault(`--without ${unknown} is none of the peers`);
  // Whoever may have seen the own signatures is asked, named or not.
  const known = config.peers.filter(({ agency }) => !without.includes(agency)).map(({ url }) => url);
  return [...new Set([...from, ...known].map((url) => url.replace(/\/+$/, '')))];
}

/** @returns exit code: 0 recovered, 1 refused, 2 wrong usage */
export async function runRecover(config: Config, slices: readonly Slice[], words: readonly string[]): Promise<number> {
  try {
    const urls = understand(config, words);
    if (!hasKeys(config.folder)) {
      throw new UsageFault(
        `${config.folder}/keys is not there: a log goes on only with its own keys; restore them first`,
      );
    }
    const log = openLog('error', config.agency, process.stderr);
    const clock = new Clock();
    const { log: signer, recovery } = await withSecond(openKeys(config.folder, config.origin), config);
    const publish = publisherOfSlices(slices);
    const { holders, shown } = await askHolders(urls, signer);
    const recovered = await withStopped(config, log, ({ store, database }) => {
      const parts = { store, database, publish, signer, recovery, folder: join(config.folder, 'log') };
      return recoverLog({ ...parts, clock: () => clock.now(), onProgress: tellProgress }, holders, shown);
    });
    process.stdout.write(told(config, recovered));
    return 0;
  } catch (error) {
    process.stderr.write(
      `未恢复，日志未作改动 / not recovered, the log is unchanged: ${String(redacted((error as Error).message))}\n`,
    );
    return error instanceof UsageFault ? 2 : 1;
  }
}

function tellProgress(done: bigint, size: bigint): void {
  if (done % 102_400n === 0n) process.stderr.write(`${done} / ${size}\n`);
}

function told({ agency }: Config, { size, before, from, events, aside }: Recovered): string {
  return [
    `${agency}：日志已恢复到第${size}条（本机原有${before}条），逐条核对了签名与存储的事件，来源 ${from}。`,
    `log recovered to ${size} entries (${before} were signed here), each compared with signature and stored event, from ${from}.`,
    ...(events === 0
      ? []
      : [
          `事件库缺失的${events}个事件已由对方保管的密封副本补齐；最后一次共享之后未共享的事件没有副本，须由经办人重新录入。`,
          `${events} events that the store had lost are back, from the sealed copies; what followed the last shared one is in no copy.`,
        ]),
    ...(aside === undefined ? [] : [`旧日志目录 / old log folder: ${aside}`]),
    '下次启动时写出日志文件、重新收取对方条目并重建读模型。账户、会话、存疑条目和待取文件清单不在日志中：若数据库已失，须另行恢复或重建。',
    'The next start writes the files, fetches the peers’ entries and rebuilds the read models. Accounts, sessions, parked',
    'entries and the list of files to fetch are in no log: if the database was lost, restore or make them anew.',
    '',
  ].join('\n');
}
