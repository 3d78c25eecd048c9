// One log as an outside witness sees it: reads what grew, entry by entry, and cosigns each state at most once forward and
// never back. It keeps no entry: the right edge of the tree is enough to go on from, and to catch a second history.
import { bundleEntries, BundleFault } from '#tlog/bundle';
import { equal, fromUtf8 } from '#tlog/bytes';
import { addSignatures, openCheckpoint } from '#tlog/checkpoint';
import type { OpenCheckpoint } from '#tlog/checkpoint';
import { cosign } from '#tlog/cosignature';
import { parseEntry } from '#tlog/entry';
import type { Fork } from '#tlog/fork';
import type { SigningKey, VerifierKey } from '#tlog/key';
import { BadFile } from '#tlog/log-reader';
import { emptyRoot, Frontier, leafHash } from '#tlog/merkle';
import { formatNote, NoteFault, parseNote } from '#tlog/note';
import type { NoteSignature } from '#tlog/note';
import { provenPrefix } from '#tlog/prove';
import { Listener } from '#tlog/revocations';
import type { Word } from '#tlog/revocations';
import { bundlePath, TILE_WIDTH, tileWidth } from '#tlog/tile';
import { refusalOf } from '#tlog/witness';
import type { AddCheckpoint, WitnessRefusal } from '#tlog/witness';
import { AuditFault } from './sentences';
import { Unreachable } from './sources';
import type { LogPlace } from './sources';
import { agencyOf } from './speaker';
import { speaksOfKeys } from './successors';
import type { WatchState } from './watch-states';

export interface WatchedParts {
  readonly place: LogPlace;
  readonly key: VerifierKey;
  readonly witness: SigningKey;
  /** Must be durable when it resolves: the cosignature leaves after it. */
  readonly store: (state: WatchState) => Promise<void>;
  /** POSIX seconds. */
  readonly seconds: () => bigint;
  /** The log's key as handovers and the agencies' words have it now. @throws Unreachable, AuditFault */
  readonly keyNow: () => Promise<VerifierKey>;
  /** What the words of all watched logs make of a note of this one. @throws AuditFault when it does not count */
  readonly weigh: (note: Uint8Array) => Promise<void>;
  /** Keeps what proves two histories; returns where. */
  readonly onFork: (fork: Fork) => Promise<string>;
}

/** 503: the entries could not be read; ask again. */
export type WatchAnswer =
  { readonly status: 200; readonly body: string } | WitnessRefusal | { readonly status: 503; readonly why: string };

const MAX_HARMLESS = 1_000;

export class WatchedLog {
  private last: Promise<unknown> = Promise.resolve();
  /** Refused checkpoints of the same history: shown again, they need not be compared again. */
  private readonly harmless = new Set<string>();

  private known: VerifierKey;

  constructor(
    private readonly parts: WatchedParts,
    private state: WatchState,
  ) {
    this.known = parts.key;
  }

  get origin(): string {
    return this.parts.key.name;
  }

  get key(): VerifierKey {
    return this.known;
  }

  get words(): readonly Word[] {
    return this.state.words ?? [];
  }

  /** What was cosigned last; undefined before the first time. */
  get note(): Uint8Array | undefined {
    return this.state.note;
  }

  get stopped(): boolean {
    return this.state.stopped;
  }

  get size(): number {
    return Number(this.state.frontier.size);
  }

  /**
   * Looks at what the log shows now, and cosigns it when it has grown.
   * @returns whether it had
   * @throws AuditFault, with DIVERGED when it shows another history; Unreachable
   */
  follow(): Promise<boolean> {
    return this.alone(async () => {
      if (this.state.stopped) throw this.fault('DIVERGED', '此日志已签过两份历史,不再见证', 'checkpoint');
      if (!this.state.words) await this.hearAgain();
      return (await this.judge(...(await this.shown()))) !== undefined;
    });
  }

