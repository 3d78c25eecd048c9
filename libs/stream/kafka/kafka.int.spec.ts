import type { Admin, Producer } from 'kafkajs';
import { toHex } from '#tlog/bytes';
import { parseVkey } from '#tlog/key';
import { Frontier, leafHash } from '#tlog/merkle';
import { Brokers, describeWithKafka } from '../../../test/kafka/brokers';
import { GrowingLog, silent } from '../../../test/kafka/growing-log';
import { Follower } from '../follower';
import { MemoryInbox } from '../memory-inbox';
import { KafkaSource } from './kafka-source';
import { parseKafkaUrl } from './kafka-url';
import { checkpointMessage, entryMessage } from './message';
import { topicsOf } from './topics';

const clock = () => '2026-03-02T01:00:00.000Z';
jest.setTimeout(300_000);

let brokers: Brokers;
let admin: Admin;
let producer: Producer;
let logs = 0;
const running: (() => Promise<unknown>)[] = [];

async function until(what: string, check: () => boolean | Promise<boolean>): Promise<void> {
  const end = performance.now() + 90_000;
  while (!(await check())) {
    if (performance.now() > end) throw new Error(`${what}: not within 90 s`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

function newLog(): GrowingLog {
  return new GrowingLog(`inspection-${++logs}.example/events/v1`);
}

/** The agency that publishes. */
function publishing(log: GrowingLog) {
  const publisher = log.publisher(parseKafkaUrl(brokers.url), `author-${logs}-${running.length}`);
  running.push(() => publisher.stop());
  return publisher;
}

/** An agency that follows. */
function following(log: GrowingLog, inbox = new MemoryInbox()) {
  const { origin, vkey } = log;
  const key = parseVkey(vkey);
  const settings = parseKafkaUrl(brokers.url);
  const client = `reader-${logs}-${running.length}`;
  const source = new KafkaSource({ settings, origin, key, client, http: log.http(), inbox, clock, log: silent });
  const onAccepted = () => undefined;
  const follower = new Follower({ origin, key, source, inbox, clock, log: silent, onAccepted });
  const ended = new AbortController();
  const follow = follower.follow(ended.signal);
  const stop = async () => {
    ended.abort();
    await Promise.all([follow, source.close()]);
  };
  running.push(stop);
  const holds = (size: number) => until(`${size} entries are held`, () => follower.state().size === size);
  const connects = () => until('the reader connects', () => source.state().connected);
  return { follower, source, inbox, stop, holds, connects };
}

function expectSame(inbox: MemoryInbox, log: GrowingLog): void {
  expect(inbox.entries.map(({ bytes }) => Buffer.from(bytes).toString('base64'))).toEqual(
    log.entries.map((bytes) => Buffer.from(bytes).toString('base64')),
  );
  const frontier = Frontier.empty();
  for (const entry of log.entries) frontier.append(leafHash(entry));
  expect(toHex(frontier.root())).toHaveLength(64);
}

const sentIn = async (topic: string) => Number((await admin.fetchTopicOffsets(topic))[0]?.high);
const forge = (log: GrowingLog, ...messages: { value: Buffer | null; headers?: Record<string, string> }[]) =>
  producer.send({ topic: topicsOf(log.origin).entries, acks: -1, messages });

describeWithKafka('a log over Kafka', () => {
  beforeAll(async () => {
    brokers = await Brokers.start();
    admin = brokers.client().admin();
    producer = brokers.client().producer();
    await Promise.all([admin.connect(), producer.connect()]);
  }, 400_000);
  afterEach(async () => {
    await Promise.all(running.splice(0).map((stop) => stop()));
  });
  afterAll(async () => {
    await Promise.all([admin?.disconnect(), producer?.disconnect()]).catch(() => undefined);
    await brokers?.end();
  });

  it('reaches a follower without a bundle over HTTP, and in topics that promise what they must', async () => {
    const log = newLog();
    log.grow(3);
    const publisher = publishing(log);
    const { source, inbox, holds, connects } = following(log);
    await holds(3);
    await connects();
    const before = log.bundles;
    log.served = false;
    for (const step of [1, 254, 5, 1]) {
      log.grow(step);
      await until('all is sent', () => publisher.state().sent === log.entries.length);
      await holds(log.entries.length);
    }
    expectSame(inbox, log);
    expect(log.bundles).toBe(before);
    expect(source.state()).toMatchObject({ refused: 0, healed: 0 });
    const { checkpoints } = topicsOf(log.origin);
    const found = await admin.describeConfigs({ includeSynonyms: false, resources: [{ type: 2, name: checkpoints }] });
    const policy = found.resources[0]?.configEntries.find(({ configName }) => configName === 'cleanup.policy');
    expect(policy?.configValue).toBe('compact');
  });

  it('is published on from what the topic holds, over restarts and beside what others wrote', async () => {
    const log = newLog();
    const { entries } = topicsOf(log.origin);
    log.grow(300);
    const first = publishing(log);
    await until('all is sent', () => first.state().sent === 300);
    await first.stop();
    await forge(log, { value: Buffer.from('{}'), headers: { index: '5000' } }, { value: null });
    log.grow(20);
    const second = publishing(log);
    await until('all is sent', () => second.state().sent === 320);
    expect(await sentIn(entries)).toBe(322);
  });

  it('is not carried by topics that may lose or forget, in words that name every setting', async () => {
    const log = newLog();
    log.grow(2);
    const { entries } = topicsOf(log.origin);
    const configEntries = [
      { name: 'retention.ms', value: '1000' },
      { name: 'unclean.leader.election.enable', value: 'true' },
    ];
    await admin.createTopics({ topics: [{ topic: entries, numPartitions: 2, replicationFactor: 1, configEntries }] });
    const publisher = publishing(log);
    const { inbox, holds, source } = following(log);
    await until('it is refused', () => publisher.state().message.includes('cannot carry'));
    for (const word of ['2 partitions', 'retention.ms=1000', 'unclean.leader.election.enable=true']) {
      expect(publisher.state().message).toContain(word);
    }
    await holds(2);
    expectSame(inbox, log);
    expect(source.state().connected).toBe(false);
    expect(await sentIn(entries)).toBe(0);
  });

  it('survives forged, cut, doubled, misplaced and nameless messages, and keeps each forged one', async () => {
    const log = newLog();
    log.grow(40);
    publishing(log);
    const { follower, source, inbox, holds, connects } = following(log);
    await holds(40);
    await connects();
    const entry = (index: number) => Buffer.from(log.entries[index] as Uint8Array);
    const at = (index: number) => ({ index: String(index) });
    const flipped = entry(7);
    flipped[20]! ^= 1;
    const ahead = Buffer.from('{"v":1}');
    await forge(
      log,
      { value: flipped, headers: at(7) },
      { value: entry(9).subarray(0, 30), headers: at(9) },
      { value: entry(3), headers: at(4) },
      { value: entry(3) },
      { value: null, headers: at(2) },
      { value: ahead, headers: at(41) },
      { value: ahead, headers: at(9_000_000) },
      { value: Buffer.alloc(70_000, 'x'), headers: at(1) },
      ...Array.from({ length: 10 }, () => ({ value: entry(5), headers: at(5) })),
    );
    const wrongNote = Buffer.from(log.note);
    wrongNote[wrongNote.length - 10]! ^= 1;
    const { checkpoints } = topicsOf(log.origin);
    await producer.send({ topic: checkpoints, acks: -1, messages: [checkpointMessage(log.origin, wrongNote)] });
    await until('the nine are refused or wait', () => source.state().refused >= 8);
    log.grow(5);
    await holds(45);
    await until('the one that came early is refused too', () => source.state().refused >= 9);
    expectSame(inbox, log);
    expect(new Set(inbox.evidence.map(({ message }) => message)).size).toBe(9);
    const kept = inbox.evidence.map(({ bytes, note }) => Buffer.from(bytes ?? note).toString('base64'));
    for (const one of [flipped, entry(9).subarray(0, 30), ahead, wrongNote])
      expect(kept).toContain(one.toString('base64'));
    expect(source.state().repeated).toBeGreaterThanOrEqual(10);
    expect(follower.counts()).toEqual({ older: 0, refused: 0, forks: 0 });
    // Back on Kafka: with HTTP away, the next growth still arrives.
    log.served = false;
    log.grow(3);
    await holds(48);
    expectSame(inbox, log);
  });

  it.each([
    ['a fifth is dropped', 0.2, 1, 1, 0],
    ['each comes ten times', 0, 10, 1, 0],
    ['they come in another order within 1,000', 0, 1, 1_000, 0],
    ['every twentieth has a flipped bit', 0, 1, 1, 0.05],
    ['all of that happens at once', 0.2, 10, 1_000, 0.05],
  ])('comes out byte for byte when %s', async (_title, dropped, times, window, flipped) => {
    const log = newLog();
    log.grow(1);
    const publisher = publishing(log);
    const { follower, source, inbox, holds, connects } = following(log);
    await holds(1);
    await connects();
    // From here on a faulty author writes the topic instead.
    await until('all is sent', () => publisher.state().sent === 1);
    await publisher.stop();
    const forged: string[] = [];
    let seed = 7;
    const chance = () => (seed = (seed * 48_271) % 2_147_483_647) / 2_147_483_647;
    for (let round = 0; round < 2; round++) {
      const from = log.entries.length;
      log.grow(1_000);
      const honest = log.entries.slice(from).flatMap((bytes, nth) => {
        if (chance() < dropped) return [];
        const value = Buffer.from(bytes);
        if (chance() < flipped && forged.length < 90) {
          value[Math.floor(chance() * value.length)]! ^= 1 << Math.floor(chance() * 8);
          forged.push(value.toString('base64'));
        }
        return Array.from({ length: times }, () => entryMessage(BigInt(from + nth), value, 'any'));
      });
      const order = honest.map((message, nth) => ({ message, at: nth + chance() * (window - 1) * times }));
      const messages = order.sort((a, b) => a.at - b.at).map(({ message }) => message);
      for (let at = 0; at < messages.length; at += 500) await forge(log, ...messages.slice(at, at + 500));
      const { checkpoints } = topicsOf(log.origin);
      await producer.send({ topic: checkpoints, acks: -1, messages: [checkpointMessage(log.origin, log.note)] });
      await holds(log.entries.length);
    }
    await until('all is read', () => source.state().lag === 0 && source.state().received > 0);
    await until('every forged one is kept', () => {
      const kept = new Set(inbox.evidence.map(({ bytes }) => Buffer.from(bytes ?? '').toString('base64')));
      return forged.every((one) => kept.has(one));
    });
    expectSame(inbox, log);
    // Nothing honest is accused.
    expect(inbox.evidence.every(({ bytes }) => forged.includes(Buffer.from(bytes ?? '').toString('base64')))).toBe(
      true,
    );
    expect(follower.counts()).toEqual({ older: 0, refused: 0, forks: 0 });
  });

  it('is stopped for good when Kafka brings a second signed history', async () => {
    const log = newLog();
    log.grow(10);
    publishing(log);
    const { follower, holds, connects } = following(log);
    await holds(10);
    await connects();
    const other = new GrowingLog(log.origin);
    other.grow(9);
    other.entries.push(log.entries[0] as Uint8Array);
    other.grow(0);
    const { checkpoints } = topicsOf(log.origin);
    await producer.send({ topic: checkpoints, acks: -1, messages: [checkpointMessage(log.origin, other.note)] });
    await until('the fork is seen', () => follower.state().state === 'stopped');
    expect(follower.counts().forks).toBe(1);
  });

  it('goes on after the topics were deleted, and a reader goes on from its position', async () => {
    const log = newLog();
    log.grow(30);
    const publisher = publishing(log);
    const reader = following(log);
    await reader.holds(30);
    await reader.connects();
    const { entries, checkpoints } = topicsOf(log.origin);
    await admin.deleteTopics({ topics: [entries, checkpoints] });
    log.grow(30);
    await reader.holds(60);
    await until('the topic holds all again', async () => (await sentIn(entries).catch(() => 0)) >= 60);
    await until('all is sent', () => publisher.state().sent === 60);
    await until('the reader is back', () => reader.source.state().connected && reader.source.state().lag === 0);
    expectSame(reader.inbox, log);
    log.grow(1);
    await reader.holds(61);
    await until('the position is kept', () => reader.inbox.positions.get(entries) === 61n);
    await reader.stop();
    log.grow(4);
    const next = following(log, reader.inbox);
    await next.holds(65);
    await next.connects();
    await until('it reads what came meanwhile', () => next.source.state().received >= 4);
    expect(next.source.state().received).toBeLessThan(4 + 61);
    expectSame(next.inbox, log);
  });

  it('costs next to nothing while no broker is there, and is back when they are', async () => {
    const log = newLog();
    log.grow(10);
    const publisher = publishing(log);
    const { source, inbox, holds, connects } = following(log);
    await holds(10);
    await connects();
    await brokers.kill(1);
    log.grow(10);
    await holds(20);
    await until('both noticed', () => !source.state().connected && !publisher.state().connected);
    const before = process.cpuUsage();
    await new Promise((resolve) => setTimeout(resolve, 5_000));
    const { user, system } = process.cpuUsage(before);
    // Time of the processor, not of the clock: a loop without a pause would use all five seconds.
    expect((user + system) / 1_000_000).toBeLessThan(2.5);
    brokers.launch(1);
    await brokers.ready();
    await until('both are back', () => source.state().connected && publisher.state().sent === 20);
    const bundles = log.bundles;
    log.served = false;
    log.grow(7);
    await holds(27);
    expect(log.bundles).toBe(bundles);
    expectSame(inbox, log);
  });
});

describeWithKafka('a client whose broker hangs', () => {
  beforeAll(async () => {
    brokers = await Brokers.start();
  }, 400_000);
  afterAll(async () => {
    brokers?.goOn(1);
    await Promise.all(running.splice(0).map((stop) => stop()));
    await brokers?.end();
  });

  it('is replaced by another one, without anybody who restarts a process', async () => {
    const log = newLog();
    log.grow(5);
    publishing(log);
    const { source, holds, connects } = following(log);
    await holds(5);
    await connects();
    const { rebuilt } = source.state();
    brokers.hang(1);
    await until('the stuck client is given up', () => source.state().rebuilt > rebuilt);
    log.grow(5);
    await holds(10);
    brokers.goOn(1);
    await connects();
    log.served = false;
    log.grow(5);
    await holds(15);
  });
});

it('writes an entry as it is hashed, with its place beside it', () => {
  const bytes = Buffer.from('{"v":1}');
  expect(entryMessage(7n, bytes, 'issue-1')).toEqual({ key: 'issue-1', value: bytes, headers: { index: '7' } });
});
