// The two topics of a log and what they must promise. A topic that may lose what was acknowledged, or that forgets,
// is refused in words: used all the same, it would look like a lying peer one day.
import { ConfigResourceTypes } from 'kafkajs';
import type { Admin } from 'kafkajs';
import type { KafkaSettings } from './kafka-url';

export type TopicNames = { readonly entries: string; readonly checkpoints: string };

/** What a broker says of a topic. */
export type FoundTopic = {
  readonly partitions: number;
  readonly replicas: number;
  readonly config: Readonly<Record<string, string>>;
};

/** The topic does not promise what the log needs; an administrator has to change it. */
export class UnfitTopic extends Error {
  override readonly name = 'UnfitTopic';
  constructor(readonly faults: readonly string[]) {
    super(`topics that cannot carry a log: ${faults.join('; ')}`);
  }
}

/** The topics of a log are not there (yet, or any more). */
export class NoTopic extends Error {
  override readonly name = 'NoTopic';
}

/** A batch of entries fits (publisher.ts); brokers allow a little more by default. */
const leastMessageBytes = 1_000_000;

/** Injective: what a topic's name may not contain is written as `_` and its code in hex. */
export function topicsOf(origin: string): TopicNames {
  const safe = origin.replace(/[^a-z0-9.-]/g, (sign) => `_${sign.charCodeAt(0).toString(16).padStart(2, '0')}`);
  return { entries: `sanfang.${safe}.entries`, checkpoints: `sanfang.${safe}.checkpoints` };
}

type Wanted = Pick<KafkaSettings, 'replication' | 'minInsync'>;

function policies({ entries, checkpoints }: TopicNames): readonly (readonly [topic: string, cleanup: string])[] {
  return [
    [entries, 'delete'],
    [checkpoints, 'compact'],
  ];
}

/** Creates what is missing and looks at what is there. For the log's owner. @throws UnfitTopic with all faults */
export async function prepareTopics(admin: Admin, names: TopicNames, wanted: Wanted): Promise<void> {
  const there = await admin.listTopics();
  const missing = policies(names).filter(([topic]) => !there.includes(topic));
  if (missing.length > 0) {
    await admin.createTopics({
      waitForLeaders: true,
      topics: missing.map(([topic, cleanup]) => ({
        topic,
        numPartitions: 1,
        replicationFactor: wanted.replication,
        configEntries: Object.entries({
          'cleanup.policy': cleanup,
          'retention.ms': '-1',
          'retention.bytes': '-1',
          'min.insync.replicas': String(wanted.minInsync),
          'unclean.leader.election.enable': 'false',
        }).map(([name, value]) => ({ name, value })),
      })),
    });
  }
  await demandFit(admin, names, wanted);
}

/** @throws UnfitTopic with all faults, NoTopic */
export async function demandFit(admin: Admin, names: TopicNames, wanted: Wanted): Promise<void> {
  const there = await admin.listTopics();
  const faults: string[] = [];
  for (const [topic, cleanup] of policies(names)) {
    if (!there.includes(topic)) throw new NoTopic(`there is no topic ${topic}`);
    faults.push(...topicFaults(topic, cleanup, await foundTopic(admin, topic), wanted));
  }
  if (faults.length > 0) throw new UnfitTopic(faults);
}

/** Everything about a topic that is not as the log needs it; in words, each with what to set. */
export function topicFaults(topic: string, cleanup: string, found: FoundTopic, wanted: Wanted): string[] {
  const { partitions, replicas, config } = found;
  const faults: string[] = [];
  const demand = (holds: boolean, words: string): void => void (holds || faults.push(`${topic}: ${words}`));
  demand(partitions === 1, `${partitions} partitions, must be 1, for order holds within one only`);
  demand(replicas >= wanted.replication, `${replicas} replicas, must be ${wanted.replication}`);
  const least = (name: string, value: number): void =>
    demand(Number(config[name]) >= value, `${name}=${config[name]}, must be at least ${value}`);
  least('min.insync.replicas', wanted.minInsync);
  least('max.message.bytes', leastMessageBytes);
  const exactly = (name: string, value: string): void =>
    demand(config[name] === value, `${name}=${config[name]}, must be ${value}`);
  exactly('unclean.leader.election.enable', 'false');
  exactly('cleanup.policy', cleanup);
  if (cleanup === 'delete') {
    exactly('retention.ms', '-1');
    exactly('retention.bytes', '-1');
  }
  return faults;
}

/** First and next offset. @throws NoTopic */
export async function endsOf(admin: Admin, topic: string): Promise<{ readonly low: bigint; readonly high: bigint }> {
  try {
    const [end] = await admin.fetchTopicOffsets(topic);
    if (end) return { low: BigInt(end.low), high: BigInt(end.high) };
  } catch (cause) {
    if ((cause as { type?: unknown }).type !== 'UNKNOWN_TOPIC_OR_PARTITION') throw cause;
  }
  throw new NoTopic(`there is no topic ${topic}`);
}

async function foundTopic(admin: Admin, topic: string): Promise<FoundTopic> {
  const { topics } = await admin.fetchTopicMetadata({ topics: [topic] });
  const partitions = topics[0]?.partitions ?? [];
  const resource = { type: ConfigResourceTypes.TOPIC, name: topic };
  const { resources } = await admin.describeConfigs({ includeSynonyms: false, resources: [resource] });
  const config = Object.fromEntries(
    (resources[0]?.configEntries ?? []).map((each) => [each.configName, each.configValue]),
  );
  return {
    partitions: partitions.length,
    replicas: Math.min(...partitions.map(({ replicas }) => replicas.length), Number.MAX_SAFE_INTEGER),
    config,
  };
}
