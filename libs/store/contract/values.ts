// Rules about what may be stored: whatever would not come back as it went in is refused before it is sent.
import type { JsonObject } from '#kernel/canonical-json';
import { maxAppendBytes, type NewEvent, NotStorable, TooLarge } from '../event-store';
import { all, fact, type GetStore, names, refusal, sampleMeta } from './samples';

export function sizeRules(store: GetStore): void {
  const overhead = Buffer.byteLength(JSON.stringify(sampleMeta)) + Buffer.byteLength('{"text":""}');
  const sized = (bytes: number) => fact({ text: 'x'.repeat(bytes - overhead) });

  it('given 1 MiB of data and meta, when it is appended, then it is stored', async () => {
    await store().append('issue-1', [sized(maxAppendBytes)], 'no_stream');
    expect(await all(store().readAll())).toHaveLength(1);
  });

  it('given one byte more, when it is appended, then it is refused and nothing is stored', async () => {
    const error = await refusal(store().append('issue-1', [sized(maxAppendBytes + 1)], 'no_stream'));
    expect(error).toBeInstanceOf(TooLarge);
    expect(error).toMatchObject({ bytes: maxAppendBytes + 1 });
    expect(await all(store().readAll())).toEqual([]);
  });

  it('when the events of one append are too large together, then it is refused', async () => {
    const events = [fact({ text: '字'.repeat(200_000) }), fact({ text: '字'.repeat(200_000) })];
    expect(await refusal(store().append('issue-1', events, 'no_stream'))).toBeInstanceOf(TooLarge);
  });
}

export function valueRules(store: GetStore): void {
  const circle: { [key: string]: unknown } = {};
  circle.self = circle;

  it.each([
    ['a BigInt', { n: 1n }],
    ['undefined', { n: undefined }],
    ['undefined in a list', { list: [1, undefined] }],
    ['a hole in a list', { list: new Array(1) }],
    ['NaN', { n: NaN }],
    ['infinity', { n: Infinity }],
    ['a whole number beyond 2^53', { n: 2 ** 53 }],
    ['a lone surrogate', { text: 'a\ud834' }],
    ['a lone surrogate in a key', { '\udd1e': 1 }],
    ['a NUL character', { text: 'a\0b' }],
    ['a date object', { at: new Date(0) }],
    ['a function', { run: () => 1 }],
    ['a circle', circle],
    ['a list as data', [1]],
  ])('when %s is appended, then it is refused and nothing is stored', async (_what, data) => {
    const events = [fact(), fact(data as unknown as JsonObject)];
    expect(await refusal(store().append('issue-1', events, 'no_stream'))).toBeInstanceOf(NotStorable);
    expect(await all(store().readAll())).toEqual([]);
  });

  it('when meta holds such a value, then it is refused too', async () => {
    const event = { ...fact(), meta: { ...sampleMeta, salt: 'a\0' } };
    expect(await refusal(store().append('issue-1', [event], 'no_stream'))).toBeInstanceOf(NotStorable);
  });

  it.each<[string, string, () => NewEvent[]]>([
    ['a stream without name', '', () => [fact()]],
    ['a stream of the store itself', '$all', () => [fact()]],
    ['a stream name with NUL', 'issue-\0', () => [fact()]],
    ['no event at all', 'issue-1', () => []],
    ['an id that is no UUID', 'issue-1', () => [{ ...fact(), id: '1' }]],
    ['an event without type', 'issue-1', () => [fact({}, '')]],
    ['one id twice', 'issue-1', () => Array.from({ length: 2 }, () => ({ ...fact(), id: sameId }))],
  ])('when %s is given, then the append is refused', async (_what, stream, events) => {
    expect(await refusal(store().append(stream, events(), 'no_stream'))).toBeInstanceOf(NotStorable);
  });

  it('given one refused value among appends of others, when all are sent at once, then only that one fails', async () => {
    const good = store().append('issue-1', [fact()], 'no_stream');
    const bad = store().append('issue-2', [fact({ n: NaN })], 'no_stream');
    const settled = await Promise.allSettled([good, bad]);
    expect(settled.map(({ status }) => status)).toEqual(['fulfilled', 'rejected']);
    expect(names(await all(store().readAll()))).toEqual(['issue-1:0']);
  });
}

const sameId = 'ffffffff-0000-4000-8000-000000000000';