  /** `add-checkpoint` of C2SP tlog-witness, for a request that the log's key signed. */
  async add(request: AddCheckpoint): Promise<WatchAnswer> {
    // First without waiting: what is refused anyway need not stand behind a growth that is being read.
    const early = this.refusal(request);
    if (early && this.harmless.has(request.checkpoint.text)) return early;
    return this.alone(async () => {
      const { checkpoint, note } = request;
      const refused = this.refusal(request);
      if (this.state.stopped) return refused!;
      try {
        // Refused and signed by the log: perhaps a second history.
        if (refused) return await this.compared(checkpoint, note, refused);
        // Of the size that was cosigned: the proof has shown that it is the same.
        const line = (await this.judge(checkpoint, note)) ?? this.lineAgain();
        return { status: 200, body: lineText(line) };
      } catch (error) {
        if (error instanceof Unreachable)
          return { status: 503, why: `entries up to ${checkpoint.size} could not be read` };
        if (!(error instanceof AuditFault)) throw error;
        if (error.finding.verdict === 'PARTIAL') return { status: 503, why: error.finding.reason ?? 'not now' };
        if (error.finding.verdict !== 'DIVERGED') await this.contradicted(checkpoint, note);
        return { status: 422, why: error.finding.reason ?? 'the entries of the log do not give this root' };
      }
    });
  }

  private refusal(request: AddCheckpoint): WitnessRefusal | undefined {
    const { frontier, stopped } = this.state;
    if (stopped) return { status: 422, why: 'this log has signed two histories; nothing of it is cosigned any more' };
    return refusalOf(request, { size: frontier.size, root: frontier.root() });
  }

  private async compared(checkpoint: OpenCheckpoint, note: Uint8Array, refused: WitnessRefusal): Promise<WatchAnswer> {
    if (checkpoint.size <= this.state.frontier.size) await this.judge(checkpoint, note);
    if (this.harmless.size < MAX_HARMLESS) this.harmless.add(checkpoint.text);
    return refused;
  }

  /** The entries served do not give a signed root: with what the log shows of that size, the two may prove a fork. */
  private async contradicted(checkpoint: OpenCheckpoint, note: Uint8Array): Promise<void> {
    try {
      await this.judge(...(await this.shown()));
      if (checkpoint.size <= this.state.frontier.size) await this.judge(checkpoint, note);
    } catch (error) {
      // Proven or not, the request is refused; the next look at the log tells what is wrong with it.
      if (!(error instanceof AuditFault || error instanceof Unreachable)) throw error;
    }
  }

  private async shown(): Promise<[OpenCheckpoint, Uint8Array]> {
    try {
      const note = await this.parts.place.checkpoint();
      return [await this.open(note), note];
    } catch (error) {
      if (!(error instanceof NoteFault || error instanceof BadFile)) throw error;
      throw this.fault('INVALID', `检查点无效(${error.message})`, 'checkpoint');
    }
  }

  /** A key may have followed the known one meanwhile. */
  private async open(note: Uint8Array): Promise<OpenCheckpoint> {
    try {
      return openCheckpoint(note, this.known);
    } catch (error) {
      if (!(error instanceof NoteFault)) throw error;
      this.known = await this.parts.keyNow();
      return openCheckpoint(note, this.known);
    }
  }

  /** Of a state that was stored before words were kept: the same entries once more. */
  private async hearAgain(): Promise<void> {
    const { frontier } = this.state;
    const again = Frontier.empty();
    const listener = this.listener([]);
    const bad = await this.read(again, frontier.size, listener);
    if (bad) throw bad;
    if (!equal(again.root(), frontier.root())) {
      throw this.fault('INVALID', '条目与此前见证过的树根不符', 'tile');
    }
    const state = { ...this.state, words: listener.words };
    if (state.note) await this.parts.store(state);
    this.state = state;
  }

  private listener(words: readonly Word[]): Listener {
    return new Listener(this.origin, agencyOf(this.origin) ?? words[0]?.by);
  }

  /** @returns the line of a state that is new and now stored; undefined for one that was known */
  private async judge(checkpoint: OpenCheckpoint, note: Uint8Array): Promise<NoteSignature | undefined> {
    const { frontier, note: before } = this.state;
    const { size, root } = checkpoint;
    // First: what a thief has signed is no second history of the log.
    await this.parts.weigh(note);
    if (size > frontier.size || !before) return this.grow(checkpoint, note);
    if (size === frontier.size) {
      if (!equal(root, frontier.root())) await this.forked(note);
    } else if (size === 0n ? !equal(root, emptyRoot()) : !(await this.begins(size, root, note))) {
      throw this.fault('INVALID', '空日志的树根不对', 'checkpoint');
    }
    return undefined;
  }

