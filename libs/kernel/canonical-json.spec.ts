// RFC 8785 against its public pairs, and the bytes that one comparison must refuse (trust.md 2.5).
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describeWithVectors, vectorFolder } from '#testing/vectors';
import { canonicalBytes, canonicalize, NotCanonical, parseCanonical } from './canonical-json';
import type { Json } from './canonical-json';

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

const pairs = vectorFolder('jcs');

describeWithVectors('the public RFC 8785 pairs', pairs, () => {
  it.each(['arrays', 'french', 'structures', 'unicode', 'values', 'weird'])(
    'writes %s exactly as published',
    (name) => {
      const value = JSON.parse(readFileSync(join(pairs, 'input', `${name}.json`), 'utf8')) as Json;
      const expected = readFileSync(join(pairs, 'output', `${name}.json`));
      expect(Buffer.from(canonicalBytes(value)).equals(expected)).toBe(true);
      const hex = readFileSync(join(pairs, 'outhex', `${name}.txt`), 'utf8').replace(/\s+/g, '');
      expect(Buffer.from(canonicalBytes(value)).toString('hex')).toBe(hex);
      expect(parseCanonical(expected)).toEqual(value);
    },
  );
});

describe('canonical JSON', () => {
  it.each([
    ['reordered keys', '{"b":1,"a":2}'],
    ['duplicate keys', '{"a":1,"a":1}'],
    ['a needless fraction', '[1.0]'],
    ['an exponent', '[1e2]'],
    ['an integer beyond 2^53', '[9007199254740993]'],
    ['a needless escape', '["\\u0041"]'],
    ['leading space', ' {}'],
    ['a byte order mark', '\ufeff{}'],
    ['half a surrogate pair', '["\\ud800"]'],
    ['no JSON', '{'],
  ])('refuses %s', (_, text) => expect(() => parseCanonical(bytes(text))).toThrow(NotCanonical));

  it('refuses bytes that are not UTF-8', () =>
    expect(() => parseCanonical(Uint8Array.of(0x22, 0xff, 0x22))).toThrow(NotCanonical));

  it.each([[NaN], [Infinity], [1n], [undefined], [() => 1], ['\ud800']])('has no form for %s', (value) =>
    expect(() => canonicalize(value)).toThrow(NotCanonical),
  );

  it('leaves out members that are undefined, and keeps Chinese as it is', () =>
    expect(canonicalize({ 乙: 1, a: undefined, 甲: '问题' })).toBe('{"乙":1,"甲":"问题"}'));
});
