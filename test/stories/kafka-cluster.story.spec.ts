// Three brokers under three agencies: one of them stops, the one that leads a topic stops, all of them stop. Work goes on
// each time, and each time the agencies come back to Kafka by themselves.
import { setTimeout as pause } from 'node:timers/promises';
import type { LedgerLine } from '#contracts/answers';
import { topicsOf } from '#stream/kafka/topics';
import { agreed, claim, ledger, until } from '../../apps/region/src/scenario';
import type { Opened, Staff } from '../../apps/region/src/scenario';
import { Brokers, describeWithKafka } from '../kafka/brokers';
import { messages, onKafka, originOf, peersOf, report, sameAsWithoutFaults, worldOn } from './over-kafka';
import { opened } from './world';
import type { World } from './world';

jest.setTimeout(480_000);

const recoverySeconds = 60;
/** How long no broker is there; a whole minute is asked for by hand. */
const outageSeconds = Number(process.env['SANFANG_KAFKA_OUTAGE_SECONDS'] ?? 15);
let brokers: Brokers;
let here: World;
let story: Opened;
let lines: LedgerLine[];

async function leaderOf(topic: string): Promise<number> {
  const admin = brokers.client().admin();
  await admin.connect();
  const { topics } = await admin.fetchTopicMetadata({ topics: [topic] });
  await admin.disconnect();
  return topics[0]?.partitions[0]?.leader as number;
}

async function workAndAgree(text: string): Promise<void> {
  for (const line of lines.slice(0, 3)) await report(story, line, text);
  await agreed(story.cast, recoverySeconds);
}

describeWithKafka('three agencies over three brokers', () => {
  beforeAll(async () => {
    brokers = await Brokers.start(3);
    here = await worldOn(brokers);
    story = await opened(here);
    lines = await ledger(story.cast.office);
    for (const line of lines) await claim(story.cast.staff.get(line.unitId) as Staff, line.issueId);
    await onKafka(here);
  }, 400_000);
  afterAll(async () => {
    await here?.end();
    await brokers?.end();
  });

  it('are not disturbed by the loss of the broker that leads a topic', async () => {
    const leader = await leaderOf(topicsOf(originOf('inspection')).entries);
    await brokers.kill(leader);
    await workAndAgree('失去主节点后报告。');
    await onKafka(here, recoverySeconds);
    brokers.launch(leader);
    await brokers.ready();
    await onKafka(here, recoverySeconds);
  });

  it('are not disturbed by the loss of another one', async () => {
    const leader = await leaderOf(topicsOf(originOf('inspection')).entries);
    const other = brokers.ids.find((id) => id !== leader) as number;
    await brokers.kill(other);
    await workAndAgree('失去从节点后报告。');
    await onKafka(here, recoverySeconds);
    brokers.launch(other);
    await brokers.ready();
  });

  it('work on while there is none, and are on Kafka again within a minute', async () => {
    for (const id of brokers.ids) await brokers.kill(id);
    const end = performance.now() + outageSeconds * 1_000;
    await workAndAgree('无节点时报告。');
    await pause(Math.max(0, end - performance.now()));
    await workAndAgree('仍无节点时报告。');
    for (const id of brokers.ids) brokers.launch(id);
    await brokers.ready();
    await onKafka(here, recoverySeconds);
    const readers = peersOf('inspection');
    const before = await Promise.all(readers.map((agency) => messages(here, agency, 'received')));
    await workAndAgree('节点恢复后报告。');
    await until('both others read there what the office wrote', async () => {
      const after = await Promise.all(readers.map((agency) => messages(here, agency, 'received')));
      return after.every((count, nth) => count > (before[nth] as number)) ? true : undefined;
    });
    await sameAsWithoutFaults(here);
  });
});
