// What a mirror keeps besides the log: the key of the agency's witness, and each checkpoint that it met with witnesses'
// lines. A log shows its newest one only; the kept ones tell later when an entry was first under a witness's word.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { equal, fromUtf8, utf8 } from '#tlog/bytes';
import { addSignatures, openCheckpoint } from '#tlog/checkpoint';
import type { Checkpoint, OpenCheckpoint } from '#tlog/checkpoint';
import { COSIGNER_KEY_TYPE, formatVkey, parseVkey } from '#tlog/key';
import type { VerifierKey } from '#tlog/key';
import { MAX_SIGNATURES, parseNote } from '#tlog/note';
import { hostOf } from '#tlog/policy';
import { demandPrefix } from './prefix';
import { AuditFault } from './sentences';
import { Unreachable } from './sources';
import type { LogPlace } from './sources';
import { store } from './stored';
import { checkpointBeside } from './witnesses';

const VKEY_LIMIT = 4_096;

/**
 * The line that a mirror keeps of the agency's own witness; undefined where the log shows none.
 * @throws AuditFault for one that is none, or not the one that the folder began with
 */
export async function witnessKeyOf(remote: LogPlace, local: LogPlace, origin: string): Promise<Uint8Array | undefined> {
  const where = 'witness-vkey';
  const [shown, held] = await Promise.all([remote, local].map((place) => keyLine(place, origin)));
  if (shown === undefined) return undefined;
  if (held !== undefined && held !== shown) {
    const what = `该机关的见证公钥与文件夹 ${local.name} 中的不同,请向该机关核实,确认后删除文件夹中的 ${where} 再镜像`;
    throw new AuditFault({ origin, what, where });
  }
  return utf8(`${shown}\n`);
}

async function keyLine(place: LogPlace, origin: string): Promise<string | undefined> {
  const where = 'witness-vkey';
  try {
    const bytes = await place.read(where, VKEY_LIMIT);
    if (!bytes) return undefined;
    const key = parseVkey(fromUtf8(bytes));
    if (key.type !== COSIGNER_KEY_TYPE) throw new Error('须为见证公钥(类型 4)');
    if (hostOf(key.name) !== hostOf(origin)) throw new Error(`${key.name} 不属于该机关`);
    return formatVkey(key);
  } catch (error) {
    if (error instanceof Unreachable) throw error;
    throw new AuditFault({ origin, what: `见证公钥无效(${(error as Error).message})`, where });
  }
}

/**
 * Keeps what of a verified log's checkpoints carries lines of witnesses, and the newest as `cosigned`.
 * @param cosigned proven to be a state of that log
 */
export async function keepWitnessed(
  folder: string,
  key: VerifierKey,
  newest: Uint8Array,
  cosigned: Uint8Array | undefined,
): Promise<void> {
  if (cosigned) await store(folder, 'cosigned', cosigned);
  for (const note of [newest, ...(cosigned ? [cosigned] : [])]) {
    const { text, signatures } = parseNote(note);
    if (signatures.every(({ name }) => name === key.name)) continue;
    const path = `witnessed/${openCheckpoint(note, key).size}`;
    const before = await readFile(join(folder, path)).catch(() => undefined);
    const held = before && parseNote(before).text === text ? parseNote(before).signatures : [];
    const isNew = (line: (typeof signatures)[number]) =>
      !held.some(({ keyId, signature }) => equal(keyId, line.keyId) && equal(signature, line.signature));
    // What a log adds at will must not make a note that nobody opens.
    const more = signatures.filter(isNew).slice(0, MAX_SIGNATURES - held.length);
    if (more.length > 0) await store(folder, path, addSignatures({ text, signatures: held }, ...more));
  }
}

/**
 * The checkpoints with witnesses' lines that a mirror has kept, from the smallest.
 * @param now of the verified log in that place
 * @throws AuditFault for one that does not open, LogFault for one that is no state of the log
 */
export async function keptWitnessed(
  place: LogPlace,
  key: VerifierKey,
  witnesses: readonly VerifierKey[],
  now: Checkpoint,
): Promise<OpenCheckpoint[]> {
  const kept: OpenCheckpoint[] = [];
  for (const where of (await place.names?.('witnessed')) ?? []) {
    if (!/^witnessed\/\d+$/.test(where)) continue;
    const checkpoint = await checkpointBeside(place, where, key, witnesses);
    if (!checkpoint) continue;
    await demandPrefix(place, checkpoint, now, where);
    kept.push(checkpoint);
  }
  return kept.sort((a, b) => (a.size < b.size ? -1 : 1));
}
