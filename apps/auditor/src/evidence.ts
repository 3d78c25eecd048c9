// A file that an agency kept when it found that a log had signed two histories: does it prove that, to whoever knows the
// log's key and nothing else?
import { readFile } from 'node:fs/promises';
import { ForkUnproven, proveFork, readFork } from '#tlog/fork';
import { LOG_KEY_TYPE, parseVkey } from '#tlog/key';
import type { VerifierKey } from '#tlog/key';
import { BadTarget } from './sources';
import { readPolicy } from './verify';

export type EvidenceResult = {
  readonly ok: boolean;
  /** Of the file: WHOLE when it proves that the log is a fork. */
  readonly verdict: 'WHOLE' | 'INVALID';
  readonly origin: string;
  readonly sizes: readonly number[];
  readonly sentence: string;
};

/** @throws BadTarget, PolicyFault for wrong usage */
export async function checkEvidence(
  path: string,
  options: { readonly policy?: string; readonly vkey?: string },
): Promise<EvidenceResult> {
  const bytes = await readFile(path).catch((cause: unknown) => {
    throw new BadTarget(`无法读取证据文件 ${path}(${(cause as NodeJS.ErrnoException).code})`, { cause });
  });
  let origin = path;
  try {
    const fork = readFork(bytes);
    ({ origin } = fork);
    const [first, second] = proveFork(fork, await keyFor(origin, options));
    const sizes = [Number(first.size), Number(second.size)];
    const what =
      sizes[0] === sizes[1]
        ? `对同一大小 ${sizes[0]} 签了两个不同的树根`
        : `先后签了大小 ${sizes[0]} 和 ${sizes[1]} 的两份历史,后者不以前者开头`;
    return {
      ok: true,
      verdict: 'WHOLE',
      origin,
      sizes,
      sentence: `证据成立:日志 ${origin} ${what}。两份签名都用其公钥验证无误。`,
    };
  } catch (error) {
    if (!(error instanceof ForkUnproven)) throw error;
    return { ok: false, verdict: 'INVALID', origin, sizes: [], sentence: `证据不成立:${origin} ${error.message}。` };
  }
}

async function keyFor(origin: string, { policy, vkey }: { policy?: string; vkey?: string }): Promise<VerifierKey> {
  if (vkey !== undefined) {
    try {
      const key = parseVkey(vkey);
      if (key.type === LOG_KEY_TYPE) return key;
    } catch (cause) {
      throw new BadTarget(`--vkey 不是有效的验证公钥(${(cause as Error).message})`, { cause });
    }
    throw new BadTarget('--vkey 须为日志公钥(类型 1)');
  }
  if (policy === undefined) throw new BadTarget('请用 --policy 或 --vkey 给出该日志的公钥,证据文件自带的不可信');
  const key = (await readPolicy(policy)).logs.find(({ name }) => name === origin);
  if (!key) throw new BadTarget(`策略文件没有列出日志 ${origin}`);
  return key;
}
