import { sampleClue, sampleSecret } from '#testing/sample-journal';
import { leafOf, saltsOf } from '#chassis/journal/secrets';
import { textToBase64Url } from './base64-url';
import { fromUtf8 } from './bytes';
import { digestOf, fieldsOf, fixedFields, isWhole, makeLeaf, openFields, readLeaf, widthOf } from './journal-leaf';
import type { JournalEvent } from './journal-leaf';

const { bytes, disclosures } = leafOf(sampleClue(5), sampleSecret(5));
const leaf = readLeaf(JSON.parse(fromUtf8(bytes)));
const at = (name: string) => disclosures[[...fixedFields, 'data.amount', 'data.reporter', 'data.text'].indexOf(name)]!;

describe('a leaf of the journal', () => {
  it('takes the digest of a disclosure as RFC 9901 section 4.2.3 does', () => {
    const disclosure = 'WyJfMjZiYzRMVC1hYzZxMktJNmNCVzVlcyIsICJmYW1pbHlfbmFtZSIsICJNw7ZiaXVzIl0';
    expect(textToBase64Url('["_26bc4LT-ac6q2KI6cBW5es", "family_name", "Möbius"]')).toBe(disclosure);
    expect(digestOf(disclosure)).toBe('X9yH0Ajrdm1Oij4tWso9UzzKJvPoDxwmuEcO3XAdRC0');
  });

  it('shows all of an event, or a field of it, to whoever has the disclosures', () => {
    const all = openFields(leaf, disclosures);
    expect(all.find(({ name }) => name === 'data.reporter')).toEqual({ name: 'data.reporter', value: '举报人5' });
    expect(isWhole(all)).toBe(true);
    const some = openFields(leaf, [at('actor'), at('names'), at('data.amount')]);
    expect(some.at(-1)).toEqual({ name: 'data.amount', value: '1005.00' });
    expect(isWhole(some)).toBe(false);
  });

  it('holds nothing that can be guessed, and as many digests as other small events', () => {
    expect(fromUtf8(bytes)).not.toMatch(/clue|amount|reporter|举报|张某|2026-03/i);
    expect(leaf.digests).toHaveLength(16);
    expect(new Set(leaf.digests).size).toBe(16);
    const other = leafOf(sampleClue(5), sampleSecret(6));
    expect(readLeaf(JSON.parse(fromUtf8(other.bytes))).digests.some((digest) => leaf.digests.includes(digest))).toBe(
      false,
    );
  });

  it('has salts of 128 bits for any number of fields, each once', () => {
    const salts = Buffer.from(saltsOf(sampleSecret(1), 600))
      .toString('hex')
      .match(/.{32}/g);
    expect(new Set(salts).size).toBe(600);
    expect(Buffer.from(saltsOf(sampleSecret(1), 300))).toEqual(
      Buffer.from(saltsOf(sampleSecret(1), 600).subarray(0, 4800)),
    );
  });

  it.each([
    [
      'a disclosure of another event',
      () => [leafOf(sampleClue(6), sampleSecret(6)).disclosures[0]!],
      'not of this leaf',
    ],
    ['a member of data without the names', () => [at('data.amount')], 'in the place of another'],
    ['an order of its own', () => [at('names'), at('actor')], 'not in the order'],
    ['a field twice', () => [at('actor'), at('actor')], 'not in the order'],
  ])('refuses %s', (_what, shown, why) => expect(() => openFields(leaf, shown())).toThrow(why));

  // What RFC 9901 leaves to its verifier: an issuer who puts a second value under a name finds no place for it.
  it('has one value for each name, whatever the agency put into its places', () => {
    const event: JournalEvent = { ...journaled(), data: { amount: '1.00', reporter: 'a', text: 'b' } };
    const fields = fieldsOf(event);
    const salts = saltsOf(sampleSecret(1), widthOf(fields.length));
    const honest = makeLeaf(event, salts);
    const lie = makeLeaf({ ...event, data: { ...event.data, amount: '900.00' } }, salts);
    const digests = [...readLeaf(JSON.parse(fromUtf8(honest.bytes))).digests];
    digests[13] = digestOf(lie.disclosures[9]!);
    const forged = { id: event.id, digests };
    const names = honest.disclosures[8]!;
    expect(openFields(forged, [names, honest.disclosures[9]!]).at(-1)?.value).toBe('1.00');
    expect(() => openFields(forged, [names, lie.disclosures[9]!])).toThrow('in the place of another');
    const doubled = makeLeaf({ ...event, data: { amount: '1.00', amount2: '900.00' } }, saltsOf(sampleSecret(1), 16));
    expect(() => openFields(readLeaf(JSON.parse(fromUtf8(doubled.bytes))), [names])).toThrow('not of this leaf');
  });

  it('refuses names that would give a member two places', () => {
    const salts = saltsOf(sampleSecret(1), 16);
    const twice = Object.assign(Object.create(null) as object, { amount: '1', text: '2' });
    const { bytes: made, disclosures: given } = makeLeaf({ ...journaled(), data: twice as never }, salts);
    const digests = [...readLeaf(JSON.parse(fromUtf8(made))).digests];
    const names = textToBase64Url(`["${'A'.repeat(22)}","names",["amount","amount"]]`);
    digests[8] = digestOf(names);
    expect(() => openFields({ id: 'x', digests }, [names, given[9]!])).toThrow('in order');
  });

  it.each([
    [{ digests: leaf.digests, id: leaf.id, v: 2 }],
    [{ digests: leaf.digests.slice(1), id: leaf.id, v: 1 }],
    [{ digests: [...leaf.digests.slice(1), 'A'], id: leaf.id, v: 1 }],
    [{ digests: leaf.digests, id: leaf.id, v: 1, more: 1 }],
    [null],
  ])('is not %j', (value) => expect(() => readLeaf(value)).toThrow('leaf'));
});

function journaled(): JournalEvent {
  const { id, type, stream, at: time, meta, data } = sampleClue(5);
  return { id, type, stream, revision: 0, at: time, actor: meta.actor, cause: null, seen: {}, meta: {}, data };
}
