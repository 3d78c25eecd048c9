// Follows one peer's log and accepts nothing unproven. Gaps, repetitions, other orders and forged bytes cannot pass,
// because what is accepted is exactly what gives the signed root; a peer that signs two histories is stopped for good.
import { setTimeout as pause } from 'node:timers/promises';
import { equal, toHex } from '#tlog/bytes';
import type { OpenCheckpoint } from '#tlog/checkpoint';
import type { VerifierKey } from '#tlog/key';
import { BadFile } from '#tlog/log-reader';
import { NoteFault } from '#tlog/note';
import { EntryFault, readEntry } from './entry-schema';
import { growth, Unproven } from './growth';
import type { Leaf } from './growth';
import { RepeatedId } from './inbox';
import type { Evidence, Held, Inbox, Proven } from './inbox';
import type { LogSink } from './log-sink';
import { openPeerNote } from './open-note';
import type { Learn } from './open-note';
import type { PeerSource } from './peer-source';
import { signedPrefixProof, signedPrefixRoot } from './prefix';

export type FollowerParts = {
  readonly origin: string;
  /** The peer's log key, known beforehand; never taken from the peer's own answers. */
  readonly key: VerifierKey;
  readonly learn?: Learn;
  readonly source: PeerSource;
  readonly inbox: Inbox;
  /** RFC 3339 UTC. */
  readonly clock: () => string;
  readonly log: LogSink;
  /** Told after entries up to this size are stored. */
  readonly onAccepted: (size: number) => void;
  /** Told when state or message changed. */
  readonly onState?: () => void;
};

export type FollowerState = {
  readonly size: number;
  readonly state: 'following' | 'unreachable' | 'stopped';
  /** When a checkpoint of the peer last held; empty before the first. */
  readonly verifiedAt: string;
  readonly message: string;
};

/** How often what came was not accepted. */
export type FollowerCounts = { readonly older: number; readonly refused: number; readonly forks: number };

// The hints may be lost, so the follower also looks by itself.
const pollMs = 2_000;
const firstPauseMs = 50;
const longestPauseMs = 1_000;

/** The peer signed what contradicts what it signed before, or what is no entry. */
class Misconduct extends Error {
  constructor(
    readonly kind: 'fork' | 'invalid',
    message: string,
    readonly bytes?: Uint8Array,
    readonly prefix?: Evidence['prefix'],
  ) {
    super(message);
  }
}

export class Follower {
  private held: Held | undefined;
  private seen: FollowerState = { size: 0, state: 'unreachable', verifiedAt: '', message: 'not asked yet' };
  private counted = { older: 0, refused: 0, forks: 0 };
  private hinted = false;
  private outdated = false;
  private offered: Uint8Array | undefined;
  private wakeUp: () => void = () => undefined;

  constructor(private readonly parts: FollowerParts) {}

  state(): FollowerState {
    return this.seen;
  }

  counts(): FollowerCounts {
    return this.counted;
  }

  /** Reads the inbox anew before anything else: somebody else may have stopped this peer. */
  recheck(): void {
    this.outdated = true;
    this.hint();
  }

  /** Follows until the signal aborts or the peer is stopped for good. Never rejects because of the peer. */
  async follow(signal: AbortSignal): Promise<void> {
    const ended = new AbortController();
    const end = AbortSignal.any([signal, ended.signal]);
    const hints = this.takeHints(end);
    let pauseMs = firstPauseMs;
    while (!signal.aborted && this.seen.state !== 'stopped') {
      const answer = await this.step();
      if (answer === 'failed') {
        await pause(pauseMs, undefined, { signal }).catch(() => undefined);
        pauseMs = Math.min(2 * pauseMs, longestPauseMs);
      } else {
        pauseMs = firstPauseMs;
        await this.rest(signal);
      }
    }
    ended.abort();
    await hints;
  }

  /** Asks once and accepts what is proven. */
  async step(): Promise<'accepted' | 'nothing' | 'failed' | 'stopped'> {
    let note: Uint8Array | undefined;
    try {
      if (this.outdated) this.held = undefined;
      this.outdated = false;
      this.held ??= await this.load();
      if (this.held.stopped !== undefined) return (this.become('stopped', this.held.stopped), 'stopped');
      // What came with a hint is judged like what was asked for, once; whatever it is worth, the next step asks.
      note = this.offered ?? (await this.parts.source.checkpoint(this.held.frontier));
      this.offered = undefined;
      const { key, source, learn } = this.parts;
      const checkpoint = await openPeerNote(note, key, source, learn);
      return await this.take(checkpoint, note);
    } catch (error) {
      if (error instanceof Misconduct) return await this.stop(error, note!);
      // Whatever was read of the inbox may be out of date now; the next step reads it again.
      const before = this.held;
      this.held = undefined;
      if (error instanceof NoteFault || error instanceof BadFile || error instanceof Unproven) {
        this.parts.source.distrust?.();
        await this.refuse(error, note, before);
      }
      this.become('unreachable', (error as Error).message);
      return 'failed';
    }
  }

  /** When the answer to an acceptance was lost, nobody has been told yet of what was stored all the same. */
  private async load(): Promise<Held> {
    const held = await this.parts.inbox.load(this.parts.origin);
    this.tell(Number(held.frontier.size));
    return held;
  }

  private tell(size: number): void {
    if (size === this.seen.size) return;
    this.seen = { ...this.seen, size };
    this.parts.onAccepted(size);
  }

