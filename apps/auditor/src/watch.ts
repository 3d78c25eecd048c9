// An outside witness: follows logs by what they show to everybody, cosigns what it has read entry by entry, and answers
// like any C2SP witness. It needs no database and belongs to no agency; its memory is one small file a log.
import { setTimeout as pause } from 'node:timers/promises';
import { join } from 'node:path';
import { toHex } from '#tlog/bytes';
import { writeFork } from '#tlog/fork';
import type { Fork } from '#tlog/fork';
import { formatVkey } from '#tlog/key';
import type { SigningKey } from '#tlog/key';
import { hostOf } from '#tlog/policy';
import type { Policy } from '#tlog/policy';
import { sha256 } from '#tlog/sha256';
import type { Word } from '#tlog/revocations';
import { weighed } from './revoked';
import type { Read } from './revoked';
import { AuditFault, faultSentence, trustedOnFirstUse } from './sentences';
import type { Finding } from './sentences';
import { BadTarget, placeOf, Unreachable } from './sources';
import { storeDurably } from './stored';
import { keyBy } from './successors';
import { gravest } from './verdict';
import type { Verdict } from './verdict';
import { findingOf, keyOf, readPolicy } from './verify';
import type { AuditOptions } from './verify';
import { serveWitness } from './watch-server';
import type { WatchServer } from './watch-server';
import { WatchStates } from './watch-states';
import type { WatchState } from './watch-states';
import { WatchedLog } from './watched-log';
import { openWitnessKey } from './witness-key';

export type WatchEvent =
  | { readonly kind: 'key'; readonly vkey: string; readonly isNew: boolean }
  | { readonly kind: 'listening'; readonly url: string }
  | { readonly kind: 'cosigned'; readonly origin: string; readonly size: number }
  | { readonly kind: 'finding'; readonly finding: Finding };

export interface WatchOptions extends AuditOptions {
  readonly keyFile: string;
  /** Of a key that is still to be made. */
  readonly name?: string;
  readonly folder: string;
  /** `host:port`; without it the witness only follows. */
  readonly listen?: string;
  /** Milliseconds between two looks at a log. */
  readonly everyMs: number;
  /** Looks once at each log and ends. */
  readonly once: boolean;
  readonly milliseconds: () => number;
  readonly signal: AbortSignal;
  readonly onEvent: (event: WatchEvent) => void;
}

/**
 * Runs until `signal`, or once.
 * @returns the gravest of what the logs were found to be at last; DIVERGED stays
 * @throws BadTarget, PolicyFault for wrong usage
 */
export async function watch(targets: readonly string[], options: WatchOptions): Promise<Verdict> {
  const policy = options.policy === undefined ? undefined : await readPolicy(options.policy);
  const states = await WatchStates.open(options.folder);
  const failed = new AbortController();
  const signal = AbortSignal.any([options.signal, failed.signal]);
  let server: WatchServer | undefined;
  let running: readonly Promise<Verdict>[] = [];
  try {
    const { key: witness, isNew } = await openWitnessKey(options.keyFile, options.folder, options.name);
    const vkey = formatVkey(witness);
    options.onEvent({ kind: 'key', vkey, isNew });
    // Served from the start and filled as the logs answer: one that is down keeps no other waiting.
    const watching: Watching = {
      ...options,
      signal,
      policy,
      states,
      witness,
      logs: [],
      opening: targets.length,
      stored: await states.words(),
    };
    if (options.listen !== undefined) {
      server = await serveWitness(options.listen, { logs: watching.logs, isOpening: () => watching.opening > 0, vkey });
      options.onEvent({ kind: 'listening', url: server.url });
    }
    running = targets.map((target) => watchOne(target, watching));
    return gravest(await Promise.all(running));
  } finally {
    failed.abort();
    await Promise.allSettled(running);
    await server?.close();
    await states.close();
  }
}

interface Watching extends Omit<WatchOptions, 'policy'> {
  readonly policy: Policy | undefined;
  readonly states: WatchStates;
  readonly witness: SigningKey;
  readonly logs: WatchedLog[];
  /** How many of the logs have not answered yet. */
  opening: number;
  /** What was heard before the start: a log that answers late has said it all the same. */
  readonly stored: readonly Word[];
}

