import fc from 'fast-check';
import { gramsOf, searchable } from './grams';

/** As the rule says it: every character and every pair of neighbours, without what is separated by white space. */
function meant(words: string): string[] {
  const grams = new Set<string>();
  for (const run of searchable(words).split(/\s+/)) {
    const characters = [...run];
    characters.forEach((character, n) => {
      grams.add(character);
      if (n > 0) grams.add(`${characters[n - 1]}${character}`);
    });
  }
  return [...grams].sort();
}

const character = fc.oneof(
  fc.constantFrom(
    '学',
    '习',
    'Ａ',
    'a',
    '（',
    ' ',
    '\n',
    '\u3000',
    '\u00a0',
    '𠀀',
    '\0',
    '\uffff',
    '\ud800',
    'ﬁ',
    '㎏',
  ),
  fc.string({ minLength: 1, maxLength: 1, unit: 'binary' }),
);

describe('the grams of a text', () => {
  it('are its characters and neighbouring pairs, each once and in order', () => {
    expect(gramsOf('学习 学习A')).toEqual(['a', '习', '习a', '学', '学习']);
  });

  it('are the same for every text, whichever way they are found', () => {
    fc.assert(
      fc.property(fc.array(character, { maxLength: 40 }), (characters) => {
        const words = characters.join('');
        expect(gramsOf(words)).toEqual(meant(words));
      }),
    );
  });
});