  private async take(checkpoint: OpenCheckpoint, note: Uint8Array): Promise<'accepted' | 'nothing'> {
    const { source, clock, origin } = this.parts;
    const { frontier } = this.held!;
    if (checkpoint.size < frontier.size) {
      this.counted.older++;
      this.become('following', `an older checkpoint came, of size ${checkpoint.size}; it is ignored`);
      return 'nothing';
    }
    if (checkpoint.size === frontier.size) {
      if (!equal(checkpoint.root, frontier.root())) {
        throw new Misconduct('fork', `${origin} signed two different logs of size ${checkpoint.size}`);
      }
      this.become('following', '', clock());
      return 'nothing';
    }
    try {
      for await (const { leaves, frontier: after } of growth(source, frontier, checkpoint)) {
        await this.accept(leaves, after, note);
      }
    } catch (error) {
      if (error instanceof Unproven) await this.demandSameHistory(checkpoint, error);
      throw error;
    }
    this.become('following', '', clock());
    return 'accepted';
  }

  private async accept(leaves: readonly Leaf[], frontier: Held['frontier'], checkpoint: Uint8Array): Promise<void> {
    const { origin, inbox, clock } = this.parts;
    const entries = leaves.map((leaf) => this.proven(leaf));
    const from = this.held!.frontier.size;
    try {
      await inbox.accept(origin, { from, entries, frontier, checkpoint, verifiedAt: clock() });
    } catch (error) {
      if (error instanceof RepeatedId) throw new Misconduct('invalid', error.message);
      throw error;
    }
    this.held = { frontier, checkpoint, stopped: undefined };
    this.tell(Number(frontier.size));
  }

  private proven({ index, bytes, hash }: Leaf): Proven {
    try {
      return { index, ...readEntry(bytes), bytes, hash: toHex(hash) };
    } catch (error) {
      if (!(error instanceof EntryFault)) throw error;
      throw new Misconduct('invalid', `${this.parts.origin} signed entry ${index}, but ${error.message}`, bytes);
    }
  }

  /** @throws Misconduct when the signed tree does not begin with what is held; returns when bytes were just damaged */
  private async demandSameHistory(checkpoint: OpenCheckpoint, cause: Unproven): Promise<void> {
    const { frontier } = this.held!;
    if (frontier.size === 0n) return;
    const signed = await signedPrefixRoot(this.parts.source, checkpoint, frontier.size);
    if (equal(signed, frontier.root())) return;
    const what = `the log signed at size ${checkpoint.size} does not begin with the ${frontier.size} entries held`;
    const proof = await signedPrefixProof(this.parts.source, checkpoint, frontier.size, signed).catch(() => undefined);
    throw new Misconduct('fork', `${this.parts.origin}: ${what}`, cause.bundle, proof && { root: signed, proof });
  }

  private async stop(misconduct: Misconduct, note: Uint8Array): Promise<'stopped' | 'failed'> {
    const { origin, inbox, clock, log } = this.parts;
    const { kind, message, bytes, prefix } = misconduct;
    this.counted.forks++;
    log.error({ origin, kind }, message);
    try {
      await inbox.keep(origin, { kind, at: clock(), message, note, held: this.held?.checkpoint, bytes, prefix });
      await inbox.stop(origin, message);
    } catch (error) {
      // Nothing was accepted, and the next step finds the same contradiction.
      this.become('unreachable', (error as Error).message);
      return 'failed';
    }
    this.become('stopped', message);
    this.held = undefined;
    return 'stopped';
  }

  private async refuse(fault: Error, note: Uint8Array | undefined, held: Held | undefined): Promise<void> {
    const { origin, inbox, clock, log } = this.parts;
    this.counted.refused++;
    log.warn({ origin, err: fault }, 'what the peer served was refused');
    const bytes = fault instanceof Unproven ? fault.bundle : undefined;
    const evidence: Evidence = {
      kind: 'refused',
      at: clock(),
      message: fault.message,
      note: note ?? new Uint8Array(0),
      held: held?.checkpoint,
      bytes,
    };
    await inbox.keep(origin, evidence).catch((error: Error) => {
      // The database is away: that is reported where it matters, and damaged bytes come again.
      log.warn({ origin, err: error }, 'evidence could not be kept');
    });
  }

  private become(state: FollowerState['state'], message: string, verifiedAt = this.seen.verifiedAt): void {
    const changed = state !== this.seen.state || message !== this.seen.message;
    const size = this.held ? Number(this.held.frontier.size) : this.seen.size;
    this.seen = { size, state, verifiedAt, message };
    if (changed) this.parts.onState?.();
  }

  private async takeHints(signal: AbortSignal): Promise<void> {
    let pauseMs = firstPauseMs;
    while (!signal.aborted) {
      try {
        for await (const { size, note } of this.parts.source.wake(signal)) {
          pauseMs = firstPauseMs;
          this.offered = note;
          if (size > this.seen.size || this.seen.state !== 'following') this.hint();
        }
      } catch {
        // A lost hint costs at most one poll interval, and the peer's state is told by the steps.
      }
      await pause(pauseMs, undefined, { signal }).catch(() => undefined);
      pauseMs = Math.min(2 * pauseMs, longestPauseMs);
    }
  }

  private hint(): void {
    this.hinted = true;
    this.wakeUp();
  }

  private async rest(signal: AbortSignal): Promise<void> {
    if (!this.hinted && !signal.aborted) {
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, pollMs);
        this.wakeUp = () => {
          clearTimeout(timer);
          resolve();
        };
        signal.addEventListener('abort', this.wakeUp, { once: true });
      });
      signal.removeEventListener('abort', this.wakeUp);
    }
    this.hinted = false;
  }
}
