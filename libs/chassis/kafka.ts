// Kafka beside the HTTP feed, for agencies that have one: the own log goes into its topics, and the followers look there
// first. Nothing depends on it: without the setting nothing of it is loaded, and while brokers are down HTTP carries on.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Counter, Gauge } from 'prom-client';
import type { Registry } from 'prom-client';
import type { DataSource } from 'typeorm';
import type { KafkaSettings } from '#stream/kafka/kafka-url';
import { parseKafkaUrl, shownBrokers } from '#stream/kafka/kafka-url';
import type { KafkaSource, KafkaSourceState } from '#stream/kafka/kafka-source';
import type { LogPublisher, OwnLog, PublisherState } from '#stream/kafka/publisher';
import { parseCheckpoint } from '#tlog/checkpoint';
import { parseNote } from '#tlog/note';
import type { Config } from './config';
import type { Check } from './health.api';
import { newId } from './ids';
import type { Log } from './logging';
import type { Carry } from './peers';
import { Wake } from './pulse';
import type { Pulse } from './pulse';
import { storedEntries } from './relay-tables';

export type KafkaParts = {
  readonly config: Config;
  readonly database: DataSource;
  readonly pulse: Pulse;
  /** The own log in tlog-tiles layout. */
  readonly folder: string;
  readonly log: Log;
};

export class KafkaLink {
  readonly carry: Carry;
  private readonly sources = new Map<string, KafkaSource>();

  constructor(
    private readonly publisher: LogPublisher,
    private readonly ended: AbortController,
    open: (...parts: Parameters<Carry>) => KafkaSource,
  ) {
    this.carry = (...parts) => {
      const source = open(...parts);
      this.sources.set(parts[0].origin, source);
      return source;
    };
  }

  /** A broker that is down makes nobody unready. Why it is down may name hosts and stays in the service's record. */
  check(): Check {
    const own = this.publisher.state();
    const peers = this.states().map(([origin, { lag, refused, healed, ...link }]) => {
      return `${origin} ${shown(link)}, lag ${lag}, refused ${refused}, healed ${healed}`;
    });
    return { ok: true, detail: [`own log ${shown(own)}, sent ${own.sent}`, ...peers].join('; ') };
  }

  watch(registry: Registry, own: string): void {
    const figures = (): (readonly [string, PublisherState | KafkaSourceState])[] => {
      return [[own, this.publisher.state()], ...this.states()];
    };
    const registers = [registry];
    const labelNames = ['origin'];
    const gauge = (name: string, help: string, set: (gauge: Gauge<string>) => void): void => {
      new Gauge({
        registers,
        labelNames,
        name,
        help,
        collect() {
          set(this);
        },
      });
    };
    gauge('sanfang_kafka_connected', '1 while the topics of a log are connected', (to) => {
      for (const [origin, { connected }] of figures()) to.set({ origin }, connected ? 1 : 0);
    });
    gauge('sanfang_kafka_sent_entries', 'Entries of the own log that stand in its topic', (to) =>
      to.set({ origin: own }, this.publisher.state().sent),
    );
    gauge('sanfang_kafka_lag_messages', 'Messages of a peer’s topic that are not read yet', (to) => {
      for (const [origin, { lag }] of this.states()) to.set({ origin }, lag);
    });
    this.count(registry);
  }

  async stop(): Promise<void> {
    this.ended.abort();
    await this.publisher.stop();
  }

  private count(registry: Registry): void {
    const read = () => this.states();
    new Counter({
      registers: [registry],
      labelNames: ['origin', 'outcome'],
      name: 'sanfang_kafka_messages_total',
      help: 'Messages of a peer’s topics by outcome; healed: entries that came over HTTP instead; rebuilt: clients',
      collect() {
        this.reset();
        for (const [origin, state] of read()) {
          for (const outcome of ['received', 'repeated', 'refused', 'skipped', 'healed', 'rebuilt'] as const) {
            this.inc({ origin, outcome }, state[outcome]);
          }
        }
      },
    });
  }

  private states(): (readonly [string, KafkaSourceState])[] {
    return [...this.sources].map(([origin, source]) => [origin, source.state()] as const);
  }
}

function shown({ connected, unfit }: Pick<PublisherState, 'connected' | 'unfit'>): string {
  return connected ? 'connected' : unfit ? 'not used, for its topics cannot carry a log' : 'not connected';
}

/** Undefined without the setting. Resolves at once, whether brokers are there or not. */
export async function openKafka(parts: KafkaParts): Promise<KafkaLink | undefined> {
  const { config, log } = parts;
  if (config.kafkaUrl === undefined) return undefined;
  // Only those who have a Kafka pay for loading its client.
  const [{ LogPublisher }, { KafkaSource }] = await Promise.all([
    import('#stream/kafka/publisher'),
    import('#stream/kafka/kafka-source'),
  ]);
  const settings: KafkaSettings = parseKafkaUrl(config.kafkaUrl);
  log.info({ brokers: shownBrokers(settings) }, 'the shared stream goes over Kafka, with the HTTP tiles behind it');
  const client = `sanfang-${config.agency}-${newId()}`;
  const ended = new AbortController();
  const own = ownLog(parts, ended.signal);
  const publisher = new LogPublisher({ settings, origin: config.origin, client, own, log });
  return new KafkaLink(publisher, ended, (peer, http) => new KafkaSource({ ...peer, settings, client, http }));
}

function ownLog({ database, config, folder, pulse }: KafkaParts, signal: AbortSignal): OwnLog {
  const wake = new Wake(pulse, ({ kind }) => kind === 'log', signal);
  return {
    visible() {
      const note = readFileSync(join(folder, 'checkpoint'));
      return { size: parseCheckpoint(parseNote(note).text).size, note };
    },
    entries: (from, to) => storedEntries(database, config.origin, from, to),
    grown: (milliseconds) => wake.next(milliseconds),
  };
}
