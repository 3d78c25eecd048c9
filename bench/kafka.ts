// An agency's log through Kafka: produced from what is visible, consumed, verified under its checkpoint and handed to a
// follower; against kafkajs alone, which moves the same bytes in the same batches and looks at none of them. One real
// broker, everything else in this process.
import { setTimeout as pause } from 'node:timers/promises';
import { Follower } from '#stream/follower';
import { KafkaSource } from '#stream/kafka/kafka-source';
import { parseKafkaUrl } from '#stream/kafka/kafka-url';
import { MemoryInbox } from '#stream/memory-inbox';
import { parseVkey } from '#tlog/key';
import { Brokers } from '../test/kafka/brokers';
import { GrowingLog, silent } from '../test/kafka/growing-log';
import type { BenchOptions } from './options';
import { interleaved, median, ratio, round, timed } from './rounds';

const clock = (): string => '2026-03-02T01:00:00.000Z';
/** As the publisher sends them. */
const batchEntries = 256;
/** Kafka brings the present: a follower keeps no more than 4,096 entries that nothing has proven yet. */
const stepEntries = 2_000;
const patienceMs = 60_000;

export async function measureKafka({ events = 20_000, rounds = 3 }: BenchOptions): Promise<object> {
  const brokers = await Brokers.start();
  let run = 0;
  try {
    const measured = await interleaved(rounds, [
      { name: 'sanfang', measure: () => verified(brokers, `bench-${++run}`, events) },
      { name: 'kafkajs', measure: () => alone(brokers, `bench-${++run}`, events) },
    ]);
    const of = (name: string): readonly number[] => measured.get(name) ?? [];
    return {
      unit: 'entries a second, from the first sent to the last taken',
      ...{ events, rounds },
      sanfang: round(median(of('sanfang'))),
      kafkajs: round(median(of('kafkajs'))),
      ratios: { 'sanfang/kafkajs': ratio(of('sanfang'), of('kafkajs')) },
    };
  } finally {
    await brokers.end();
  }
}

async function verified(brokers: Brokers, name: string, events: number): Promise<number> {
  const log = new GrowingLog(`${name}.example/events/v1`);
  log.grow(1);
  const settings = parseKafkaUrl(brokers.url);
  const inbox = new MemoryInbox();
  const key = parseVkey(log.vkey);
  const common = { origin: log.origin, key, inbox, clock, log: silent };
  // HTTP shows nothing new, so that the entries have to come from Kafka; a long way is proven by tiles, which do not.
  const [http, first] = [log.http(), log.note];
  const shown = { ...http, checkpoint: () => Promise.resolve(first) };
  const source = new KafkaSource({ ...common, settings, client: `${name}-reader`, http: shown });
  const follower = new Follower({ ...common, source, onAccepted: () => undefined });
  const publisher = log.publisher(settings, `${name}-author`);
  const ended = new AbortController();
  const following = follower.follow(ended.signal);
  try {
    await until('both sides are connected', () => source.state().connected && follower.state().size === 1);
    const before = log.bundles;
    let seconds = 0;
    for (let size = 1; size < events + 1;) {
      const step = Math.min(stepEntries, events + 1 - size);
      log.grow(step);
      size += step;
      seconds += await timed(() => until(`${size} are verified`, () => follower.state().size === size));
    }
    if (log.bundles > before) throw new Error(`${log.bundles - before} bundles of entries came over HTTP`);
    return events / seconds;
  } finally {
    ended.abort();
    await Promise.all([following, source.close(), publisher.stop()]);
  }
}

async function alone(brokers: Brokers, name: string, events: number): Promise<number> {
  const { entries } = growing(name, events);
  const kafka = brokers.client();
  const [admin, producer, consumer] = [kafka.admin(), kafka.producer(), kafka.consumer({ groupId: name })];
  let taken = 0;
  try {
    await Promise.all([admin.connect(), producer.connect(), consumer.connect()]);
    await admin.createTopics({ topics: [{ topic: name, numPartitions: 1 }], waitForLeaders: true });
    await consumer.subscribe({ topic: name, fromBeginning: true });
    await consumer.run({ eachBatch: async ({ batch }) => void (taken += batch.messages.length) });
    await producer.send({ topic: name, acks: -1, messages: [{ value: Buffer.from('first') }] });
    await until('the consumer is there', () => taken === 1);
    const seconds = await timed(async () => {
      for (let at = 0; at < events; at += stepEntries) {
        const step = entries.slice(at, at + stepEntries);
        for (let n = 0; n < step.length; n += batchEntries) {
          const messages = step.slice(n, n + batchEntries).map((bytes) => ({ value: Buffer.from(bytes) }));
          await producer.send({ topic: name, acks: -1, messages });
        }
        await until('the step is consumed', () => taken === at + step.length + 1);
      }
    });
    return events / seconds;
  } finally {
    await Promise.all([consumer.disconnect(), producer.disconnect(), admin.disconnect()]);
  }
}

function growing(name: string, events: number): GrowingLog {
  const log = new GrowingLog(`${name}.example/events/v1`);
  log.grow(events);
  return log;
}

async function until(what: string, check: () => boolean): Promise<void> {
  const end = performance.now() + patienceMs;
  while (!check()) {
    if (performance.now() > end) throw new Error(`${what}: not within ${patienceMs} ms`);
    await pause(5);
  }
}
