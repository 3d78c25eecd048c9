import { concat, fromUtf8, utf8 } from './bytes';
import { addSignatures, openCheckpoint, signCheckpoint } from './checkpoint';
import { cosign } from './cosignature';
import { joinHandovers, readHandover, readHandovers, withHandovers, writeHandover } from './handover';
import type { Handover, Revocation } from './handover';
import { COSIGNER_KEY_TYPE, formatVkey, isRevoked, LOG_KEY_TYPE, signingKey, turnsOf } from './key';
import type { SigningKey } from './key';
import { formatNote, parseNote, signNote } from './note';

const origin = 'inspection.example/events/v1';
const seed = (fill: number) => new Uint8Array(32).fill(fill);
const [first, second, third] = [1, 2, 3].map((fill) => signingKey(origin, LOG_KEY_TYPE, seed(fill))) as [
  SigningKey,
  SigningKey,
  SigningKey,
];
const [witness, nextWitness] = [8, 9].map((fill) =>
  signingKey('inspection.example/witness/v1', COSIGNER_KEY_TYPE, seed(fill)),
) as [SigningKey, SigningKey];
const until = '2027-01-01T00:00:00.000Z';
const hand = (old: SigningKey, next: SigningKey, from: bigint, of = origin) =>
  writeHandover({ origin: of, from, until }, old, next, 1_767_139_200n);
const read = (old: SigningKey, next: SigningKey, from: bigint): Handover => readHandover(hand(old, next, from));
const chain = [read(first, second, 10n), read(second, third, 20n)];
const root = seed(7);
const signed = (size: bigint, key: SigningKey, ...beside: SigningKey[]) =>
  signCheckpoint({ origin, size, root }, { ...key, beside });
const vkeys = (key: SigningKey, handovers: readonly Handover[], words: readonly Revocation[] = []) =>
  turnsOf(withHandovers(key, handovers, words)).map((turn) => [formatVkey(turn.key), turn.from]);

describe('a handover', () => {
  it('says who follows whom in which log, from which size, and how long both sign', () => {
    expect(chain[0]).toMatchObject({ origin, from: 10n, until });
    expect([chain[0]!.old, chain[0]!.next].map(formatVkey)).toEqual([first, second].map(formatVkey));
  });

  it('of witnesses is signed by their kind of line', () => {
    expect(formatVkey(read(witness, nextWitness, 3n).next)).toBe(formatVkey(nextWitness));
  });

  it('needs the line of both keys: of the old one, or a thief could take over, of the new one as proof of possession', () => {
    const { text, signatures } = parseNote(hand(first, second, 10n));
    for (const line of signatures) {
      expect(() => readHandover(formatNote({ text, signatures: [line] }))).toThrow('not signed by both');
    }
    const foreign = formatNote({ text, signatures: [signatures[0]!, signNote(text, third)] });
    expect(() => readHandover(foreign)).toThrow('not signed by both');
  });

  it('does not hold for another text', () => {
    const { text, signatures } = parseNote(hand(first, second, 10n));
    const changed = formatNote({ text: text.replace('from 10', 'from 11'), signatures });
    expect(() => readHandover(changed)).toThrow('does not hold');
  });

  it.each([
    ['another role', () => hand(first, witness, 1n)],
    ['the same key', () => hand(first, first, 1n)],
    ['another log', () => hand(first, second, 1n, 'other.example/events/v1')],
    ['a witness of another host', () => hand(witness, nextWitness, 1n, 'other.example/events/v1')],
    ['no UTF-8', () => readHandover(concat(Uint8Array.of(0xff), hand(first, second, 1n)))],
    ['a checkpoint', () => readHandover(signed(1n, first))],
  ])('is refused for %s', (_what, make) => expect(make).toThrow());

  it('follows another in a file, each as it is', () => {
    const notes = [hand(first, second, 10n), hand(second, third, 20n)].map(fromUtf8);
    expect(readHandovers(joinHandovers(notes)).map(({ note }) => note)).toEqual(notes);
    expect(readHandovers('')).toEqual([]);
  });
});

