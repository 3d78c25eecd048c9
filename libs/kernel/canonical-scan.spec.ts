// The scan may say yes only where parseCanonical accepts; where it says no, nothing follows.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describeWithVectors, vectorFolder } from '#testing/vectors';
import { canonicalBytes, parseCanonical } from './canonical-json';
import { isSurelyCanonical } from './canonical-scan';

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

function isCanonical(candidate: Uint8Array): boolean {
  try {
    parseCanonical(candidate);
    return true;
  } catch {
    return false;
  }
}

/** The rule: sure means canonical. */
function holdsFor(candidate: Uint8Array): void {
  if (isSurelyCanonical(candidate)) expect(isCanonical(candidate)).toBe(true);
}

const characters = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 8 }),
  fc.string({
    unit: fc.constantFrom('a', 'b', '问', '\u0000', '\n', '"', '\\', '\ue000', '\uffff', '😀', '\u007f'),
    maxLength: 5,
  }),
);
const values = fc.letrec((tie) => ({
  value: fc.oneof(
    { maxDepth: 4 },
    fc.constantFrom(null, true, false, -0, 1e21, 1e-7, 2 ** 53, 2 ** 53 + 2, 999_999_999_999_999),
    fc.double({ noNaN: true, noDefaultInfinity: true }),
    fc.integer(),
    characters,
    fc.array(tie('value'), { maxLength: 4 }),
    fc.dictionary(characters, tie('value'), { maxKeys: 4 }),
  ),
})).value;

describe('what is sure to be canonical', () => {
  it('is canonical, whatever the value and wherever a byte of it is changed, left out or put in', () => {
    const edits = fc.array(fc.tuple(fc.nat(), fc.constantFrom(0, 1, 2), fc.integer({ min: 0, max: 255 })), {
      maxLength: 2,
    });
    fc.assert(
      fc.property(values, edits, (value, changes) => {
        const whole = [...canonicalBytes(value)];
        for (const [place, cut, byte] of changes) whole.splice(place % (whole.length + 1), cut, byte);
        holdsFor(Uint8Array.from(whole));
      }),
      { numRuns: 3_000 },
    );
  });

  it('is canonical among texts put together from the pieces of JSON', () => {
    const pieces = [
      '{',
      '}',
      '[',
      ']',
      ',',
      ':',
      '"',
      '""',
      '"a"',
      '"b"',
      '"\\n"',
      '"\\u000b"',
      '"\\/"',
      '0',
      '-',
      '-0',
      '12',
      '1.5',
      '01',
      ' ',
    ];
    const texts = fc.array(fc.constantFrom(...pieces, 'null', 'true', 'false', '"ab"', '"\u{1f600}"', '"\ue000"'), {
      maxLength: 9,
    });
    fc.assert(
      fc.property(texts, (parts) => holdsFor(bytes(parts.join('')))),
      { numRuns: 6_000 },
    );
  });

  it('is every plain value: integers, Chinese, nested objects and lists', () => {
    const plain = fc.letrec((tie) => ({
      value: fc.oneof(
        { maxDepth: 4 },
        fc.constantFrom(null, true, false, 0, -7, 999_999_999_999_999),
        fc.string({
          unit: fc.constantFrom('a', 'Z', ' ', '问', '题', '😀', '\n', '"', '\\', 'é', '\u2028'),
          maxLength: 9,
        }),
        fc.array(tie('value'), { maxLength: 4 }),
        fc.dictionary(fc.string({ unit: fc.constantFrom('a', 'b', ' ', '!', '问'), maxLength: 4 }), tie('value')),
      ),
    })).value;
    fc.assert(
      fc.property(plain, (value) => isSurelyCanonical(canonicalBytes(value))),
      { numRuns: 500 },
    );
  });
});

it.each([
  ['reordered keys', '{"b":1,"a":2}'],
  ['duplicate keys', '{"a":1,"a":1}'],
  ['duplicate keys with an escape', '{"\\n":1,"\\n":1}'],
  ['keys in the order of bytes where that of UTF-16 differs', '{"\ue000":1,"😀":1}'],
  ['a needless fraction', '[1.0]'],
  ['an exponent', '[1e2]'],
  ['a leading zero', '[01]'],
  ['minus zero', '[-0]'],
  ['an integer beyond 2^53', '[9007199254740993]'],
  ['a needless escape', '["\\u0041"]'],
  ['an escaped slash', '["\\/"]'],
  ['leading space', ' {}'],
  ['something behind the value', '{}{}'],
  ['a byte order mark', '\ufeff{}'],
  ['a raw line feed', '["\n"]'],
  ['half a surrogate pair, escaped', '["\\ud800"]'],
  ['no JSON', '{'],
  ['nothing', ''],
])('is not %s', (_, text) => expect(isSurelyCanonical(bytes(text))).toBe(false));

it.each([
  ['a lone continuation byte', [0x80]],
  ['a long spelling of two bytes', [0xc0, 0x80]],
  ['a long spelling of three bytes', [0xe0, 0x80, 0x80]],
  ['a long spelling of four bytes', [0xf0, 0x80, 0x80, 0x80]],
  ['half a surrogate pair', [0xed, 0xa0, 0x80]],
  ['a character beyond the last', [0xf4, 0x90, 0x80, 0x80]],
  ['a character cut short', [0xe9, 0x97]],
])('is not a text with %s', (_, middle) => {
  expect(isSurelyCanonical(Uint8Array.from([0x22, ...middle, 0x22]))).toBe(false);
  expect(isSurelyCanonical(Uint8Array.from([0x22, ...middle]))).toBe(false);
});

it('says nothing of very deep values', () => {
  expect(isSurelyCanonical(bytes('['.repeat(32) + ']'.repeat(32)))).toBe(true);
  expect(isSurelyCanonical(bytes('['.repeat(60_000) + ']'.repeat(60_000)))).toBe(false);
});

const pairs = vectorFolder('jcs');
describeWithVectors('the public RFC 8785 pairs, by the scan', pairs, () => {
  it.each(['input', 'output'])('are never called canonical when they are not (%s)', (side) => {
    const folder = join(pairs, side);
    const all = readdirSync(folder).map((name) => readFileSync(join(folder, name)));
    expect(all).toHaveLength(6);
    for (const each of all) holdsFor(each);
    expect(all.filter(isSurelyCanonical)).toHaveLength(side === 'input' ? 0 : 3);
  });
});
