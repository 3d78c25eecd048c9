// What the agencies whose logs are read say of each other's keys (docs/spec/keys.md section 4). The words are known when all
// logs have been read, so each log is weighed after that: it was whole by its keys, and now some of them may not count.
import { agencyNames } from '#contracts/agencies';
import { agencies } from '#kernel/envelope';
import { fromUtf8 } from '#tlog/bytes';
import { isSame, readHandovers } from '#tlog/handover';
import type { Handover } from '#tlog/handover';
import { turnsOf } from '#tlog/key';
import type { VerifierKey } from '#tlog/key';
import { BadFile } from '#tlog/log-reader';
import { MAX_NOTE_SIZE, NoteFault } from '#tlog/note';
import { refusedFrom, revocationsOf } from '#tlog/revocations';
import type { Word } from '#tlog/revocations';
import type { Finding } from './sentences';
import { Unreachable } from './sources';
import type { LogPlace } from './sources';
import { agencyOf } from './speaker';
import { keysFile } from './successors';

/** A log that verified by its keys. */
export type Read = {
  readonly place: Pick<LogPlace, 'read'>;
  /** As it was given, with its turns. */
  readonly key: VerifierKey;
  readonly log: { readonly note: Uint8Array; readonly words: readonly Word[] };
};

/**
 * @param firstUse keys were taken from the logs: the oldest key that a log leads to is held against the words, since a
 * thief shows his own as the newest
 * @returns one finding for each log that a revoked key alone has signed, and what one agency says by itself
 */
export async function weighed(
  logs: readonly Read[],
  firstUse: boolean,
): Promise<{ readonly faults: readonly Finding[]; readonly notices: readonly string[] }> {
  const words = logs.flatMap(({ log }) => log.words);
  const faults: Finding[] = [];
  const notices: string[] = [];
  for (const read of logs) {
    const { name: origin } = read.key;
    const about = words.filter((word) => word.origin === origin);
    if (about.length === 0) continue;
    const handovers = await handoversOf(read);
    if (!Array.isArray(handovers)) {
      faults.push(handovers);
      continue;
    }
    const from = judged(read, firstUse, handovers, about);
    if (from !== undefined) {
      faults.push(revokedBeyond(origin, from, about));
      continue;
    }
    for (const by of agencies) {
      const alone = judged(read, firstUse, handovers, about, by);
      if (alone !== undefined) notices.push(saidAlone(origin, alone, agencyNames[by]));
    }
  }
  return { faults, notices };
}

async function handoversOf({ place, key }: Read): Promise<Handover[] | Finding> {
  try {
    const file = await place.read(keysFile, MAX_NOTE_SIZE);
    return file ? readHandovers(fromUtf8(file)) : [];
  } catch (error) {
    if (!(error instanceof Unreachable || error instanceof BadFile || error instanceof NoteFault)) throw error;
    // It was read with the log a moment ago.
    const what = `密钥交接文件不能再读(${error.message}),无法判断被吊销的公钥`;
    return {
      verdict: 'PARTIAL',
      origin: key.name,
      what,
      reason: 'its handovers could not be read again',
      where: keysFile,
    };
  }
}

function judged(
  { key, log }: Read,
  firstUse: boolean,
  handovers: readonly Handover[],
  words: readonly Word[],
  here?: (typeof agencies)[number],
): bigint | undefined {
  const revocations = revocationsOf(words, agencyOf(key.name), here);
  const [oldest] = turnsOf(key);
  if (!firstUse) return refusedFrom(log.note, key, handovers, revocations);
  const isOfLog = (other: VerifierKey | undefined) => other && turnsOf(key).some((turn) => isSame(turn.key, other));
  const strange = revocations.find((each) => !isOfLog(each.key) && !isOfLog(each.successor));
  return strange ? strange.lastGoodSize : refusedFrom(log.note, oldest!.key, handovers, revocations);
}

function revokedBeyond(origin: string, from: bigint, words: readonly Word[]): Finding {
  const by = [...new Set(words.map((word) => agencyNames[word.by]))].join('、');
  const keys = [...new Set(words.map(({ vkey }) => vkey))].join('、');
  const what = `从此条起,没有仍然有效的公钥签名:${by}已吊销公钥 ${keys}`;
  const reason = 'from this entry on only a key that two agencies have revoked stands for it';
  return { verdict: 'INVALID', origin, index: Number(from), what, reason, where: 'checkpoint' };
}

function saidAlone(origin: string, from: bigint, by: string): string {
  return (
    `注意:${by}在其日志中声明 ${origin} 的公钥已为他人所知,从第 ${from} 条(序号从 0 起)起不应采信。` +
    '须有两个机关如此声明,本审计才据此判为无效;请向各机关核实,并把全部日志一起核验。'
  );
}
