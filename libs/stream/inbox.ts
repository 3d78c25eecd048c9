// What a follower has accepted of a peer's log. Entries, frontier and cursor move together or not at all, and only from
// the size they were read at: that is what makes the inbox exactly once, whatever the transport repeats.
import type { Frontier } from '#tlog/merkle';

/** An entry whose leaf is under a signed root. */
export type Proven = {
  readonly index: bigint;
  readonly id: string;
  readonly type: string;
  /** The exact bytes that were hashed and signed. */
  readonly bytes: Uint8Array;
  /** Leaf hash, lower-case hex. */
  readonly hash: string;
};

export type Held = {
  readonly frontier: Frontier;
  /** Signed note of the last checkpoint that was proven; its size may lie ahead of the frontier during a catch-up. */
  readonly checkpoint: Uint8Array | undefined;
  /** Why this peer was stopped for good; only a person may lift it. */
  readonly stopped: string | undefined;
};

export type Acceptance = {
  /** Size before; the entries follow it without a gap. */
  readonly from: bigint;
  readonly entries: readonly Proven[];
  /** After the entries. */
  readonly frontier: Frontier;
  readonly checkpoint: Uint8Array;
  /** RFC 3339 UTC. */
  readonly verifiedAt: string;
};

/** `refused`: no valid proof, perhaps the transport's fault. `fork`, `invalid`: the peer signed it. */
export type Evidence = {
  readonly kind: 'refused' | 'fork' | 'invalid';
  readonly at: string;
  readonly message: string;
  /** The note as it came. */
  readonly note: Uint8Array;
  /** The note that was proven before, which a fork contradicts. */
  readonly held?: Uint8Array | undefined;
  /** For a fork of two sizes: the root that the larger tree has at the smaller size, and the proof that it has it. */
  readonly prefix?: { readonly root: Uint8Array; readonly proof: readonly Uint8Array[] } | undefined;
  /** What else came: a bundle or an entry. */
  readonly bytes?: Uint8Array | undefined;
};

export interface Inbox {
  load(origin: string): Promise<Held>;
  /** @throws InboxMoved, RepeatedId */
  accept(origin: string, acceptance: Acceptance): Promise<void>;
  /** Keeps evidence; the same twice is kept once, and `refused` ones are bounded in number and size. */
  keep(origin: string, evidence: Evidence): Promise<void>;
  /** Stops the peer for good. */
  stop(origin: string, message: string): Promise<void>;
}

/** The inbox is not at the size the acceptance builds on: read it again. */
export class InboxMoved extends Error {
  override readonly name = 'InboxMoved';
  constructor(origin: string, from: bigint) {
    super(`the inbox of ${origin} is not at size ${from} any more`);
  }
}

/** The peer signed two entries with one id. */
export class RepeatedId extends Error {
  override readonly name = 'RepeatedId';
  constructor(origin: string) {
    super(`${origin} signed an id a second time`);
  }
}
