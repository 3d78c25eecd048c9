import { sampleEntries, sampleLog } from '#testing/sample-log';
import { parseVkey } from '#tlog/key';
import { Frontier, leafHash } from '#tlog/merkle';
import { readEntry } from '../entry-schema';
import { MemoryInbox } from '../memory-inbox';
import { Arrivals } from './arrivals';
import type { Carried } from './message';
import { topicsOf } from './topics';

const silent = { info: () => undefined, warn: () => undefined, error: () => undefined };
const entries = sampleEntries(60);
const log = sampleLog(entries);
const { origin } = log;
const names = topicsOf(origin);
let offset = 0n;

const message = (index: number | string, value: Uint8Array | null): Carried => {
  return { topic: names.entries, offset: offset++, value, headers: { index: Buffer.from(String(index)) } };
};
const right = (index: number): Carried => message(index, entries[index] as Uint8Array);
const wrong = (index: number, text = 'x'): Carried => message(index, Buffer.from(text));
const note = (value: Uint8Array): Carried => ({ topic: names.checkpoints, offset: offset++, value, headers: {} });

async function holding(inbox: MemoryInbox, size: number): Promise<void> {
  const { frontier } = await inbox.load();
  const from = frontier.size;
  const added = entries.slice(Number(from), size).map((bytes, nth) => {
    frontier.append(leafHash(bytes));
    return { index: from + BigInt(nth), ...readEntry(bytes), bytes, hash: '' };
  });
  const checkpoint = new Uint8Array(0);
  await inbox.accept(origin, { from, entries: added, frontier, checkpoint, verifiedAt: '2026-03-02T01:00:00.000Z' });
}

async function start(size: number) {
  const inbox = new MemoryInbox();
  await holding(inbox, size);
  const clock = () => '2026-03-02T01:00:00.000Z';
  const arrivals = new Arrivals({ origin, key: parseVkey(log.vkey), inbox, clock, log: silent });
  await arrivals.settle(BigInt(size), true);
  return { inbox, arrivals };
}

describe('what Kafka brought', () => {
  it('is a stretch when nothing is missing and no place is claimed twice', async () => {
    const { arrivals } = await start(10);
    await arrivals.take(names.entries, [12, 10, 11, 10].map(right));
    expect(arrivals.stretch(10n, 13n)).toHaveLength(3);
    expect(arrivals.stretch(10n, 14n)).toBeUndefined();
    await arrivals.take(names.entries, [wrong(11)]);
    expect(arrivals.stretch(10n, 13n)).toBeUndefined();
    expect(arrivals.counts()).toMatchObject({ received: 5, repeated: 1, refused: 0 });
  });

  it('is judged by what is held, at once for the past and later for what waits', async () => {
    const { arrivals, inbox } = await start(10);
    await arrivals.take(names.entries, [right(3), wrong(4), right(10), wrong(11), wrong(11, 'y')]);
    expect(arrivals.counts()).toMatchObject({ repeated: 1, refused: 1 });
    await holding(inbox, 13);
    await arrivals.settle(13n, true);
    expect(arrivals.counts()).toMatchObject({ repeated: 1, refused: 3, healed: 2 });
    expect(inbox.evidence.map(({ bytes }) => Buffer.from(bytes ?? '').toString())).toEqual(['x', 'x', 'y']);
    expect(arrivals.oldest()).toBeUndefined();
  });

  it('is refused for its form alone', async () => {
    const { arrivals, inbox } = await start(10);
    const messages = [message('07', entries[7] as Uint8Array), message(-1, entries[7] as Uint8Array), message(8, null)];
    await arrivals.take(names.entries, [...messages, message(9, new Uint8Array(65_536))]);
    await arrivals.take(names.checkpoints, [note(Buffer.from('no note')), { ...note(Buffer.from('')), value: null }]);
    expect(arrivals.counts().refused).toBe(6);
    expect(inbox.evidence).toHaveLength(6);
  });

  it('keeps four claims of one place, and nothing that lies far ahead', async () => {
    const { arrivals } = await start(10);
    await arrivals.take(
      names.entries,
      ['a', 'b', 'c', 'd', 'e'].map((text) => wrong(20, text)),
    );
    expect(arrivals.counts()).toMatchObject({ refused: 1, skipped: 0 });
    await arrivals.take(names.entries, [wrong(9_000)]);
    expect(arrivals.counts()).toMatchObject({ refused: 1, skipped: 1 });
    arrivals.heard(log.files.get('checkpoint') as Uint8Array);
    await arrivals.take(names.entries, [wrong(9_000)]);
    expect(arrivals.counts()).toMatchObject({ refused: 2, skipped: 1 });
  });

  it('goes on from the oldest message that is still needed', async () => {
    const { arrivals, inbox } = await start(10);
    const first = right(12);
    await arrivals.take(names.entries, [right(3), first, right(10)]);
    expect(arrivals.oldest()).toBe(first.offset);
    await holding(inbox, 13);
    await arrivals.settle(13n, true);
    expect(arrivals.oldest()).toBeUndefined();
  });

  it('knows the newest signed checkpoint, and tells of one that contradicts it once', async () => {
    const { arrivals } = await start(10);
    const other = sampleLog([...entries.slice(1), entries[0] as Uint8Array]);
    const notes = [log, other, sampleLog(entries.slice(0, 20))].map(
      ({ files }) => files.get('checkpoint') as Uint8Array,
    );
    await arrivals.take(names.checkpoints, notes.map(note));
    expect(arrivals.signed()?.size).toBe(60n);
    expect(arrivals.takeContradiction()).toBe(notes[1]);
    expect(arrivals.takeContradiction()).toBeUndefined();
    const frontier = Frontier.empty();
    for (const entry of entries) frontier.append(leafHash(entry));
    expect(arrivals.signed()?.root).toEqual(frontier.root());
  });
});
