// What an agency writes and what its peers accept is one and the same: the checks before writing and after reading agree.
import { sampleEntry } from '#testing/sample-log';
import type { Entry } from '#kernel/envelope';
import { canonicalBytes } from '#kernel/canonical-json';
import { sm3Of } from '#tlog/sm3';
import { EntryFault, readEntry, writeEntry } from './entry-schema';

const sound = JSON.parse(Buffer.from(sampleEntry(3)).toString('utf8')) as Entry;

describe('an entry', () => {
  it('is written as the bytes that its readers accept', () => {
    const bytes = writeEntry(sound);
    expect(Buffer.from(bytes).equals(sampleEntry(3))).toBe(true);
    expect(readEntry(bytes)).toEqual({ id: sound.id, type: sound.type });
  });

  it('may carry the SM3 digest of all else', () => {
    const digested = { ...sound, sm3: sm3Of(sound) };
    expect(readEntry(writeEntry(digested))).toEqual({ id: sound.id, type: sound.type });
    expect(() => readEntry(canonicalBytes({ ...digested, revision: 9 }))).toThrow('sm3 is not the digest');
  });

  it.each([
    ['another version', { v: 2 }],
    ['an id that is none', { id: 'x' }],
    ['a type too long to keep', { type: 'a'.repeat(251) }],
    ['the NUL character in its stream', { stream: 'a\0b' }],
    ['a negative revision', { revision: -1 }],
    ['a time without zone', { at: '2026-03-02T01:00:00' }],
    ['an actor of no agency', { actor: { ...sound.actor, agency: 'other' } }],
    ['a field of the actor that nobody knows', { actor: { ...sound.actor, rank: 'x' } }],
    ['a size that is no integer', { seen: { a: 0.5 } }],
    ['a commitment that is no hash', { commit: 'ff' }],
    ['an SM3 digest of something else', { sm3: '0'.repeat(64) }],
    ['an SM3 digest that is none', { sm3: 'ff' }],
    ['data that is a list', { data: [] }],
    ['a field that nobody knows', { extra: 1 }],
    ['the key __proto__ deep inside', { data: JSON.parse('{"a":{"__proto__":{}}}') as object }],
  ])('with %s is neither written nor accepted', (_, change) => {
    const broken = { ...sound, ...change } as unknown as Entry;
    expect(() => writeEntry(broken)).toThrow(EntryFault);
    expect(() => readEntry(canonicalBytes(broken))).toThrow(EntryFault);
  });
});
