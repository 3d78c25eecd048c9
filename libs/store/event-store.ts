// The port every event store stands behind. Its meaning is fixed by `contract.ts`, which each adapter must pass;
// the table it implements is architecture.md section 3. There is no delete and no update: an audit history has none.
import type { JsonObject } from '#kernel/canonical-json';
import type { EventMeta } from '#kernel/envelope';

export type NewEvent = {
  /** UUID in lower case. The same ids appended again at the same revisions are a success, not a second event. */
  readonly id: string;
  readonly type: string;
  readonly data: JsonObject;
  readonly meta: EventMeta;
};

export type RecordedEvent = NewEvent & {
  readonly stream: string;
  /** 0, 1, 2 … within the stream. */
  readonly revision: bigint;
  /** Rising over the whole store in commit order; opaque, not contiguous for every adapter. */
  readonly position: bigint;
  /** Recorded time, RFC 3339 UTC, set by the store. */
  readonly at: string;
};

/** Exact last revision, or a statement about existence. There is no `any`: who writes says what he saw. */
export type Expected = bigint | 'no_stream' | 'stream_exists';

export type Appended = { readonly revision: bigint; readonly position: bigint };

export type ReadStream = { readonly from?: bigint; readonly backwards?: boolean; readonly limit?: number };
export type ReadAll = { readonly from?: bigint; readonly limit?: number; readonly prefixes?: readonly string[] };
export type Subscribe = {
  /** Exclusive; absent = from the beginning. A position beyond the end of the store is an error. */
  readonly after?: bigint | undefined;
  readonly prefixes?: readonly string[];
  readonly signal: AbortSignal;
  /** Told once, with the last position delivered (undefined when none was). */
  readonly onCaughtUp?: (position: bigint | undefined) => void;
};

export interface EventStore {
  /**
   * Appends atomically; the events stand next to each other.
   * @throws WrongExpectedRevision, TooLarge, NotStorable, Unavailable (outcome unknown: repeat with the same ids)
   */
  append(stream: string, events: readonly NewEvent[], expected: Expected): Promise<Appended>;
  /** @throws StreamNotFound when the stream has no event */
  readStream(stream: string, options?: ReadStream): AsyncIterable<RecordedEvent>;
  /** `from` is inclusive. */
  readAll(options?: ReadAll): AsyncIterable<RecordedEvent>;
  /** Yields non-empty batches in order, first stored ones, then live ones, until the signal aborts. */
  subscribeAll(options: Subscribe): AsyncIterable<readonly RecordedEvent[]>;
  close(): Promise<void>;
}

/** What a service needs to know of its store beyond the port, to report on itself. */
export interface ServedStore extends EventStore {
  /** Position of the last event, undefined when the store is empty. @throws Unavailable */
  head(): Promise<bigint | undefined>;
  /** Can appends be taken right now, as far as is known? */
  isWritable(): boolean;
  /**
   * As `append`, with the time at which another store recorded the events: only for a history that comes from
   * elsewhere, whose published entries and commitments name that time.
   * @param at RFC 3339 UTC, not before what is stored already
   */
  appendRecorded(stream: string, events: readonly NewEvent[], expected: Expected, at: string): Promise<Appended>;
}

/** At most this many bytes of data and meta per append (EventStoreDB's own default). */
export const maxAppendBytes = 1_048_576;

export class WrongExpectedRevision extends Error {
  override readonly name = 'WrongExpectedRevision';
  constructor(
    readonly stream: string,
    readonly expected: Expected,
    /** undefined = the stream does not exist. */
    readonly actual: bigint | undefined,
  ) {
    super(`stream ${stream}: expected ${expected}, is at ${actual ?? 'no_stream'}; read it again and decide anew`);
  }
}

export class StreamNotFound extends Error {
  override readonly name = 'StreamNotFound';
  constructor(readonly stream: string) {
    super(`stream ${stream} has no event`);
  }
}

export class TooLarge extends Error {
  override readonly name = 'TooLarge';
  constructor(readonly bytes: number) {
    super(`append of ${bytes} bytes is over the limit of ${maxAppendBytes}; put long contents in a file, by hash`);
  }
}

/** A value that would not come back as it went in: BigInt, undefined, NaN, lone surrogate, NUL character. */
export class NotStorable extends Error {
  override readonly name = 'NotStorable';
}

/** The store cannot be reached or did not answer: whether the append happened is unknown. */
export class Unavailable extends Error {
  override readonly name = 'Unavailable';
}

/** A consumer's position lies beyond the end: the store was restored from an older backup. */
export class PositionBeyondEnd extends Error {
  override readonly name = 'PositionBeyondEnd';
  constructor(after: bigint, end: bigint | undefined) {
    super(`position ${after} lies beyond the end of the store (${end ?? 'empty'}): restored from an older backup?`);
  }
}