describe('a chain of keys', () => {
  it('is followed from any of them, forth and back', () => {
    const whole = [
      [formatVkey(first), 0n],
      [formatVkey(second), 10n],
      [formatVkey(third), 20n],
    ];
    for (const key of [first, second, third]) expect(vkeys(key, chain)).toEqual(whole);
  });

  it('takes the first handover of a key, so a later one of a thief changes nothing', () => {
    expect(vkeys(first, [chain[0]!, read(first, third, 10n)])).toHaveLength(2);
  });

  it('ends where it leads back, and where the sizes go down', () => {
    expect(vkeys(first, [chain[0]!, read(second, first, 20n)])).toHaveLength(2);
    expect(vkeys(first, [chain[0]!, read(second, third, 9n)])).toHaveLength(2);
  });
});

describe('a checkpoint of a log that has changed its key', () => {
  const known = withHandovers(first, chain);

  it.each([
    ['the first key up to the size of the handover', signed(10n, first)],
    ['both in the overlap', signed(11n, second, first)],
    ['the new key alone after it', signed(20n, second)],
    ['a later key, whatever the size', signed(5n, third)],
    ['the newest', signed(21n, third, second)],
  ])('is opened by %s', (_what, note) => expect(openCheckpoint(note, known).root).toEqual(root));

  it.each([
    ['the first key alone beyond the handover', signed(11n, first), /beyond size 10 .* must sign.* alone/],
    ['the second beyond its own', signed(21n, second, first), /beyond size 20/],
    ['a key that nobody knows', signed(5n, signingKey(origin, LOG_KEY_TYPE, seed(6))), 'no signature of a known key'],
  ])('is refused when signed by %s', (_what, note, why) => expect(() => openCheckpoint(note, known)).toThrow(why));

  it('is refused when any known line of it fails', () => {
    const { text, signatures } = parseNote(signed(12n, second, first));
    const forged = { ...signatures[1]!, signature: signNote('else\n', first).signature };
    expect(() => openCheckpoint(formatNote({ text, signatures: [signatures[0]!, forged] }), known)).toThrow('not hold');
  });

  it('opens in the overlap for whoever knows the old key only, and then no more', () => {
    expect(openCheckpoint(signed(11n, second, first), first).size).toBe(11n);
    expect(() => openCheckpoint(signed(11n, second), first)).toThrow('no signature of a known key');
  });

  it('counts a witness once, by the newest of its keys that signed', () => {
    const note = signed(3n, first);
    const { text } = parseNote(note);
    const both = addSignatures(parseNote(note), cosign(text, 5n, witness), cosign(text, 6n, nextWitness));
    const cosigner = withHandovers(witness, [read(witness, nextWitness, 3n)]);
    expect(openCheckpoint(both, first, [cosigner]).cosignatures).toEqual([{ key: cosigner, time: 6n }]);
    const old = addSignatures(parseNote(note), cosign(text, 5n, witness));
    expect(openCheckpoint(old, first, [cosigner]).cosignatures).toEqual([{ key: cosigner, time: 5n }]);
  });
});

describe('a revoked key', () => {
  const word = { key: first, lastGoodSize: 10n };
  const alone = withHandovers(first, [], [word]);

  it('has signed what it signed before, and signs nothing larger', () => {
    expect(openCheckpoint(signed(10n, first), alone).size).toBe(10n);
    expect(() => openCheckpoint(signed(11n, first), alone)).toThrow(/was revoked beyond size 10; it alone/);
    expect([isRevoked(alone), isRevoked(first)]).toEqual([true, false]);
  });

  it('hands over to nobody from there on', () => {
    const byThief = withHandovers(first, [chain[0]!], [word]);
    expect(() => openCheckpoint(signed(11n, second, first), byThief)).toThrow('was revoked');
    expect(vkeys(first, [read(first, second, 9n)], [word])).toEqual([
      [formatVkey(first), 0n],
      [formatVkey(second), 9n],
    ]);
  });

  it('is followed by the key that the others name, whatever it says itself', () => {
    const followed = withHandovers(first, [chain[0]!], [{ ...word, successor: third }]);
    expect(isRevoked(followed)).toBe(false);
    expect(openCheckpoint(signed(11n, third, first), followed).size).toBe(11n);
    for (const note of [signed(11n, first), signed(11n, second, first)]) {
      expect(() => openCheckpoint(note, followed)).toThrow(/must sign|revoked/);
    }
  });
});

it('a line feed cannot be smuggled into a handover', () => {
  expect(() => writeHandover({ origin, from: 1n, until: `${until}\nfrom 2` }, first, second, 1n)).toThrow();
  expect(utf8(until)).toHaveLength(24);
});
