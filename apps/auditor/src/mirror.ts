// Copies a log into a folder that is itself a log to verify. The folder's `checkpoint` moves only after everything
// below it was verified, so whatever happens in between, the folder holds a whole log: the last one, or the new one.
// What was fetched and not yet verified stays for the next run; what proved wrong is removed.
import { mkdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { toHex, utf8 } from '#tlog/bytes';
import { openCheckpoint } from '#tlog/checkpoint';
import type { Checkpoint } from '#tlog/checkpoint';
import { formatVkey, parseVkey, turnsOf } from '#tlog/key';
import type { VerifierKey } from '#tlog/key';
import { LogFault } from '#tlog/log-reader';
import type { LogSource, VerifiedLog } from '#tlog/log-reader';
import { MAX_NOTE_SIZE } from '#tlog/note';
import { sha256 } from '#tlog/sha256';
import { bundlePath, growthNames, tilePath } from '#tlog/tile';
import type { Policy } from '#tlog/policy';
import type { Finding } from './sentences';
import { AuditFault, trustedOnFirstUse } from './sentences';
import { store } from './stored';
import { BadTarget, folderPlace, placeOf } from './sources';
import type { LogPlace } from './sources';
import { secondFile, withSecond } from './second-line';
import { keysFile, successorsOf } from './successors';
import { findingOf, readPolicy, trustedKey, trustOf, verifyByPolicy } from './verify';
import type { AuditOptions } from './verify';
import { keepWitnessed, witnessKeyOf } from './kept-checkpoints';

export type MirrorResult =
  | {
      readonly ok: true;
      readonly verdict: 'WHOLE';
      readonly origin: string;
      readonly size: number;
      readonly before: number;
      readonly folder: string;
    }
  | ({ readonly ok: false } & Finding);

/**
 * Brings `folder` to the log's newest checkpoint.
 * @throws PolicyFault or BadTarget for wrong usage; everything else is in the result
 */
export async function mirror(url: string, folder: string, options: AuditOptions = {}): Promise<MirrorResult> {
  const policy = options.policy === undefined ? undefined : await readPolicy(options.policy);
  if (!/^https?:\/\//i.test(url)) throw new BadTarget(`mirror 的来源须为 http:// 或 https:// 地址,而不是“${url}”`);
  const remote = await placeOf(url, options.patience);
  try {
    return await copy(remote, folder, policy, options);
  } catch (error) {
    return { ok: false, ...findingOf(error, url) };
  }
}

async function copy(remote: LogPlace, folder: string, policy: Policy | undefined, options: AuditOptions) {
  await mkdir(folder, { recursive: true });
  const local = folderPlace(folder);
  const { key, file: keys } = await pinnedKey(remote, local, policy, options);
  const past = await heldCheckpoint(folder, key);
  const fixed = await atOneMoment(remote);
  const note = await fixed.checkpoint();
  const progress = (done: bigint, size: bigint) => options.onProgress?.(remote.name, done, size);
  const more = { onProgress: progress, ...(past ? { past } : {}) };
  let log: VerifiedLog;
  let witnessKey: Uint8Array | undefined;
  try {
    log = await verifyByPolicy(throughFolder(fixed, local), key, trustOf(policy), more);
    witnessKey = await witnessKeyOf(remote, local, key.name);
  } catch (error) {
    if (!(error instanceof LogFault)) throw error;
    await removeUnverified(folder, note, key, past);
    await explain(error, fixed, key, policy, past, folder);
    throw error;
  }
  await store(folder, 'vkey', utf8(`${formatVkey(key)}\n`));
  if (key.second) await store(folder, secondFile, utf8(`${key.second.vkey}\n`));
  if (witnessKey) await store(folder, 'witness-vkey', witnessKey);
  if (keys) await store(folder, keysFile, keys);
  await store(folder, 'checkpoint', log.note);
  // Behind the checkpoint, which holds all that a cosigned one speaks of.
  await keepWitnessed(folder, key, log.note, await fixed.read('cosigned', MAX_NOTE_SIZE));
  const [size, before] = [Number(log.size), Number(past?.size ?? 0n)];
  return { ok: true, verdict: 'WHOLE', origin: log.origin, size, before, folder } as const;
}

/** One checkpoint for the whole run, the cosigned one asked for before it: the log may grow while it is copied. */
async function atOneMoment(remote: LogPlace): Promise<LogPlace> {
  const cosigned = remote.read('cosigned', MAX_NOTE_SIZE);
  // A bad one is told where it is judged.
  await cosigned.catch(() => undefined);
  const note = await remote.checkpoint();
  return {
    ...remote,
    checkpoint: () => Promise.resolve(note),
    read: (path, limit, patience) => (path === 'cosigned' ? cosigned : remote.read(path, limit, patience)),
  };
}

/** A folder stays with the key that it began with, whatever the log says of itself later. */
async function pinnedKey(remote: LogPlace, local: LogPlace, policy: Policy | undefined, { onNotice }: AuditOptions) {
  const pinned = await local.read('vkey', 4_096);
  const known = policy || !pinned ? await trustedKey(remote, policy) : await trustedKey(local, undefined);
  // The folder may be from before a rotation.
  const found = await successorsOf(remote, known);
  const { key } = found;
  if (!policy && !pinned) onNotice?.(trustedOnFirstUse([key.name]));
  const held = pinned ? Buffer.from(pinned).toString('utf8').trim() : formatVkey(key);
  if (!turnsOf(key).some((turn) => formatVkey(turn.key) === held)) {
    const what = `文件夹 ${local.name} 属于另一公钥 ${parseVkey(held).name},请为此日志另选文件夹`;
    throw new AuditFault({ origin: key.name, what, where: 'vkey' });
  }
  const place = (await local.read(secondFile, 4_096)) ? local : remote;
  return { ...found, key: await withSecond(place, key, policy) };
}

async function heldCheckpoint(folder: string, key: VerifierKey): Promise<Checkpoint | undefined> {
  try {
    return openCheckpoint(await readFile(join(folder, 'checkpoint')), key);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    const what = `文件夹 ${folder} 中的检查点已损坏(${(error as Error).message}),请换一个文件夹重新镜像`;
    throw new AuditFault({ origin: key.name, what, where: 'checkpoint' });
  }
}

/** Takes a file from the folder when it is there, else fetches it into the folder. */
function throughFolder(remote: LogPlace, local: LogPlace): LogSource & Pick<LogPlace, 'read'> {
  const held = async (path: string, fetched: () => Promise<Uint8Array>) => {
    const bytes = await local.read(path, Number.MAX_SAFE_INTEGER);
    if (bytes) return bytes;
    const fresh = await fetched();
    await store(local.name, path, fresh);
    return fresh;
  };
  return {
    checkpoint: () => remote.checkpoint(),
    read: remote.read,
    tile: (level, n, width) => held(tilePath(level, n, width), () => remote.tile(level, n, width)),
    bundle: (n, width) => held(bundlePath(n, width), () => remote.bundle(n, width)),
  };
}

/** Files beyond the held checkpoint were only staged; after a fault none of them is kept. */
async function removeUnverified(folder: string, note: Uint8Array, key: VerifierKey, past: Checkpoint | undefined) {
  let size: bigint;
  try {
    ({ size } = openCheckpoint(note, key));
  } catch {
    // Nothing is fetched under a checkpoint that does not open.
    return;
  }
  const from = past?.size ?? 0n;
  if (size <= from) return;
  for (const { level, n, width } of growthNames(from, size)) {
    const path = level === 'entries' ? bundlePath(n, width) : tilePath(level, n, width);
    await rm(join(folder, path), { force: true });
  }
}

/**
 * With held files the first fault may look like a wrong root. Reading the log alone, without the folder, tells whether
 * the log contradicts what it signed before or the folder's own files went bad. Throws the better explanation.
 */
async function explain(
  fault: LogFault,
  remote: LogPlace,
  key: VerifierKey,
  policy: Policy | undefined,
  past: Checkpoint | undefined,
  folder: string,
): Promise<void> {
  if (!past && fault.kind === 'rewritten') await keepEvidence(remote, folder);
  if (!past || fault.kind === 'shrank' || fault.kind === 'checkpoint') return;
  try {
    await verifyByPolicy(remote, key, trustOf(policy), { past });
  } catch (error) {
    if (error instanceof LogFault && error.kind === 'rewritten') await keepEvidence(remote, folder);
    throw error;
  }
  const index = fault.index === undefined ? {} : { index: Number(fault.index) };
  const what = `来源完整,但文件夹 ${folder} 中已有的文件损坏,请删除该文件后重新镜像`;
  throw new AuditFault({ origin: fault.origin, ...index, what, where: fault.where });
}

/** A log that signs two histories has to be shown both: the contradiction is kept beside the checkpoint it breaks. */
async function keepEvidence(remote: LogPlace, folder: string): Promise<void> {
  const notes = [await remote.checkpoint(), await remote.read('cosigned', MAX_NOTE_SIZE)];
  for (const note of notes) {
    if (note) await store(folder, `evidence/checkpoint-${toHex(sha256(note)).slice(0, 16)}`, note);
  }
}
