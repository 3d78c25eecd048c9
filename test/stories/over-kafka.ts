// What the Kafka stories share: a region on brokers, what it says of them, and what a hostile hand could write there.
import type { Kafka } from 'kafkajs';
import { agencies } from '#kernel/envelope';
import type { Agency } from '#kernel/envelope';
import { topicsOf } from '#stream/kafka/topics';
import type { LedgerLine } from '#contracts/answers';
import { act, until } from '../../apps/region/src/scenario';
import type { Opened, Staff } from '../../apps/region/src/scenario';
import type { Brokers } from '../kafka/brokers';
import { asAdministrator, world } from './world';
import type { World } from './world';

export const originOf = (agency: Agency): string => `${agency}.sanfang.example/events/v1`;
export const peersOf = (agency: Agency): Agency[] => agencies.filter((each) => each !== agency);

export function worldOn({ url }: Brokers): Promise<World> {
  return world({ env: Object.fromEntries(agencies.map((agency) => [`${agency.toUpperCase()}_KAFKA_URL`, url])) });
}

/** All three send and read, and nothing lies unread. */
export async function onKafka({ region }: World, seconds = 60): Promise<void> {
  for (const agency of agencies) {
    let said = '';
    await until(
      `${agency} is on Kafka`,
      async () => {
        const answer = await fetch(`${region.urls[agency]}/ready`);
        const { checks } = (await answer.json()) as { checks: Record<string, { detail?: string }> };
        said = checks['kafka']?.detail ?? '';
        return /^own log connected/.test(said) && (said.match(/v1 connected, lag 0,/g) ?? []).length === 2
          ? true
          : undefined;
      },
      seconds,
    ).catch((error: Error) => {
      throw new Error(`${error.message}; it says: ${said}`);
    });
  }
}

/** Messages by outcome, over both peers of an agency, as its figures say. */
export async function messages({ region }: World, agency: Agency, outcome: string): Promise<number> {
  const text = await (await fetch(`${region.urls[agency]}/metrics`)).text();
  const lines = text.split('\n').filter((line) => line.startsWith('sanfang_kafka_messages_total{'));
  return lines
    .filter((line) => line.includes(`outcome="${outcome}"`))
    .reduce((sum, line) => sum + Number(line.split(' ').at(-1)), 0);
}

/** One thing happens in the ledger, so that the logs grow. */
export async function report(story: Opened, line: LedgerLine, text: string): Promise<void> {
  await act((story.cast.staff.get(line.unitId) as Staff).owner, line.issueId, 'reportProgress', { text });
}

export type Sent = { readonly key: Buffer | null; readonly value: Buffer | null; readonly headers?: { index: string } };

/** Everything that a topic holds now. */
export async function contentOf(kafka: Kafka, topic: string): Promise<Sent[]> {
  const admin = kafka.admin();
  await admin.connect();
  const [end] = await admin.fetchTopicOffsets(topic);
  await admin.disconnect();
  const found: Sent[] = [];
  if (!end || end.high === end.low) return found;
  const consumer = kafka.consumer({ groupId: `test-${topic}-${performance.now()}`, maxWaitTimeInMs: 200 });
  await consumer.connect();
  await consumer.subscribe({ topics: [topic], fromBeginning: true });
  let last = -1n;
  await consumer.run({
    autoCommit: false,
    eachMessage: ({ message: { key, value, headers, offset } }) => {
      const index = headers?.['index'];
      found.push({ key, value, ...(index !== undefined && { headers: { index: String(index) } }) });
      last = BigInt(offset);
      return Promise.resolve();
    },
  });
  await until(`${topic} is read`, async () => (last >= BigInt(end.high) - 1n ? true : undefined), 60);
  await consumer.disconnect();
  return found;
}

/** The whole topic ten times over, out of order within 1,000, with a bit flipped in some copies and in some notes. */
export async function poison(kafka: Kafka, agency: Agency, chance: () => number): Promise<Buffer[]> {
  const { entries, checkpoints } = topicsOf(originOf(agency));
  const forged: Buffer[] = [];
  const flip = (sent: Sent): Sent => {
    const value = Buffer.from(sent.value as Buffer);
    value[Math.floor(chance() * value.length)]! ^= 1 << Math.floor(chance() * 8);
    forged.push(value);
    return { ...sent, value };
  };
  const all = await contentOf(kafka, entries);
  const step = Math.max(1, Math.floor(all.length / 20));
  const more = all.flatMap((sent, nth) => [...Array<Sent>(10).fill(sent), ...(nth % step === 0 ? [flip(sent)] : [])]);
  const shuffled = more.map((sent, nth) => ({ sent, at: nth + chance() * 1_000 })).sort((a, b) => a.at - b.at);
  const notes = (await contentOf(kafka, checkpoints)).slice(-3).map(flip);
  const producer = kafka.producer();
  await producer.connect();
  for (let at = 0; at < shuffled.length; at += 500) {
    const part = shuffled.slice(at, at + 500).map(({ sent }) => sent);
    await producer.send({ topic: entries, acks: -1, messages: part });
  }
  await producer.send({ topic: checkpoints, acks: -1, messages: notes });
  await producer.disconnect();
  return forged;
}

/** Which of the forged messages an agency does not hold as evidence. */
export async function missingEvidence(here: World, reader: Agency, author: Agency, forged: readonly Buffer[]) {
  const rows = await asAdministrator(here, reader, async (postgres) => {
    const sql = `select note, bytes from inbox.evidence where origin = $1 and kind = 'refused'`;
    return (await postgres.query<{ note: Buffer; bytes: Buffer | null }>(sql, [originOf(author)])).rows;
  });
  const kept = new Set(rows.flatMap(({ note, bytes }) => [note, bytes ?? note]).map((each) => each.toString('hex')));
  return forged.filter((each) => !kept.has(each.toString('hex')));
}

/** What an agency accepted of each peer is, byte for byte, what that peer's own log is: no transport could give more. */
export async function sameAsWithoutFaults(here: World): Promise<void> {
  const digest = `count(*)::int as count, md5(string_agg(encode(bytes, 'hex'), ',' order by index)) as bytes`;
  for (const author of agencies) {
    const own = await asAdministrator(here, author, async (postgres) => {
      return (await postgres.query(`select ${digest} from log.entry`)).rows[0] as object;
    });
    for (const reader of peersOf(author)) {
      const accepted = await asAdministrator(here, reader, async (postgres) => {
        const sql = `select ${digest} from inbox.entry where origin = $1`;
        return (await postgres.query(sql, [originOf(author)])).rows[0] as object;
      });
      expect({ author, reader, ...accepted }).toEqual({ author, reader, ...own });
    }
  }
  for (const agency of agencies) {
    const url = `${here.region.urls[agency]}/rebuild/ledger`;
    const answer = await fetch(url, { method: 'POST', headers: { 'sanfang-operator': '1' } });
    expect(await answer.json()).toMatchObject({ view: 'ledger', equal: true });
  }
}
