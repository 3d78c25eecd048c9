// docs/spec/kafka.md is what the code writes and reads.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseEntry } from '#tlog/entry';
import { entryMessage, readEntryMessage } from './message';
import { topicsOf } from './topics';

const pageOf = (name: string) => readFileSync(join(__dirname, '../../../docs/spec', name), 'utf8');
const blocks = [...pageOf('kafka.md').matchAll(/^```\n([^]*?)^```$/gm)].map(([, text]) => text!.trim().split('\n'));
const [topics, message] = blocks as [string[], string[]];
const entry = Buffer.from(/^```json\n(.*)\n```$/m.exec(pageOf('log.md'))![1]!, 'utf8');
const hex = (text: string) => Buffer.from(text, 'utf8').toString('hex');

describe('the page on Kafka', () => {
  it('names the topics of a log', () => {
    const { entries, checkpoints } = topicsOf('inspection.example.gov.cn/events/v1');
    expect(topics).toEqual([entries, checkpoints]);
  });

  it('shows the entry of the page on logs as a message, which is read back as it was sent', () => {
    expect(entry).toHaveLength(377);
    const { key, value, headers } = entryMessage(6n, entry, String(parseEntry(entry)['stream']));
    expect([hex(key), hex(headers!['index']!)]).toEqual(message);
    const carried = { topic: topics[0]!, offset: 9n, value, headers: { index: Buffer.from(headers!['index']!) } };
    expect(readEntryMessage(carried)).toEqual({ index: 6n, bytes: entry });
  });
});
