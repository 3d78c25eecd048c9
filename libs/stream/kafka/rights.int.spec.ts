// Over TLS, with users, and with exactly the rights that docs/guide/kafka.md names.
import { AclOperationTypes, AclPermissionTypes, AclResourceTypes, ResourcePatternTypes } from 'kafkajs';
import { parseVkey } from '#tlog/key';
import { Brokers, describeWithKafka } from '../../../test/kafka/brokers';
import { GrowingLog, silent } from '../../../test/kafka/growing-log';
import { Follower } from '../follower';
import { MemoryInbox } from '../memory-inbox';
import { KafkaSource } from './kafka-source';
import { parseKafkaUrl } from './kafka-url';
import { topicsOf } from './topics';

const users = { inspection: 'pass-1', commission: 'pass-2' };
const log = new GrowingLog('inspection.example/events/v1');
const { CREATE, DESCRIBE, DESCRIBE_CONFIGS, WRITE, READ } = AclOperationTypes;
jest.setTimeout(300_000);

let brokers: Brokers;
const running: (() => Promise<unknown>)[] = [];

async function until(what: string, check: () => boolean): Promise<void> {
  const end = performance.now() + 90_000;
  while (!check()) {
    if (performance.now() > end) throw new Error(`${what}: not within 90 s`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

async function grant(user: string, operations: readonly AclOperationTypes[]): Promise<void> {
  const admin = brokers.client().admin();
  await admin.connect();
  const to = { principal: `User:${user}`, host: '*', permissionType: AclPermissionTypes.ALLOW };
  const topics = Object.values(topicsOf(log.origin)).flatMap((resourceName) =>
    operations.map((operation) => ({
      ...to,
      operation,
      resourceName,
      resourceType: AclResourceTypes.TOPIC,
      resourcePatternType: ResourcePatternTypes.LITERAL,
    })),
  );
  const group = {
    ...to,
    operation: READ,
    resourceName: `sanfang-${user}-`,
    resourceType: AclResourceTypes.GROUP,
    resourcePatternType: ResourcePatternTypes.PREFIXED,
  };
  await admin.createAcls({ acl: [...topics, group] });
  await admin.disconnect();
}

function following(url: string) {
  const { origin, vkey } = log;
  const key = parseVkey(vkey);
  const inbox = new MemoryInbox();
  const client = `sanfang-commission-${running.length}`;
  const at = { clock: () => '2026-03-02T01:00:00.000Z', log: silent };
  const source = new KafkaSource({ settings: parseKafkaUrl(url), origin, key, client, http: log.http(), inbox, ...at });
  const follower = new Follower({ origin, key, source, inbox, ...at, onAccepted: () => undefined });
  const ended = new AbortController();
  const follow = follower.follow(ended.signal);
  running.push(async () => {
    ended.abort();
    await Promise.all([follow, source.close()]);
  });
  return { source, follower };
}

function publishing(user: keyof typeof users) {
  const url = brokers.urlFor(user, users[user]);
  const publisher = log.publisher(parseKafkaUrl(url), `sanfang-${user}-${running.length}`);
  running.push(() => publisher.stop());
  return publisher;
}

describeWithKafka('a Kafka with TLS, users and rights', () => {
  beforeAll(async () => {
    brokers = await Brokers.start(1, { users });
    await grant('inspection', [CREATE, DESCRIBE, DESCRIBE_CONFIGS, WRITE, READ]);
    await grant('commission', [DESCRIBE, DESCRIBE_CONFIGS, READ]);
  }, 400_000);
  afterEach(async () => {
    await Promise.all(running.splice(0).map((stop) => stop()));
    log.served = true;
  });
  afterAll(() => brokers?.end());

  it('carries a log from its owner to a peer', async () => {
    log.grow(20);
    const publisher = publishing('inspection');
    const { source, follower } = following(brokers.urlFor('commission', users.commission));
    await until('all is sent', () => publisher.state().sent === 20);
    await until('the reader connects', () => source.state().connected);
    log.served = false;
    log.grow(5);
    await until('the peer holds all', () => follower.state().size === 25);
    // A restart reads the end of its own topic first.
    await publisher.stop();
    const again = publishing('inspection');
    await until('it goes on', () => again.state().connected && again.state().sent === 25);
  });

  it('lets no peer write into it', async () => {
    const publisher = publishing('commission');
    await until('it is refused', () => /not authorized/i.test(publisher.state().message));
    expect(publisher.state().connected).toBe(false);
  });

  it('takes no wrong password and no unknown authority, and says so; HTTP carries on', async () => {
    const wrong = following(brokers.urlFor('commission', 'pass-3'));
    const unknown = following(brokers.urlFor('commission', users.commission).replace(/&ca=[^&]*/, ''));
    await until('the password is refused', () => /authentication/i.test(wrong.source.state().message));
    await until('the authority is refused', () => /certificate/i.test(unknown.source.state().message));
    for (const { follower } of [wrong, unknown])
      await until('it follows', () => follower.state().size === log.entries.length);
    expect(wrong.source.state().message).not.toContain('pass-3');
  });
});
