// A peer's log out of Kafka, with the origin's HTTP tiles behind it. What Kafka brings is offered to the follower only
// when it gives a signed root; whatever is missing, doubled, reordered or forged comes over HTTP instead, and the next
// growth comes from Kafka again.
import { setTimeout as pause } from 'node:timers/promises';
import { writeBundle } from '#tlog/bundle';
import { equal } from '#tlog/bytes';
import { Frontier, leafHash } from '#tlog/merkle';
import { TILE_WIDTH } from '#tlog/tile';
import type { Hint, PeerSource } from '../peer-source';
import { Arrivals } from './arrivals';
import type { ArrivalCounts, ArrivalsParts, HeldEntries } from './arrivals';
import { HintQueue } from './hint-queue';
import type { KafkaSettings } from './kafka-url';
import type { LinkState } from './retry';
import { TopicReader } from './topic-reader';
import type { Positions } from './topic-reader';

export type KafkaSourceParts = ArrivalsParts & {
  readonly settings: KafkaSettings;
  /** Name of this client, different at each start. */
  readonly client: string;
  readonly http: PeerSource & { close(): void };
  readonly inbox: HeldEntries & Positions;
  readonly onState?: () => void;
};

export type KafkaSourceState = LinkState &
  ArrivalCounts & {
    /** Entry messages that are in the topic and not read yet. */
    readonly lag: number;
  };

type Proof = { readonly from: bigint; readonly size: bigint; readonly entries: readonly Uint8Array[] };

const width = BigInt(TILE_WIDTH);
// What HTTP announces Kafka gets this long to bring.
const graceMs = 300;
const firstPauseMs = 50;
const longestPauseMs = 1_000;

export class KafkaSource implements PeerSource {
  private readonly arrivals: Arrivals;
  private readonly reader: TopicReader;
  private readonly hints = new HintQueue();
  private proof: Proof | undefined;

  constructor(private readonly parts: KafkaSourceParts) {
    const { settings, origin, client, inbox, log, onState } = parts;
    this.arrivals = new Arrivals(parts);
    this.reader = new TopicReader({
      settings,
      origin,
      client,
      positions: inbox,
      oldest: () => this.arrivals.oldest(),
      onMessages: async (topic, messages) => {
        await this.arrivals.take(topic, messages);
        this.hintIfWhole();
      },
      log,
      ...(onState && { onState }),
    });
  }

  state(): KafkaSourceState {
    return { ...this.reader.state(), ...this.arrivals.counts() };
  }

  async checkpoint(held = Frontier.empty()): Promise<Uint8Array> {
    await this.arrivals.settle(held.size, this.reader.state().connected);
    if (this.proof && this.proof.size <= held.size) this.proof = undefined;
    await this.reader.remember();
    // Only now is it known what arrives late.
    this.reader.start();
    const contradiction = this.arrivals.takeContradiction();
    if (contradiction) return contradiction;
    const signed = this.arrivals.signed();
    // What is held came over HTTP then, and Kafka carries another signature for it: the follower has to see both.
    if (signed && signed.size === held.size && !equal(signed.root, held.root())) return signed.note;
    if (signed && this.prove(held, signed)) return signed.note;
    const note = await this.parts.http.checkpoint();
    this.arrivals.heard(note);
    return note;
  }

  async bundle(n: bigint, count: number): Promise<Uint8Array> {
    const first = n * width;
    const end = first + BigInt(count);
    const { proof } = this;
    if (proof && end > proof.from && end <= proof.size) {
      const before = first < proof.from ? await this.heldEntries(first, proof.from) : [];
      const from = first > proof.from ? Number(first - proof.from) : 0;
      if (before) return writeBundle([...before, ...proof.entries.slice(from, Number(end - proof.from))]);
    }
    return this.parts.http.bundle(n, count);
  }

  tile(level: number, n: bigint, count: number): Promise<Uint8Array> {
    return this.parts.http.tile(level, n, count);
  }

  async *wake(signal: AbortSignal): AsyncGenerator<Hint, void> {
    const ended = new AbortController();
    const end = AbortSignal.any([signal, ended.signal]);
    const http = this.httpHints(end);
    try {
      yield* this.hints.take(end);
    } finally {
      ended.abort();
      await http;
    }
  }

  async handovers(): Promise<Uint8Array | undefined> {
    return this.parts.http.handovers?.();
  }

  distrust(): void {
    this.parts.http.distrust?.();
  }

  /** Breaks off what is under way; resolves when the client has gone, or after a while without it. */
  async close(): Promise<void> {
    this.parts.http.close();
    await this.reader.stop();
  }

  /** Hints of the origin itself, as they are while Kafka is away; else those that Kafka did not answer in time. */
  private async httpHints(signal: AbortSignal): Promise<void> {
    let pauseMs = firstPauseMs;
    while (!signal.aborted) {
      try {
        for await (const hint of this.parts.http.wake(signal)) {
          pauseMs = firstPauseMs;
          const held = () => this.arrivals.held() >= BigInt(hint.size);
          if (!this.reader.state().connected) this.hints.push(hint);
          else if (!held()) {
            await pause(graceMs, undefined, { signal });
            if (!held()) this.hints.push({ size: hint.size });
          }
        }
      } catch {
        // As for any source: a lost hint costs at most one poll interval of the follower.
      }
      await pause(pauseMs, undefined, { signal }).catch(() => undefined);
      pauseMs = Math.min(2 * pauseMs, longestPauseMs);
    }
  }

  private hintIfWhole(): void {
    const signed = this.arrivals.signed();
    const held = this.arrivals.held();
    if (signed && signed.size > held && this.arrivals.stretch(held, signed.size)) {
      this.hints.push({ size: Number(signed.size) });
    }
  }

  /** Whether what Kafka brought leads from what is held to the signed root. */
  private prove(held: Frontier, { size, root }: { readonly size: bigint; readonly root: Uint8Array }): boolean {
    const { proof } = this;
    if (size <= held.size) return false;
    if (proof && proof.from === held.size && proof.size === size) return true;
    const entries = this.arrivals.stretch(held.size, size);
    if (!entries) return false;
    const frontier = held.copy();
    for (const entry of entries) frontier.append(leafHash(entry));
    // One of them is forged; which one, the tiles of the origin will tell.
    if (!equal(frontier.root(), root)) return false;
    this.proof = { from: held.size, size, entries };
    return true;
  }

  private async heldEntries(from: bigint, to: bigint): Promise<Uint8Array[] | undefined> {
    const indexes = Array.from({ length: Number(to - from) }, (_, nth) => from + BigInt(nth));
    const held = await this.parts.inbox.entriesAt(this.parts.origin, indexes);
    return held.size === indexes.length ? indexes.map((index) => held.get(index)!) : undefined;
  }
}
