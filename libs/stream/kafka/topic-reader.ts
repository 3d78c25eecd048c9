// Reads the two topics of one log, from where the follower's own database says that it came to. Which client does the
// reading changes whenever one fails or hangs.
import type { Admin } from 'kafkajs';
import type { LogSink } from '../log-sink';
import { kafkaClient, letGo } from './client';
import { consume } from './consume';
import type { KafkaSettings } from './kafka-url';
import type { Carried } from './message';
import { Sessions } from './retry';
import type { LinkState } from './retry';
import { demandFit, endsOf, topicsOf } from './topics';

/** How far the topics are read, kept with what was accepted; Kafka's own offsets are not used. */
export interface Positions {
  /** Offset to go on from; undefined on the first start. */
  position(origin: string, topic: string): Promise<bigint | undefined>;
  savePosition(origin: string, topic: string, next: bigint): Promise<void>;
}

export type TopicReaderParts = {
  readonly settings: KafkaSettings;
  readonly origin: string;
  readonly client: string;
  readonly positions: Positions;
  readonly onMessages: (topic: string, messages: readonly Carried[]) => Promise<void>;
  /** Offset of the oldest entry message that is still needed. */
  readonly oldest: () => bigint | undefined;
  readonly log: LogSink;
  readonly onState?: () => void;
};

// On a first start, and when the position is not in the topic any more: so much of its end.
const firstEntries = 4_096n;
const firstCheckpoints = 16n;

export class TopicReader {
  private readonly sessions: Sessions;
  private readonly next = new Map<string, bigint>();
  private readonly saved = new Map<string, bigint>();
  private lag = 0;
  private started = 0;

  constructor(private readonly parts: TopicReaderParts) {
    const { origin, log, onState } = parts;
    this.sessions = new Sessions({
      name: `reader of ${origin}`,
      log,
      ...(onState && { onState }),
      session: (signal, up) => this.session(signal, up),
    });
  }

  /** Does nothing when it is reading already. */
  start(): void {
    this.sessions.start();
  }

  state(): LinkState & { readonly lag: number } {
    return { ...this.sessions.state(), lag: this.lag };
  }

  stop(): Promise<void> {
    return this.sessions.stop();
  }

  /** Writes down how far has been read. What was read and is not proven yet will be read again after a restart. */
  async remember(): Promise<void> {
    const { origin, positions, oldest } = this.parts;
    const { entries } = topicsOf(origin);
    for (const [topic, next] of this.next) {
      const waiting = topic === entries ? oldest() : undefined;
      const position = waiting !== undefined && waiting < next ? waiting : next;
      if (this.saved.get(topic) === position) continue;
      await positions.savePosition(origin, topic, position);
      this.saved.set(topic, position);
    }
  }

  private async session(signal: AbortSignal, up: () => void): Promise<void> {
    const { settings, client, origin, onMessages } = this.parts;
    const { entries } = topicsOf(origin);
    const kafka = kafkaClient(settings, client);
    const starts = await this.starts(kafka.admin());
    for (const [topic, offset] of starts) this.next.set(topic, offset);
    await consume({
      kafka,
      group: `${client}-${entries}-${++this.started}`,
      starts,
      onMessages: async (topic, messages, high) => {
        await onMessages(topic, messages);
        const last = messages.at(-1);
        if (last) this.next.set(topic, last.offset + 1n);
        if (last && topic === entries) this.lag = Number(high - last.offset - 1n);
      },
      onUp: up,
      signal,
    });
  }

  /** Where to begin in each topic. @throws UnfitTopic, NoTopic, whatever keeps the brokers from answering */
  private async starts(admin: Admin): Promise<Map<string, bigint>> {
    const { settings, origin } = this.parts;
    const names = topicsOf(origin);
    try {
      await admin.connect();
      await demandFit(admin, names, settings);
      const [entries, checkpoints] = [await endsOf(admin, names.entries), await endsOf(admin, names.checkpoints)];
      const start = await this.startIn(names.entries, firstEntries, entries);
      this.lag = Number(entries.high - start);
      // The newest checkpoint is wanted in any case; reading some of them twice does no harm.
      const newest = nearEnd(firstCheckpoints, checkpoints);
      const next = await this.startIn(names.checkpoints, firstCheckpoints, checkpoints);
      return new Map([
        [names.entries, start],
        [names.checkpoints, next < newest ? next : newest],
      ]);
    } finally {
      await letGo(admin);
    }
  }

  private async startIn(topic: string, first: bigint, ends: Ends): Promise<bigint> {
    const kept = await this.parts.positions.position(this.parts.origin, topic);
    return kept === undefined || kept > ends.high || kept < ends.low ? nearEnd(first, ends) : kept;
  }
}

type Ends = { readonly low: bigint; readonly high: bigint };

function nearEnd(count: bigint, { low, high }: Ends): bigint {
  return high - low > count ? high - count : low;
}
