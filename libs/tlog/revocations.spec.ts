import { formatVkey, LOG_KEY_TYPE, signingKey } from './key';
import { dataOf, revocationsOf, wordOf } from './revocations';
import type { Word } from './revocations';

const origin = 'inspection.example/events/v1';
const [stolen, next, other] = [1, 2, 3].map((fill) =>
  formatVkey(signingKey(origin, LOG_KEY_TYPE, new Uint8Array(32).fill(fill))),
) as [string, string, string];
const word = (by: Word['by'], change: Partial<Word> = {}): Word => {
  return { by, origin, vkey: stolen, lastGoodSize: 10n, successor: '', ...change };
};
const counted = (words: readonly Word[], here: Word['by'] = 'commission') =>
  revocationsOf(words, 'inspection', here).map(({ key, lastGoodSize, successor }) => {
    return [formatVkey(key), lastGoodSize, successor && formatVkey(successor)];
  });

describe('a key is revoked', () => {
  it('by the own word, or by that of two others', () => {
    expect(counted([word('commission')])).toEqual([[stolen, 10n, undefined]]);
    expect(counted([word('organization')])).toEqual([]);
    expect(counted([word('commission'), word('organization')], 'organization')).toHaveLength(1);
  });

  it('never by the word of its own agency, who could be the thief', () =>
    expect(counted([word('inspection'), word('organization')])).toEqual([]));

  it('beyond the smallest of the sizes', () =>
    expect(counted([word('commission'), word('organization', { lastGoodSize: 7n })])[0]?.[1]).toBe(7n));

  it('in favour of a successor that two have named alike, and of no other', () => {
    const named = (a: string, b: string) =>
      counted([word('commission', { successor: a }), word('organization', { successor: b })])[0]?.[2];
    expect([named(next, next), named(next, other), named(next, '')]).toEqual([next, undefined, undefined]);
  });

  it('by the last word of each', () => {
    const words = [word('commission', { successor: other }), word('organization', { successor: next })];
    expect(counted([...words, word('commission', { successor: next, lastGoodSize: 11n })])).toEqual([
      [stolen, 10n, next],
    ]);
  });
});

describe('a word', () => {
  it('is read as it was written', () => {
    const said = word('commission', { successor: next });
    expect(wordOf('commission', dataOf(said))).toEqual(said);
  });

  it.each([
    ['no size', { lastGoodSize: -1 }],
    ['no key', { vkey: 'x' }],
    ['a key of another log', { origin: 'other.example/events/v1' }],
    ['a successor that is none', { successor: 'x' }],
  ])('with %s counts for nothing', (_what, change) =>
    expect(wordOf('commission', { ...dataOf(word('commission')), ...change })).toBeUndefined(),
  );
});
