// Whole logs read entry by entry, for whatever is made out of them. An entry is handed on before the root above it is
// proven, so what is gathered counts only when its log is among those that were read to the end.
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { toBase64 } from '#tlog/bytes';
import type { OpenCheckpoint } from '#tlog/checkpoint';
import type { VerifierKey } from '#tlog/key';
import { keptWitnessed } from './kept-checkpoints';
import type { Finding } from './sentences';
import { trustedOnFirstUse } from './sentences';
import { weighed } from './revoked';
import type { Read } from './revoked';
import { BadTarget, placeOf } from './sources';
import type { LogPlace } from './sources';
import { findingOf, keyOf, readPolicy, trustOf, verifyByPolicy, witnessesOf } from './verify';
import type { AuditOptions } from './verify';

export interface ReadLog {
  readonly target: string;
  readonly place: LogPlace;
  readonly key: VerifierKey;
  readonly origin: string;
  readonly size: number;
  readonly root: Uint8Array;
  /** The signed note of that size. */
  readonly note: Uint8Array;
  /** The newest checkpoint, where there is one the cosigned one beside it, and those that a mirror has kept. */
  readonly checkpoints: readonly OpenCheckpoint[];
  /** Names of the witnesses that confirm the first `witnessedSize` entries. */
  readonly witnesses: readonly string[];
  readonly witnessedSize: number;
}

/** What is told of a log in results. */
export type LogLine = Pick<ReadLog, 'origin' | 'size' | 'witnesses' | 'witnessedSize'> & { readonly root: string };

export function logLine({ origin, size, root, witnesses, witnessedSize }: ReadLog): LogLine {
  return { origin, size, root: toBase64(root), witnesses, witnessedSize };
}

export type OnEntry = (bytes: Uint8Array, index: number) => void;

/** Named by one place only. @throws BadTarget when two targets show the same log, or for wrong usage; PolicyFault */
export async function readLogs(
  targets: readonly string[],
  options: AuditOptions,
  visit: (origin: string, target: string) => OnEntry,
): Promise<{ readonly logs: readonly ReadLog[]; readonly faults: readonly Finding[] }> {
  const policy = options.policy === undefined ? undefined : await readPolicy(options.policy);
  const trust = policy ? trustOf(policy) : { policy, witnesses: await witnessesOf(targets, options) };
  const logs: ReadLog[] = [];
  const read: Read[] = [];
  const faults: Finding[] = [];
  const origins = new Set<string>();
  for (const target of targets) {
    try {
      const place = await placeOf(target, options.patience);
      const key = await keyOf(place, policy);
      if (origins.has(key.name)) throw new BadTarget(`日志 ${key.name} 给出了两次,请只给一处`);
      origins.add(key.name);
      const onEntry = visit(key.name, target);
      const log = await verifyByPolicy(place, key, trust, {
        onEntry: (entry, index) => onEntry(entry, Number(index)),
        onProgress: (done, size) => options.onProgress?.(place.name, done, size),
      });
      read.push({ place, key, log });
      const { origin, size, root, note, confirmed, checkpoint, cosigned } = log;
      const kept = await keptWitnessed(place, key, trust.witnesses, checkpoint);
      const checkpoints = [checkpoint, ...(cosigned ? [cosigned] : []), ...kept];
      const witnessed = { witnesses: confirmed.by, witnessedSize: confirmed.size };
      logs.push({ target, place, key, origin, size: Number(size), root, note, checkpoints, ...witnessed });
    } catch (error) {
      faults.push(findingOf(error, target));
    }
  }
  if (!policy && origins.size > 0) options.onNotice?.(trustedOnFirstUse([...origins]));
  const by = await weighed(read, !policy);
  for (const notice of by.notices) options.onNotice?.(notice);
  const fallen = new Set(by.faults.map(({ origin }) => origin));
  return { logs: logs.filter(({ origin }) => !fallen.has(origin)), faults: [...faults, ...by.faults] };
}

/** A folder that is no log itself stands for the logs in it: `<folder>/<name>` or `<folder>/<name>/log`. */
export async function eachLog(targets: readonly string[]): Promise<string[]> {
  const found = await Promise.all(targets.map(logsIn));
  return found.flat();
}

async function logsIn(target: string): Promise<string[]> {
  const isLog = (folder: string) =>
    stat(join(folder, 'checkpoint')).then(
      (file) => file.isFile(),
      () => false,
    );
  if (/^[a-z][a-z0-9+.-]*:\/\//i.test(target) || (await isLog(target))) return [target];
  const names = await readdir(target).catch(() => []);
  const folders = names.sort().flatMap((name) => [join(target, name), join(target, name, 'log')]);
  const logs: string[] = [];
  for (const folder of folders) if (await isLog(folder)) logs.push(folder);
  return logs.length > 0 ? logs : [target];
}
