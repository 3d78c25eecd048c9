// Three agencies whose shared stream goes over a real broker. Whatever the broker does, and whatever somebody writes into
// its topics, they end up with exactly what the logs say, and are on Kafka again within a minute.
import type { Kafka } from 'kafkajs';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { agencies } from '#kernel/envelope';
import type { Agency } from '#kernel/envelope';
import { paths } from '#contracts/api';
import type { LedgerLine, RoundList } from '#contracts/answers';
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
import { contentOf, messages, missingEvidence, onKafka, originOf, peersOf, poison, report } from './over-kafka';
import { sameAsWithoutFaults, worldOn } from './over-kafka';
import type { Sent } from './over-kafka';
import { audit, feedbackDate, logFolders, opened } from './world';
import type { World } from './world';

jest.setTimeout(480_000);

const recoverySeconds = 60;
const textOf = ({ key, value }: Sent): string => `${String(key)} ${String(value)}`;
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

  it('show the brokers no word of a clue, and no secret of an agency', async () => {
    const mark = '金丝雀';
    const clue = { unitName: `${mark}单位`, source: `${mark}来源`, person: `${mark}某`, post: `${mark}职务` };
    const { rounds } = await story.cast.office.get<RoundList>(paths.rounds);
    const list = { kind: 'single', roundId: rounds[0]!.roundId, clues: [{ ...clue, contents: `${mark}内容` }] };
    // Until the receiver's key has arrived here.
    await until('the clue is handed over', () =>
      story.cast.office.send(paths.clueLists, list).catch((error: { problem?: { code: string } }) => {
        if (error.problem?.code !== 'sealing.noKey') throw error;
        return undefined;
      }),
    );
    await agreed(story.cast, recoverySeconds);
    const topics = agencies.flatMap((agency) => Object.values(topicsOf(originOf(agency))));
    const sealed = async () => (await contentOf(kafka, topicsOf(originOf('inspection')).entries)).map(textOf);
    await until('its sealed body is in the topic', async () =>
      (await sealed()).some((text) => text.includes('inspection.sealed.v1')) ? true : undefined,
    );
    const secrets = agencies.flatMap((agency) => {
      const keys = join(here.region.folder(agency), 'keys');
      const files = readdirSync(keys).filter((name) => statSync(join(keys, name)).isFile() && !name.endsWith('.pub'));
      return files.flatMap((name) => readFileSync(join(keys, name), 'utf8').split(/\s+/));
    });
    const hidden = [
      mark,
      Buffer.from(mark).toString('base64').slice(0, -2),
      ...secrets.filter((each) => each.length > 40),
    ];
    for (const topic of topics) {
      const texts = (await contentOf(kafka, topic)).map(textOf);
      expect(texts.length).toBeGreaterThan(0);
      expect(texts.filter((text) => hidden.some((each) => text.includes(each)))).toEqual([]);
    }
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
