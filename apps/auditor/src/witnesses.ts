// Who confirms a log besides the log itself: the cosignatures on its checkpoint and on the file `cosigned` beside it,
// which holds the newest checkpoint that enough witnesses have signed. A log in use is always a few entries ahead of them.
import { fromUtf8 } from '#tlog/bytes';
import { openCheckpoint } from '#tlog/checkpoint';
import type { OpenCheckpoint } from '#tlog/checkpoint';
import { COSIGNER_KEY_TYPE, formatVkey, parseVkey } from '#tlog/key';
import type { VerifierKey } from '#tlog/key';
import { BadFile } from '#tlog/log-reader';
import { MAX_NOTE_SIZE } from '#tlog/note';
import { hostOf, isEnough } from '#tlog/policy';
import type { Policy } from '#tlog/policy';
import { AuditFault } from './sentences';
import { Unreachable } from './sources';
import type { LogPlace } from './sources';

/** How far witnesses confirm a log, and which of them. */
export interface Confirmed {
  readonly size: number;
  /** Names of their keys. */
  readonly by: readonly string[];
}

const VKEY_LIMIT = 4_096;

/** Keys of the witnesses that stand beside the logs themselves: for an audit without a policy, trusted on first use. */
export async function witnessKeysBeside(places: readonly LogPlace[]): Promise<VerifierKey[]> {
  const keys = await Promise.all(
    places.map(async (place) => {
      try {
        const bytes = await place.read('witness-vkey', VKEY_LIMIT);
        const key = bytes && parseVkey(fromUtf8(bytes));
        return key?.type === COSIGNER_KEY_TYPE ? [key] : [];
      } catch {
        // A witness key that cannot be read confirms nothing; what is wrong with the log itself is said elsewhere.
        return [];
      }
    }),
  );
  const byText = new Map(keys.flat().map((key) => [formatVkey(key), key]));
  return [...byText.values()];
}

/** A checkpoint with witnesses' lines beside the log's own one; undefined when there is none. @throws AuditFault */
export async function checkpointBeside(
  place: Pick<LogPlace, 'read'>,
  where: string,
  key: VerifierKey,
  witnesses: readonly VerifierKey[],
): Promise<OpenCheckpoint | undefined> {
  try {
    const bytes = await place.read(where, MAX_NOTE_SIZE);
    return bytes && openCheckpoint(bytes, key, witnesses);
  } catch (error) {
    if (error instanceof Unreachable) throw error;
    const reason = error instanceof BadFile ? '文件过大' : (error as Error).message;
    throw new AuditFault({ origin: key.name, what: `带见证签名的检查点无效(${reason})`, where });
  }
}

/**
 * Of two checkpoints of one verified log, what they say together about its witnesses.
 * @param policy with one, the larger checkpoint that is enough counts; without, the one with more lines
 * @throws AuditFault when neither is enough for the policy
 */
export function confirmedBy(
  origin: string,
  checkpoints: readonly OpenCheckpoint[],
  policy: Policy | undefined,
): Confirmed {
  const all = checkpoints.map(({ size, cosignatures }) => {
    // The witness of the log's own host is the log's own voice.
    const others = cosignatures.map(({ key }) => key).filter(({ name }) => hostOf(name) !== hostOf(origin));
    return { size: Number(size), by: others.map(({ name }) => name), vkeys: new Set(others.map(formatVkey)) };
  });
  const enough = policy ? all.filter(({ vkeys }) => isEnough(policy, origin, vkeys)) : all;
  if (policy && enough.length === 0) {
    const most = Math.max(...all.map(({ by }) => by.length));
    const what = `见证签名不足:策略要求 ${policy.quorum},检查点只有 ${most} 个已知见证签名`;
    throw new AuditFault({ origin, what, where: 'checkpoint' });
  }
  const best = enough.reduce((one, other) => {
    const better = policy ? other.size > one.size : other.by.length > one.by.length;
    return better ? other : one;
  });
  return { size: best.by.length === 0 ? 0 : best.size, by: best.by };
}
