// `rotate-key` of one agency while its service is stopped: makes the next key, and the note by which the old one hands
// over. From the next start on both sign, and the log announces the new one; nothing has to be sent to anybody.
import { join } from 'node:path';
import { Command } from 'commander';
import { COSIGNER_KEY_TYPE, formatVkey, LOG_KEY_TYPE } from '#tlog/key';
import { readHandover } from '#tlog/handover';
import { utf8 } from '#tlog/bytes';
import type { Handover } from '#tlog/handover';
import type { Config } from './config';
import { demandData, UsageFault, withStopped } from './fsck/run';
import { takeTurn } from './key-turns';
import type { Role } from './key-turns';
import { openKeys, witnessName } from './keys';
import { openLog, redacted } from './logging';
import { lastCheckpoint } from './relay-tables';
import type { Slice } from './slice';

const dayMs = 86_400_000;
const maxDays = 3_650;

export type Rotation = { readonly role: Role; readonly overlapDays: number };

/** @param at milliseconds since 1970 @param signed size of the last signed checkpoint of the own log */
export function rotate(config: Config, { role, overlapDays }: Rotation, signed: bigint, at: number): Handover {
  const { folder, origin } = config;
  // Made at the first start, and so there to hand over.
  openKeys(folder, origin, at);
  const isLog = role === 'log';
  const name = isLog ? origin : witnessName(origin);
  const type = isLog ? LOG_KEY_TYPE : COSIGNER_KEY_TYPE;
  const until = new Date(at + overlapDays * dayMs).toISOString();
  return readHandover(utf8(takeTurn(join(folder, 'keys'), { role, name, type }, { origin, from: signed, until }, at)));
}

/** @param words what follows the agency's name @throws UsageFault */
export function understand(agency: string, words: readonly string[]): Rotation {
  const command = new Command(`rotate-key ${agency}`).exitOverride().configureOutput({ writeErr: () => undefined });
  command.option('--log').option('--witness').option('--overlap <days>', '', '30');
  try {
    command.parse([...words], { from: 'user' });
  } catch (error) {
    throw new UsageFault((error as Error).message);
  }
  const { log, witness, overlap } = command.opts<{ log?: boolean; witness?: boolean; overlap: string }>();
  if (log && witness) throw new UsageFault('--log or --witness, one key at a time');
  if (!/^\d{1,4}$/.test(overlap) || Number(overlap) > maxDays) {
    throw new UsageFault(`--overlap ${overlap} is not a number of days from 0 to ${maxDays}`);
  }
  return { role: witness ? 'witness' : 'log', overlapDays: Number(overlap) };
}

/** @param words what follows the agency's name @returns exit code: 0 made, 1 refused, 2 wrong usage */
export async function runRotate(config: Config, _slices: readonly Slice[], words: readonly string[]): Promise<number> {
  try {
    const rotation = understand(config.agency, words);
    demandData(config);
    const log = openLog('error', config.agency, process.stderr);
    const handover = await withStopped(config, log, async ({ database }) => {
      const signed = await lastCheckpoint(database);
      return rotate(config, rotation, signed?.size ?? 0n, Date.now());
    });
    process.stdout.write(told(config, rotation, handover));
    return 0;
  } catch (error) {
    process.stderr.write(`未轮换 / not rotated: ${String(redacted((error as Error).message))}\n`);
    return error instanceof UsageFault ? 2 : 1;
  }
}

function told({ agency }: Config, { role }: Rotation, { next, from, until }: Handover): string {
  const what = role === 'log' ? '日志' : '见证';
  return [
    `${agency}：${what}新密钥已生成，旧密钥的交接声明已签。下次启动时在日志中公布（第${from}条之后），旧密钥并行签名至 ${until}。`,
    `the next ${role} key is made and the old one has signed it over; the next start announces it in the log (beyond size ${from}).`,
    `Until ${until} both sign. New verifier key, for whoever keeps keys on paper or in a policy file:`,
    formatVkey(next),
    '请现在备份密钥目录 / back up the keys folder now.',
    '',
  ].join('\n');
}