async function watchOne(target: string, watching: Watching): Promise<Verdict> {
  const { states, witness, logs, policy, onNotice } = watching;
  const found = await answering(target, watching);
  if (!found) return 'PARTIAL';
  const { place, key } = found;
  if (hostOf(key.name) === hostOf(witness.name)) {
    throw new BadTarget(`${witness.name} 与日志 ${key.name} 同属一家,见证不算数`);
  }
  const isNew = (await states.keyOf(key.name)) === undefined;
  const state = await states.read(key, witness);
  if (logs.some(({ origin }) => origin === key.name)) throw new BadTarget(`日志 ${key.name} 给出了两次,请只给一处`);
  const parts = {
    ...{ place, key, witness },
    store: (stored: WatchState) => states.store(key, stored),
    seconds: () => BigInt(Math.floor(watching.milliseconds() / 1000)),
    onFork: (fork: Fork) => keepFork(states.folder, fork),
    keyNow: () => keyBy(place, key, wordsOf(watching)),
    weigh: weighing({ place, key }, watching),
  };
  const log = new WatchedLog(parts, state);
  logs.push(log);
  watching.opening--;
  if (!policy && isNew) onNotice?.(trustedOnFirstUse([key.name]));
  return followed(log, watching);
}

/** What is said of one log in all that are watched, by two agencies or by one: the latter is told once. */
function weighing({ place, key }: Pick<Read, 'place' | 'key'>, watching: Watching) {
  const { policy, onNotice } = watching;
  const told = new Set<string>();
  return async (note: Uint8Array): Promise<void> => {
    const { faults, notices } = await weighed([{ place, key, log: { note, words: wordsOf(watching) } }], !policy);
    for (const notice of notices) if (told.size < told.add(notice).size) onNotice?.(notice);
    if (faults[0]) throw new AuditFault(faults[0]);
  };
}

/** An agency's last word counts, so what was stored comes first. */
function wordsOf({ stored, logs }: Pick<Watching, 'stored' | 'logs'>): readonly Word[] {
  return [...stored, ...logs.flatMap(({ words }) => words)];
}

/** A log that cannot be reached has no name yet: it is asked until it answers, or once. */
async function answering(target: string, watching: Watching) {
  const { policy, patience, once, everyMs, signal, onEvent } = watching;
  for (let told = false; ; told = true) {
    try {
      const place = await placeOf(target, patience);
      return { place, key: await keyBy(place, await keyOf(place, policy), wordsOf(watching)) };
    } catch (error) {
      if (error instanceof AuditFault) throw new BadTarget(faultSentence(error.finding), { cause: error });
      if (!(error instanceof Unreachable)) throw error;
      if (!told) onEvent({ kind: 'finding', finding: findingOf(error, target) });
      if (!once) await pause(everyMs, undefined, { signal }).catch(() => undefined);
      if (once || signal.aborted) return undefined;
    }
  }
}

async function followed(log: WatchedLog, { everyMs, once, signal, onEvent }: Watching): Promise<Verdict> {
  let told = '';
  for (;;) {
    let finding: Finding | undefined;
    try {
      if (await log.follow()) onEvent({ kind: 'cosigned', origin: log.origin, size: log.size });
    } catch (error) {
      finding = { ...findingOf(error, log.origin), origin: log.origin };
    }
    // What lasts is told once, and again after it was well.
    if (finding && finding.what !== told) onEvent({ kind: 'finding', finding });
    told = finding?.what ?? '';
    if (!once) await pause(everyMs, undefined, { signal }).catch(() => undefined);
    // A request may have shown the second history meanwhile.
    if (once || signal.aborted) return log.stopped ? 'DIVERGED' : (finding?.verdict ?? 'WHOLE');
  }
}

async function keepFork(folder: string, fork: Fork): Promise<string> {
  const bytes = writeFork(fork);
  const path = `evidence/${hostOf(fork.origin)}-${toHex(sha256(bytes)).slice(0, 16)}.fork.json`;
  await storeDurably(folder, path, bytes);
  return join(folder, path);
}
