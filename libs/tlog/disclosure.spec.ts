import { sampleClue, sampleJournal, sampleSizes } from '#testing/sample-journal';
import type { Json, JsonObject } from '#kernel/canonical-json';
import { canonicalBytes } from '#kernel/canonical-json';
import { fromUtf8, utf8 } from './bytes';
import { checkDisclosure, writeDisclosure } from './disclosure';
import type { Disclosure } from './disclosure';
import { parsePolicy } from './policy';
import { DisclosureFault } from './proven-anchor';

const journal = sampleJournal();
const policy = parsePolicy(journal.policy);
const whole = writeDisclosure(journal.disclosure(5));
const text = fromUtf8(whole);

function faultOf(bytes: Uint8Array, by = policy): DisclosureFault {
  let accepted;
  try {
    accepted = checkDisclosure(bytes, by);
  } catch (error) {
    if (error instanceof DisclosureFault) return error;
    throw error;
  }
  throw new Error(`accepted: ${accepted.id} of ${accepted.origin}`);
}
const changed = (change: Partial<Disclosure>, event = 5) =>
  writeDisclosure({ ...journal.disclosure(event), ...change });

describe('a disclosure package', () => {
  it('shows what was recorded, at which place, and between which two anchors', () => {
    const { id, index, fields, whole: all, anchor, before } = checkDisclosure(whole, policy);
    expect([id, index, all]).toEqual([sampleClue(5).id, 5n, true]);
    expect(fields.find(({ name }) => name === 'data.text')?.value).toBe('私自处置公有房产');
    expect([before?.journal.size, anchor.journal.size]).toEqual([4n, 9n]);
    expect(anchor.anchor.nth).toBe(3);
    expect(anchor.shared.cosignatures.map(({ time }) => Number(time))).toEqual([1_772_411_460, 1_772_411_460]);
    expect(Number(before?.shared.cosignatures[0]?.time)).toBe(1_772_410_860);
  });

  it.each(sampleSizes.slice(0, -1).map((size, nth) => [size, nth + 1] as const))(
    'holds for the event at %i, which anchor %i is the first to cover',
    (event, nth) =>
      expect(checkDisclosure(writeDisclosure(journal.disclosure(event)), policy).anchor.anchor.nth).toBe(nth),
  );

  it('may show one field alone', () => {
    const { disclosures } = journal.disclosure(5);
    const { fields, whole: all } = checkDisclosure(
      changed({ disclosures: [disclosures[8]!, disclosures[9]!] }),
      policy,
    );
    expect([fields.map(({ name }) => name), all]).toEqual([['names', 'data.amount'], false]);
  });

  it('needs the anchor before, which must be the one before and lack the event', () => {
    const { before, ...rest } = journal.disclosure(5);
    expect(faultOf(writeDisclosure(rest))).toMatchObject({ kind: 'before', what: 'the anchor before is missing' });
    const other = journal.disclosure(3).before!;
    expect(faultOf(changed({ before: other }))).toMatchObject({ kind: 'before' });
    expect(faultOf(writeDisclosure(journal.disclosure(5, 4)))).toMatchObject({
      what: expect.stringContaining('already'),
    });
    expect(faultOf(changed({ before: { ...before!, consistency: [] } }))).toMatchObject({ kind: 'before' });
  });

  it('counts for a reader who knows the log and enough witnesses, each line by its key', () => {
    expect(faultOf(whole, { ...policy, logs: [] }).kind).toBe('key');
    expect(faultOf(whole, { ...policy, witnesses: policy.witnesses.slice(1) }).kind).toBe('witnesses');
    const none = { ...policy, rule: { kind: 'none' } as const, quorum: 'none' };
    expect(faultOf(whole, { ...none, witnesses: policy.witnesses.slice(1) })).toMatchObject({ kind: 'key' });
  });

  it.each([
    ['another content', () => utf8(text.replace(/"disclosures":\["../, '"disclosures":["AA')), 'leaf'],
    ['another place', () => changed({ index: 6n }), 'inclusion'],
    ['the leaf of another event', () => changed({ leaf: journal.disclosure(6).leaf, disclosures: [] }), 'inclusion'],
    ['the disclosures of another event', () => changed({ disclosures: journal.disclosure(6).disclosures }), 'leaf'],
    [
      'another salt',
      () => changed({ anchor: { ...journal.disclosure(5).anchor, salt: journal.anchors[0]!.salt } }),
      'anchor',
    ],
    ['another anchor', () => changed({ anchor: journal.disclosure(10).anchor }), 'inclusion'],
    ['another checkpoint of the journal', () => checkpointOf(2), 'anchor'],
    ['the proof of another entry', () => proofOf(1), 'entry'],
    ['an entry that is no anchor', () => text.replace('journal-anchored', 'journal-watched'), 'entry'],
  ])('is refused with %s', (_what, bytes, kind) => {
    const made = bytes();
    expect(faultOf(typeof made === 'string' ? utf8(made) : made).kind).toBe(kind);
  });
});

const checkpointOf = (nth: number) =>
  changed({ anchor: { ...journal.disclosure(5).anchor, checkpoint: journal.anchors[nth]!.checkpoint } });
const proofOf = (nth: number) =>
  changed({
    anchor: { ...journal.disclosure(5).anchor, proof: journal.disclosure(sampleSizes[nth]! - 1).anchor.proof },
  });

/** Numerical Recipes' generator: the same mutations on every machine. */
function* numbers(seed: number): Generator<number, never> {
  for (let state = seed; ;) yield (state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0) >>> 4;
}

/** Every place in a value, as the path to it. */
function placesIn(value: Json, path: readonly (string | number)[] = []): (readonly (string | number)[])[] {
  if (typeof value !== 'object' || value === null) return [path];
  return [path, ...Object.entries(value).flatMap(([key, each]) => placesIn(each as Json, [...path, key]))];
}

function at(value: Json, path: readonly (string | number)[]): Json {
  return path.reduce<Json>((part, key) => (part as JsonObject)[key]!, value);
}

function put(value: Json, [key, ...rest]: readonly (string | number)[], other: Json): Json {
  if (key === undefined) return other;
  if (Array.isArray(value)) return value.map((each: Json, n) => (n === Number(key) ? put(each, rest, other) : each));
  const object = value as JsonObject;
  return { ...object, [key]: put(object[key]!, rest, other) };
}

describe('a package that was tampered with', () => {
  const seed = 20261201;

  it(`is refused in 10,000 of 10,000 mutations (seed ${seed})`, () => {
    const random = numbers(seed);
    const below = (n: number) => random.next().value % n;
    const other = fromUtf8(writeDisclosure(journal.disclosure(10)));
    const [mine, theirs] = [JSON.parse(text) as Json, JSON.parse(other) as Json];
    const places = placesIn(mine).filter(({ length }) => length > 0);
    const place = () => places[below(places.length)]!;
    const cut = (bytes: Uint8Array, from: number, length: number, put_ = new Uint8Array(0)) =>
      Buffer.concat([bytes.subarray(0, from), put_, bytes.subarray(from + length)]);
    const mutate: (() => Uint8Array | undefined)[] = [
      () => {
        const flipped = whole.slice();
        flipped[below(whole.length)]! ^= 1 << below(8);
        return flipped;
      },
      () => {
        const put_ = whole.slice();
        put_[below(whole.length)]! = below(256);
        return put_;
      },
      () => cut(whole, below(whole.length), 1 + below(40)),
      () => cut(whole, below(whole.length), 0, Uint8Array.of(32 + below(95))),
      () => whole.slice(0, below(whole.length)),
      // A part of another event's package in the same place.
      () => {
        const path = place();
        const [from, to] = [at(mine, path), safely(() => at(theirs, path))];
        return to === undefined || fromUtf8(canonicalBytes(from)) === fromUtf8(canonicalBytes(to))
          ? undefined
          : canonicalBytes(put(mine, path, to));
      },
      // Two parts of the package in each other's place.
      () => {
        const [one, two] = [place(), place()];
        const within = one.every((key, n) => two[n] === key) || two.every((key, n) => one[n] === key);
        return within ? undefined : canonicalBytes(put(put(mine, one, at(mine, two)), two, at(mine, one)));
      },
      // A text spelled as itself with one character more or less.
      () => {
        const path = place();
        const value = at(mine, path);
        if (typeof value !== 'string' || value.length === 0) return undefined;
        const nth = below(value.length);
        const said =
          below(2) === 0 ? value.slice(0, nth) + value.slice(nth + 1) : `${value.slice(0, nth)}A${value.slice(nth)}`;
        return canonicalBytes(put(mine, path, said));
      },
      // The same JSON in another spelling: keys reversed, white space, escapes.
      () => {
        const spelled = [
          () => JSON.stringify(Object.fromEntries(Object.entries(mine as JsonObject).reverse())),
          () => JSON.stringify(mine, null, 1 + below(8)),
          () => `${text}${' \n'[below(2)]}`,
          () => text.replace('"form"', '"\\u0066orm"'),
          () => `${text.slice(0, -1)},"v${below(1000)}":1}`,
        ];
        return utf8(spelled[below(spelled.length)]!());
      },
      () => {
        const path = place();
        const value = at(mine, path);
        const values: Json[] = [null, 0, '', [], {}, below(100), `${below(1000)}`];
        // A list of disclosures cut shorter is another, sound package, which shows less.
        const said = path.join() === 'disclosures' ? null : values[below(values.length)]!;
        return fromUtf8(canonicalBytes(value)) === fromUtf8(canonicalBytes(said))
          ? undefined
          : canonicalBytes(put(mine, path, said));
      },
    ];
    const kinds = new Map<string, number>();
    for (let made = 0; made < 10_000;) {
      const bytes = mutate[made % mutate.length]!();
      if (!bytes || Buffer.from(bytes).equals(whole)) continue;
      made++;
      const { kind } = faultOf(bytes);
      kinds.set(kind, (kinds.get(kind) ?? 0) + 1);
    }
    // Not all caught by one wall.
    expect([...kinds.keys()].sort()).toEqual(
      expect.arrayContaining(['anchor', 'before', 'checkpoint', 'entry', 'form', 'inclusion', 'leaf']),
    );
  }, 180_000);
});

function safely<T>(work: () => T): T | undefined {
  try {
    return work();
  } catch {
    return undefined;
  }
}
