// Three agencies whose shared stream goes over a real broker. Whatever the broker does, and whatever somebody writes into
// its topics, they end up with exactly what the logs say, and are on Kafka again within a minute.
import type { Kafka } from 'kafkajs';
import { agencies } from '#kernel/envelope';
import type { Agency } from '#kernel/envelope';
import type { LedgerLine } from '#contracts/answers';
import { topicsOf } from '#stream/kafka/topics';
import {
  agreed,
  claim,
  ledger,
  rectify,
  requestCloseOut,
  settled,
  until,
  verify,
} from '../../apps/region/src/scenario';
import type { Opened, Staff } from '../../apps/region/src/scenario';
import { Brokers, describeWithKafka } from '../kafka/brokers';
import { messages, missingEvidence, onKafka, originOf, peersOf, poison, report } from './over-kafka';
import { sameAsWithoutFaults, worldOn } from './over-kafka';
import { audit, feedbackDate, logFolders, opened } from './world';
import type { World } from './world';

jest.setTimeout(480_000);

const recoverySeconds = 60;
let brokers: Brokers;
let kafka: Kafka;
let here: World;
let story: Opened;
let lines: LedgerLine[];
const line = (n: number): LedgerLine => lines[n] as LedgerLine;
const staff = (n: number): Staff => story.cast.staff.get(line(n).unitId) as Staff;

describeWithKafka('three agencies over a broker', () => {
  beforeAll(async () => {
    brokers = await Brokers.start();
    kafka = brokers.client();
    here = await worldOn(brokers);
    story = await opened(here);
    lines = await ledger(story.cast.office);
    for (const each of lines) await claim(story.cast.staff.get(each.unitId) as Staff, each.issueId);
    await onKafka(here);
  }, 400_000);
  afterAll(async () => {
    await here?.end();
    await brokers?.end();
  });

  it('close an issue, and the messages came over Kafka', async () => {
    await rectify(staff(0), line(0).issueId, line(0).due, feedbackDate);
    await requestCloseOut(story.cast, line(0));
    await verify(story.cast, line(0), 'accept');
    await settled(story.cast, line(0).issueId, 'closedOut');
    await agreed(story.cast, recoverySeconds);
    for (const agency of agencies) expect(await messages(here, agency, 'received')).toBeGreaterThan(0);
  });

  it('refuse and keep every forged message, among ten of each and out of order', async () => {
    let seed = 11;
    const chance = () => (seed = (seed * 48_271) % 2_147_483_647) / 2_147_483_647;
    const forged = new Map<Agency, Buffer[]>();
    for (const agency of agencies) {
      forged.set(agency, await poison(kafka, agency, chance));
      await report(story, line(1), `已核对${agency}一次。`);
    }
    await agreed(story.cast, recoverySeconds);
    for (const author of agencies) {
      expect(forged.get(author)?.length).toBeGreaterThan(1);
      for (const reader of peersOf(author)) {
        await until(
          `${reader} keeps all that was forged in the name of ${author}`,
          async () => {
            const missing = await missingEvidence(here, reader, author, forged.get(author) as Buffer[]);
            return missing.length === 0 ? true : undefined;
          },
          recoverySeconds,
        );
      }
    }
    await onKafka(here, recoverySeconds);
  });

  it('go on while the broker is dead, and are on it again when it returns', async () => {
    await brokers.kill(1);
    await rectify(staff(1), line(1).issueId, line(1).due, feedbackDate);
    await requestCloseOut(story.cast, line(1));
    await verify(story.cast, line(1), 'accept');
    await settled(story.cast, line(1).issueId, 'closedOut');
    await agreed(story.cast, recoverySeconds);
    brokers.launch(1);
    await brokers.ready();
    await onKafka(here, recoverySeconds);
    await report(story, line(2), '经纪恢复后报告。');
    await agreed(story.cast, recoverySeconds);
  });

  it('go on after their topics were deleted, and make them again', async () => {
    const admin = kafka.admin();
    await admin.connect();
    const all = agencies.flatMap((agency) => Object.values(topicsOf(originOf(agency))));
    await admin.deleteTopics({ topics: all });
    await report(story, line(2), '主题删除后报告。');
    await agreed(story.cast, recoverySeconds);
    await until(
      'the topics are there again',
      async () => {
        const there = await admin.listTopics();
        return all.every((topic) => there.includes(topic)) ? true : undefined;
      },
      recoverySeconds,
    );
    await admin.disconnect();
    await onKafka(here, recoverySeconds);
  });

  it('end with the same bytes as without any fault, and an outsider finds the logs whole', async () => {
    await report(story, line(3), '最后一次报告。');
    await agreed(story.cast, recoverySeconds);
    await sameAsWithoutFaults(here);
    const { result } = await audit(logFolders(here));
    expect(result).toMatchObject({ ok: true });
  });
});
