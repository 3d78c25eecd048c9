// The keys of a log that has changed its key: the notes beside it lead from the key that the auditor was given to the one
// that signs today, and each of them must also stand in the log, where everybody could see it.
import { fromUtf8 } from '#tlog/bytes';
import { readHandovers, withHandovers } from '#tlog/handover';
import { formatVkey, turnsOf } from '#tlog/key';
import type { VerifierKey } from '#tlog/key';
import type { VerifyOptions } from '#tlog/log-reader';
import { MAX_NOTE_SIZE } from '#tlog/note';
import { Listener, revocationsOf } from '#tlog/revocations';
import type { Word } from '#tlog/revocations';
import { AuditFault } from './sentences';
import type { LogPlace } from './sources';
import { agencyOf } from './speaker';

export const keysFile = 'keys';
const announcement = Buffer.from('.key-announced.v1"');
const revocation = Buffer.from('.key-revoked.v1"');

/** @throws AuditFault */
export async function withSuccessors(place: LogPlace, key: VerifierKey): Promise<VerifierKey> {
  return (await successorsOf(place, key)).key;
}

/**
 * The same, and whom two agencies have named without a handover. What a revoked key has signed opens as before: whoever
 * weighs it says from which entry on it does not count.
 * @throws AuditFault
 */
export async function keyBy(
  place: Pick<LogPlace, 'read'>,
  key: VerifierKey,
  words: readonly Word[],
): Promise<VerifierKey> {
  const found = (await successorsOf(place, key, words)).key;
  return { ...found, turns: turnsOf(found).map(({ key: each, from }) => ({ key: each, from })) };
}

/** @returns the key with those before and after it, and the file that says so @throws AuditFault */
export async function successorsOf(
  place: Pick<LogPlace, 'read'>,
  key: VerifierKey,
  words: readonly Word[] = [],
): Promise<{ readonly key: VerifierKey; readonly file: Uint8Array | undefined }> {
  try {
    const file = await place.read(keysFile, MAX_NOTE_SIZE);
    const about = words.filter(({ origin }) => origin === key.name);
    const revocations = revocationsOf(about, agencyOf(key.name));
    if (!file && revocations.length === 0) return { key, file };
    return { key: withHandovers(key, file ? readHandovers(fromUtf8(file)) : [], revocations), file };
  } catch (error) {
    if (!(error instanceof Error) || !['NoteFault', 'TypeError', 'BadFile'].includes(error.name)) throw error;
    throw new AuditFault({ origin: key.name, what: `密钥交接文件无效(${error.message})`, where: keysFile });
  }
}

/** May an entry be a word on another's key? */
export function speaksOfKeys(entry: Uint8Array): boolean {
  return Buffer.from(entry.buffer, entry.byteOffset, entry.length).includes(revocation);
}

/** Looks for what a log says of keys among the entries that are read anyway: its announcements, words on others'. */
export function saidOfKeys(
  key: VerifierKey,
  onEntry: VerifyOptions['onEntry'],
): { readonly take: NonNullable<VerifyOptions['onEntry']>; demandAll(): void; readonly words: readonly Word[] } {
  const listener = new Listener(key.name, agencyOf(key.name));
  const missing = new Set(
    turnsOf(key)
      .slice(1)
      .map((turn) => formatVkey(turn.key)),
  );
  return {
    words: listener.words,
    take: (entry, index) => {
      if (speaksOfKeys(entry)) listener.take(entry);
      const bytes = Buffer.from(entry.buffer, entry.byteOffset, entry.length);
      if (missing.size > 0 && bytes.includes(announcement)) {
        const { data } = JSON.parse(fromUtf8(entry)) as { data: { note?: unknown } };
        const named = /^new (\S+)$/m.exec(String(data.note))?.[1];
        if (named !== undefined) missing.delete(named);
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
