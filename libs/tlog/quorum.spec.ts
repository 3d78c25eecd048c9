import fc from 'fast-check';
import { reachOf, satisfies, strengthOf, without } from './quorum';
import type { Rule } from './quorum';

const names = (count: number) => Array.from({ length: count }, (_, n) => `w${n}`);
const kOf = (needed: number, count: number): Rule => ({
  kind: 'group',
  needed,
  members: names(count).map((name) => ({ kind: 'witness', name })),
});

/** All sets of witnesses that satisfy a rule, as bits. */
function quorums(rule: Rule, all: readonly string[]): number[] {
  return Array.from({ length: 1 << all.length }, (_, bits) => bits).filter((bits) =>
    satisfies(rule, (name) => (bits & (1 << all.indexOf(name))) !== 0),
  );
}
const bitsOf = (bits: number): number => [...bits.toString(2)].filter((bit) => bit === '1').length;

describe('a quorum', () => {
  // The table of trust.md 1.10: colluders withstood = shared − 1.
  it.each([
    [2, 1, 0, 1],
    [2, 2, 2, 0],
    [3, 2, 1, 1],
    [3, 3, 3, 0],
    [4, 3, 2, 1],
  ])('of %i witnesses, %i needed, shares %i between any two and lives with %i down', (n, k, shared, outages) => {
    expect(strengthOf(kOf(k, n))).toEqual({ witnesses: n, possible: true, shared, outages });
  });

  it('that asks for more than there are cannot be met', () => {
    expect(strengthOf(kOf(3, 2)).possible).toBe(false);
    expect(strengthOf(without(kOf(2, 2), (name) => name === 'w0')).possible).toBe(false);
  });

  it('keeps its threshold when the own witness is left out', () => {
    const two = without(kOf(2, 3), (name) => name === 'w2');
    expect(strengthOf(two)).toMatchObject({ witnesses: 2, shared: 2, outages: 0 });
    expect(satisfies(two, (name) => name !== 'w0')).toBe(false);
  });

  it('reaches the largest size that enough witnesses cosigned', () => {
    const sizes = new Map([
      ['w0', 7],
      ['w1', 5],
    ]);
    expect(reachOf(kOf(1, 2), sizes)).toBe(7);
    expect(reachOf(kOf(2, 2), sizes)).toBe(5);
    expect(reachOf(kOf(2, 2), new Map([['w0', 7]]))).toBe(0);
  });

  it('of nested groups is as strong as counting all pairs of sets says', () => {
    const leaf = (name: string): Rule => ({ kind: 'witness', name });
    const inner = fc.record({ a: fc.integer({ min: 1, max: 3 }), size: fc.integer({ min: 1, max: 3 }) });
    fc.assert(
      fc.property(fc.array(inner, { minLength: 1, maxLength: 3 }), fc.integer({ min: 1, max: 3 }), (groups, k) => {
        const all: string[] = [];
        const members = groups.map(({ a, size }): Rule => {
          const own = Array.from({ length: size }, (_, n) => `${all.length}-${n}`);
          all.push(...own);
          return { kind: 'group', needed: Math.min(a, size), members: own.map(leaf) };
        });
        const rule: Rule = { kind: 'group', needed: Math.min(k, members.length), members };
        const sets = quorums(rule, all);
        // Up to a quarter of a million pairs: too many to be arguments of one call.
        const shared = sets.reduce(
          (least, one) => sets.reduce((fewest, other) => Math.min(fewest, bitsOf(one & other)), least),
          Infinity,
        );
        const whole = (1 << all.length) - 1;
        const down = Array.from({ length: whole + 1 }, (_, bits) => bits).filter(
          (bits) => !sets.includes(whole & ~bits),
        );
        const outages = Math.min(...down.map(bitsOf)) - 1;
        expect(strengthOf(rule)).toEqual({ witnesses: all.length, possible: true, shared, outages });
      }),
      { numRuns: 60 },
    );
  });
});