  /** Is it a state that the cosigned one went through? Otherwise the log has signed two histories. */
  private async begins(size: bigint, root: Uint8Array, note: Uint8Array): Promise<true> {
    const { frontier } = this.state;
    const prefix = await this.prefix(size, frontier.size, frontier.root());
    if (!equal(prefix.root, root)) await this.forked(note, prefix);
    return true;
  }

  private async grow({ size, root, text }: OpenCheckpoint, note: Uint8Array): Promise<NoteSignature> {
    const { place, witness, key, seconds, store } = this.parts;
    const before = this.state.frontier;
    const frontier = before.copy();
    const listener = this.listener(this.words);
    const bad = await this.read(frontier, size, listener);
    if (bad || !equal(frontier.root(), root)) {
      // The tiles tell a log that goes on from another history from one whose files are merely bad.
      const prefix = before.size === 0n ? undefined : await provenPrefix(place, before.size, size, root);
      if (prefix && !equal(prefix.root, before.root())) await this.forked(note, prefix);
      throw bad ?? this.fault('INVALID', '条目与签名的树根不符', 'checkpoint');
    }
    const line = cosign(text, seconds(), witness);
    const own = parseNote(note).signatures.filter(({ name }) => name === key.name);
    const words = [...this.words, ...listener.words];
    const state = { frontier, note: addSignatures({ text, signatures: own }, line), stopped: false, words };
    await store(state);
    // A crash before this line leaves the new state on disk and no cosignature outside: the next start goes on from it.
    this.state = state;
    return line;
  }

  /** Appends the entries from the frontier's size on. @returns what is wrong with the first that cannot be taken */
  private async read(frontier: Frontier, size: bigint, listener: Listener): Promise<AuditFault | undefined> {
    const width = BigInt(TILE_WIDTH);
    while (frontier.size < size) {
      const n = frontier.size / width;
      const wide = tileWidth(0, n, size);
      const where = bundlePath(n, wide);
      try {
        const entries = [...bundleEntries(await this.parts.place.bundle(n, wide))];
        if (entries.length !== wide) throw new BundleFault(entries.length, `${entries.length} entries, not ${wide}`);
        for (const entry of entries.slice(Number(frontier.size % width))) {
          parseEntry(entry);
          if (speaksOfKeys(entry)) listener.take(entry);
          frontier.append(leafHash(entry));
        }
      } catch (error) {
        if (error instanceof Unreachable) throw error;
        return this.fault('INVALID', `条目读不出或不合格式(${(error as Error).message})`, where, frontier.size);
      }
    }
    return undefined;
  }

  /** @throws AuditFault */
  private async prefix(size: bigint, larger: bigint, root: Uint8Array): Promise<NonNullable<Fork['prefix']>> {
    const proven = await provenPrefix(this.parts.place, size, larger, root);
    if (proven) return proven;
    throw this.fault('INVALID', '瓦片与签名的树根不符', 'tile');
  }

  private async forked(note: Uint8Array, prefix?: Fork['prefix']): Promise<never> {
    const { store, onFork } = this.parts;
    const where = await onFork({ origin: this.origin, notes: [this.state.note!, note], ...(prefix && { prefix }) });
    this.state = { ...this.state, stopped: true };
    await store(this.state);
    throw this.fault('DIVERGED', '签了两份互相矛盾的历史,不再见证', where);
  }

  private lineAgain(): NoteSignature {
    const { signatures } = parseNote(this.state.note!);
    return signatures.find(({ name }) => name === this.parts.witness.name)!;
  }

  private fault(verdict: 'INVALID' | 'DIVERGED', what: string, where: string, index?: bigint): AuditFault {
    const fork = verdict === 'DIVERGED';
    const reason = fork ? 'the log has signed two histories' : 'what it serves does not give the signed root';
    const at = index === undefined ? {} : { index: Number(index) };
    return new AuditFault({ verdict, origin: this.origin, ...at, what, reason, where });
  }

  /** One judgement at a time: of two requests for one old size, the second finds the state that the first stored. */
  private alone<T>(task: () => Promise<T>): Promise<T> {
    const run = this.last.then(task);
    this.last = run.catch(() => undefined);
    return run;
  }
}

/** The signature line alone, as the answer to `add-checkpoint` carries it. */
function lineText(line: NoteSignature): string {
  return fromUtf8(formatNote({ text: 'x\n', signatures: [line] })).slice('x\n\n'.length);
}
