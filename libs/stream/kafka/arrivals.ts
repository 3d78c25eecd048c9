// What Kafka brought of a log, sorted: held already, wanted soon, or refused. A message is refused for what it is, when
// no log's owner could have sent it, or for what the proven entry at its place turns out to be. Each is kept as evidence.
import { equal } from '#tlog/bytes';
import { openCheckpoint } from '#tlog/checkpoint';
import type { OpenCheckpoint } from '#tlog/checkpoint';
import type { VerifierKey } from '#tlog/key';
import { NoteFault } from '#tlog/note';
import type { Evidence } from '../inbox';
import type { LogSink } from '../log-sink';
import { MessageFault, readEntryMessage } from './message';
import type { Carried } from './message';
import { topicsOf } from './topics';
import { Waiting } from './waiting';
import type { Candidate } from './waiting';

/** What the follower's own database knows. */
export interface HeldEntries {
  /** Accepted entries at these places; those not held are missing from the answer. */
  entriesAt(origin: string, indexes: readonly bigint[]): Promise<ReadonlyMap<bigint, Uint8Array>>;
  keep(origin: string, evidence: Evidence): Promise<void>;
}

export type ArrivalsParts = {
  readonly origin: string;
  readonly key: VerifierKey;
  readonly inbox: HeldEntries;
  /** RFC 3339 UTC. */
  readonly clock: () => string;
  readonly log: LogSink;
};

/** Messages by what became of them, and entries that had to come from elsewhere (`healed`). */
export type ArrivalCounts = {
  readonly received: number;
  readonly repeated: number;
  readonly refused: number;
  readonly skipped: number;
  readonly healed: number;
};

export type Signed = OpenCheckpoint & { readonly note: Uint8Array };

// Places ahead of what is held that are worth keeping: Kafka brings the present, the tiles bring years.
const window = 4_096n;
// An owner sends nothing that is not signed; so far behind the last signature an entry cannot be honest.
const slack = 2n * window;

export class Arrivals {
  private readonly waiting = new Waiting();
  private readonly counted = { received: 0, repeated: 0, refused: 0, skipped: 0, healed: 0 };
  private holds = 0n;
  /** Up to here every message is known to be right or wrong. */
  private settled: bigint | undefined;
  /** The largest signed size heard of. */
  private known: bigint | undefined;
  private newest: Signed | undefined;
  private contradiction: Uint8Array | undefined;

  constructor(private readonly parts: ArrivalsParts) {}

  counts(): ArrivalCounts {
    return this.counted;
  }

  /** Entries that the follower holds. */
  held(): bigint {
    return this.holds;
  }

  /** The newest signed checkpoint among the messages. */
  signed(): Signed | undefined {
    return this.newest;
  }

  /** A signed note that contradicts another one of its size, told once. */
  takeContradiction(): Uint8Array | undefined {
    const note = this.contradiction;
    this.contradiction = undefined;
    return note;
  }

  /** What leads from the held size to a larger one; undefined while an entry is missing or claimed by two. */
  stretch(from: bigint, to: bigint): Uint8Array[] | undefined {
    return this.waiting.stretch(from, to);
  }

  /** Offset of the oldest entry message that is still needed. */
  oldest(): bigint | undefined {
    return this.waiting.oldest();
  }

  async take(topic: string, messages: readonly Carried[]): Promise<void> {
    this.counted.received += messages.length;
    const late: Candidate[] = [];
    const entries = topic === topicsOf(this.parts.origin).entries;
    for (const message of messages) {
      const fault = entries ? this.takeEntry(message, late) : this.takeCheckpoint(message);
      if (fault !== undefined) await this.refuse(fault, message);
    }
    this.counted.repeated += (await this.judge(late)).length;
  }

  /** The follower holds so many entries now: what waited for these places was either the same or was forged. */
  async settle(size: bigint, connected: boolean): Promise<void> {
    this.holds = size;
    const before = this.settled ?? size;
    if (size > before) {
      const right = await this.judge(this.waiting.below(size));
      this.waiting.forgetBelow(size);
      if (connected) this.counted.healed += Number(size - before) - right.length;
    }
    this.settled = size;
  }

  /** A note came from elsewhere; whether it holds is for the follower to say. */
  heard(note: Uint8Array): void {
    try {
      this.knows(openCheckpoint(note, this.parts.key).size);
    } catch (error) {
      if (!(error instanceof NoteFault)) throw error;
    }
  }

  /** @returns why it is refused; undefined when it is not, or not yet */
  private takeEntry(message: Carried, late: Candidate[]): string | undefined {
    try {
      const { index, bytes } = readEntryMessage(message);
      const { holds, known } = this;
      const candidate = { index, bytes, offset: message.offset };
      if (index < holds) late.push(candidate);
      else if (index >= holds + window) {
        if (known !== undefined && index >= known + slack)
          return `entry ${index} is far beyond the signed size ${known}`;
        this.counted.skipped++;
      } else {
        const added = this.waiting.add(candidate);
        if (added === 'repeated') this.counted.repeated++;
        if (added === 'full') this.counted.skipped++;
        if (added === 'crowded') return `too many claim to be entry ${index}`;
      }
      return undefined;
    } catch (error) {
      if (error instanceof MessageFault) return error.message;
      throw error;
    }
  }

  private takeCheckpoint({ value }: Carried): string | undefined {
    try {
      const note = value ?? new Uint8Array(0);
      const checkpoint = openCheckpoint(note, this.parts.key);
      const { newest } = this;
      if (newest?.size === checkpoint.size && !equal(newest.root, checkpoint.root)) this.contradiction = note;
      if (!newest || newest.size < checkpoint.size) this.newest = { ...checkpoint, note };
      this.knows(checkpoint.size);
      return undefined;
    } catch (error) {
      if (error instanceof NoteFault) return error.message;
      throw error;
    }
  }

  private knows(size: bigint): void {
    if (size > (this.known ?? -1n)) this.known = size;
  }

  /** Compares messages with the entries that are held. @returns those that are right */
  private async judge(candidates: readonly Candidate[]): Promise<Candidate[]> {
    if (candidates.length === 0) return [];
    const { inbox, origin } = this.parts;
    const held = await inbox.entriesAt(origin, [...new Set(candidates.map(({ index }) => index))]);
    const right: Candidate[] = [];
    for (const candidate of candidates) {
      const entry = held.get(candidate.index);
      if (entry && equal(entry, candidate.bytes)) right.push(candidate);
      else if (entry) {
        const topic = topicsOf(origin).entries;
        const { index, offset, bytes } = candidate;
        await this.refuse(`it is not entry ${index} of the log`, { topic, offset, value: bytes });
      }
    }
    return right;
  }

  private async refuse(why: string, { topic, offset, value }: Pick<Carried, 'topic' | 'offset' | 'value'>) {
    const { inbox, origin, clock, log } = this.parts;
    this.counted.refused++;
    const message = `Kafka ${topic} at ${offset}: ${why}`;
    log.warn({ origin, topic, offset: String(offset) }, `a message was refused: ${why}`);
    const what = value ?? new Uint8Array(0);
    const checkpoint = topic === topicsOf(origin).checkpoints;
    const evidence = checkpoint ? { note: what } : { note: new Uint8Array(0), bytes: what };
    // Throws when the database is away: the message is then read once more.
    await inbox.keep(origin, { kind: 'refused', at: clock(), message, ...evidence });
  }
}
