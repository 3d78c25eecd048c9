// The keys of a log that has changed its key: the notes beside it lead from the key that the auditor was given to the one
// that signs today, and each of them must also stand in the log, where everybody could see it.
import { fromUtf8 } from '#tlog/bytes';
import { readHandovers, withHandovers } from '#tlog/handover';
import type { Revocation } from '#tlog/handover';
import { formatVkey, turnsOf } from '#tlog/key';
import type { VerifierKey } from '#tlog/key';
import type { VerifyOptions } from '#tlog/log-reader';
import { MAX_NOTE_SIZE } from '#tlog/note';
import { AuditFault } from './sentences';
import type { LogPlace } from './sources';

export const keysFile = 'keys';
const announcement = Buffer.from('.key-announced.v1"');

/** @throws AuditFault */
export async function withSuccessors(
  place: LogPlace,
  key: VerifierKey,
  revocations: readonly Revocation[] = [],
): Promise<VerifierKey> {
  return (await successorsOf(place, key, revocations)).key;
}

/** @returns the key with those before and after it, and the file that says so @throws AuditFault */
export async function successorsOf(
  place: LogPlace,
  key: VerifierKey,
  revocations: readonly Revocation[] = [],
): Promise<{ readonly key: VerifierKey; readonly file: Uint8Array | undefined }> {
  try {
    const file = await place.read(keysFile, MAX_NOTE_SIZE);
    if (!file && revocations.length === 0) return { key, file };
    const handovers = file ? readHandovers(fromUtf8(file)) : [];
    return { key: withHandovers(key, handovers, revocations), file };
  } catch (error) {
    if (!(error instanceof Error) || !['NoteFault', 'TypeError', 'BadFile'].includes(error.name)) throw error;
    throw new AuditFault({ origin: key.name, what: `密钥交接文件无效(${error.message})`, where: keysFile });
  }
}

/** Looks for the announcements among the entries that are read anyway. */
export function announcementsOf(
  key: VerifierKey,
  onEntry: VerifyOptions['onEntry'],
  revocations: readonly Revocation[] = [],
): { readonly take: NonNullable<VerifyOptions['onEntry']>; demandAll(): void } {
  // Whom two others have named instead of the old key's own word is announced in their logs.
  const named = new Set(revocations.flatMap(({ successor }) => (successor ? [formatVkey(successor)] : [])));
  const later = turnsOf(key).slice(1);
  const missing = new Set(later.map((turn) => formatVkey(turn.key)).filter((vkey) => !named.has(vkey)));
  return {
    take: (entry, index) => {
      if (missing.size > 0 && Buffer.from(entry).includes(announcement)) {
        const { data } = JSON.parse(fromUtf8(entry)) as { data: { note?: unknown } };
        const next = /^new (\S+)$/m.exec(String(data.note))?.[1];
        if (next !== undefined) missing.delete(next);
      }
      onEntry?.(entry, index);
    },
    /** @throws AuditFault */
    demandAll: () => {
      const [vkey] = missing;
      if (vkey === undefined) return;
      throw new AuditFault({ origin: key.name, what: `公钥 ${vkey} 的交接没有在日志中公布`, where: keysFile });
    },
  };
}
