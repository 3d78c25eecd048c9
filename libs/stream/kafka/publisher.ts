// Carries an agency's own log into its topics. Kafka is only a cache of the log, so this part may be late, stop, or say
// things twice; what it must not do is to hold up the relay, which knows nothing of it.
import { equal } from '#tlog/bytes';
import { parseEntry } from '#tlog/entry';
import type { Admin, Kafka, Producer } from 'kafkajs';
import type { LogSink } from '../log-sink';
import { kafkaClient, letGo } from './client';
import { consume } from './consume';
import type { KafkaSettings } from './kafka-url';
import { checkpointMessage, entryMessage, MessageFault, readEntryMessage } from './message';
import type { Carried, SentMessage } from './message';
import { Sessions } from './retry';
import type { LinkState } from './retry';
import { endsOf, prepareTopics, topicsOf } from './topics';

/** The log as it is visible to everybody; nothing is sent before. */
export interface OwnLog {
  visible(): { readonly size: bigint; readonly note: Uint8Array };
  /** Entries `from` to `to` (exclusive). */
  entries(from: bigint, to: bigint): Promise<readonly { readonly bytes: Uint8Array }[]>;
  /** Resolves when the log may have grown, or after so many milliseconds. */
  grown(milliseconds: number): Promise<void>;
}

export type PublisherParts = {
  readonly settings: KafkaSettings;
  readonly origin: string;
  /** Name of this client, different at each start. */
  readonly client: string;
  readonly own: OwnLog;
  readonly log: LogSink;
};

export type PublisherState = LinkState & {
  /** Entries known to stand in the topic. */
  readonly sent: number;
};

// A batch must stay below the largest message that topics.ts demands.
const batchEntries = 256n;
const batchBytes = 500_000;
const ackMs = 10_000;
// How often an idle publisher looks whether its topic is still there.
const lookMs = 5_000;
// How far back it looks, at a start, for the last of its own entries.
const lookBack = 256n;
const resumeMs = 30_000;

export class LogPublisher {
  private readonly sessions: Sessions;
  /** Next offset of each topic as the last acknowledgement said. */
  private readonly expected = new Map<string, bigint>();
  private sent = 0n;
  private resumed = 0;

  constructor(private readonly parts: PublisherParts) {
    this.sessions = new Sessions({
      name: `publisher of ${parts.origin}`,
      log: parts.log,
      session: (signal, up) => this.session(signal, up),
    });
    this.sessions.start();
  }

  state(): PublisherState {
    return { ...this.sessions.state(), sent: Number(this.sent) };
  }

  stop(): Promise<void> {
    return this.sessions.stop();
  }

  private async session(signal: AbortSignal, up: () => void): Promise<void> {
    const { settings, client, origin } = this.parts;
    const kafka = kafkaClient(settings, client);
    const admin = kafka.admin();
    // Not idempotent: its promise ends with the session, and followers ignore what comes twice (docs/adr/0016).
    const producer = kafka.producer({ idempotent: false, maxInFlightRequests: 1, allowAutoTopicCreation: false });
    try {
      await admin.connect();
      await prepareTopics(admin, topicsOf(origin), settings);
      this.sent = await this.resumeAt(kafka, admin, signal);
      await producer.connect();
      up();
      await this.send(producer, admin, signal);
    } finally {
      await Promise.all([letGo(producer), letGo(admin)]);
    }
  }

  private async send(producer: Producer, admin: Admin, signal: AbortSignal): Promise<void> {
    const { own, origin } = this.parts;
    const names = topicsOf(origin);
    const into = (topic: string) => this.sender(producer, topic);
    const [entries, checkpoints] = [into(names.entries), into(names.checkpoints)];
    let told: Uint8Array | undefined;
    while (!signal.aborted) {
      const { size, note } = own.visible();
      while (this.sent < size && !signal.aborted) {
        const batch = await this.batch(this.sent, size);
        await entries(batch);
        this.sent += BigInt(batch.length);
      }
      if (signal.aborted) return;
      // After the entries, so that whoever reads it has what it covers.
      if (!told || !equal(told, note)) await checkpoints([checkpointMessage(origin, note)]);
      told = note;
      await own.grown(lookMs);
      if (own.visible().size > size) continue;
      for (const [topic, high] of this.expected) {
        const found = await endsOf(admin, topic);
        if (found.high < high) throw new Error(`the topic ${topic} was replaced or cut: it ends at ${found.high}`);
      }
    }
  }

  /** Sends a batch and waits for all replicas; the next one goes only then, which keeps the order. */
  private sender(producer: Producer, topic: string): (messages: SentMessage[]) => Promise<void> {
    this.expected.delete(topic);
    return async (messages) => {
      const [answer] = await producer.send({ topic, acks: -1, timeout: ackMs, messages });
      const base = BigInt(answer?.baseOffset ?? -1);
      const expected = this.expected.get(topic);
      if (base >= 0n) this.expected.set(topic, base + BigInt(messages.length));
      if (expected !== undefined && base < expected) throw new Error(`the topic ${topic} was replaced: it begins anew`);
    };
  }

  private async batch(from: bigint, size: bigint): Promise<SentMessage[]> {
    const to = size - from < batchEntries ? size : from + batchEntries;
    const messages: SentMessage[] = [];
    let bytes = 0;
    for (const entry of await this.parts.own.entries(from, to)) {
      bytes += entry.bytes.length;
      if (messages.length > 0 && bytes > batchBytes) break;
      const { stream } = parseEntry(entry.bytes);
      messages.push(entryMessage(from + BigInt(messages.length), entry.bytes, String(stream)));
    }
    return messages;
  }

  /**
   * What the topic really holds decides where to go on: behind the last own entry near its end. Nothing of its own
   * there: from the beginning; whoever has it already ignores it.
   */
  private async resumeAt(kafka: Kafka, admin: Admin, signal: AbortSignal): Promise<bigint> {
    const { entries: topic } = topicsOf(this.parts.origin);
    const { low, high } = await endsOf(admin, topic);
    if (high === low) return 0n;
    const start = high - low > lookBack ? high - lookBack : low;
    const read = new AbortController();
    const tail: Carried[] = [];
    await consume({
      kafka,
      group: `${this.parts.client}-resume-${++this.resumed}`,
      starts: new Map([[topic, start]]),
      onMessages: (_topic, messages) => {
        tail.push(...messages.filter(({ offset }) => offset >= start));
        if (messages.some(({ offset }) => offset >= high - 1n)) read.abort();
        return Promise.resolve();
      },
      signal: AbortSignal.any([signal, read.signal, AbortSignal.timeout(resumeMs)]),
    });
    if (!read.signal.aborted && !signal.aborted) throw new Error(`the end of ${topic} could not be read`);
    return this.behindLastOwn(tail);
  }

  private async behindLastOwn(tail: readonly Carried[]): Promise<bigint> {
    const { own } = this.parts;
    const { size } = own.visible();
    const places = tail.flatMap((message) => {
      try {
        const read = readEntryMessage(message);
        return read.index < size ? [read] : [];
      } catch (error) {
        if (error instanceof MessageFault) return [];
        throw error;
      }
    });
    for (const { index, bytes } of places.sort((a, b) => Number(b.index - a.index))) {
      const [entry] = await own.entries(index, index + 1n);
      if (entry && equal(entry.bytes, bytes)) return index + 1n;
    }
    return 0n;
  }
}
