import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { drawSteps, sampleOf, seedOf } from './draw';
import type { Lot } from './draw';

const name = { drawId: 'd1', attempt: 1 };
const lots: readonly Lot[] = Array.from({ length: 41 }, (_, at) => ({ id: `u${at + 1}`, weight: 1 + (at % 5) }));
const nonces = { commission: 'aa'.repeat(32), inspection: 'bb'.repeat(32), organization: 'cc'.repeat(32) };
const seed = seedOf(name, lots, nonces);

/** The same by a reader of docs/spec/opening.md alone: no code in common. */
function byTheBook(count: number): string[] {
  const sha = (text: string) => createHash('sha256').update(text).digest('hex');
  const list = sha(`sanfang/draw-list/v1\n[${lots.map((l) => `{"id":"${l.id}","weight":${l.weight}}`).join(',')}]`);
  const { commission, inspection, organization } = nonces;
  const three = `{"commission":"${commission}","inspection":"${inspection}","organization":"${organization}"}`;
  const start = sha(`sanfang/draw/v1\n{"attempt":1,"drawId":"d1","list":"${list}","nonces":${three}}`);
  const left = lots.map((lot) => ({ ...lot }));
  const sample: string[] = [];
  for (let block = 0; sample.length < count; block++) {
    const number = BigInt(`0x${sha(`sanfang/draw-block/v1\n{"block":${block},"seed":"${start}"}`).slice(0, 16)}`);
    const sum = BigInt(left.reduce((all, lot) => all + lot.weight, 0));
    if (number >= (2n ** 64n / sum) * sum) continue;
    let part = number % sum;
    let at = 0;
    while (part >= BigInt(left[at]!.weight)) part -= BigInt(left[at++]!.weight);
    sample.push(left.splice(at, 1)[0]!.id);
  }
  return sample;
}

describe('抽取', () => {
  it('is repeated by whoever reads the page that describes it', () =>
    expect(sampleOf(seed, lots, 8)).toEqual(byTheBook(8)));
  it('draws nobody twice, and everybody when all are asked for', () => {
    expect(new Set(sampleOf(seed, lots, 41)).size).toBe(41);
    expect(sampleOf(seed, lots, 8)).toEqual(sampleOf(seed, lots, 41).slice(0, 8));
  });
  it('comes out otherwise when one nonce, the list, its order, a weight or the try is another', () => {
    const others = [
      seedOf(name, lots, { ...nonces, commission: 'ab'.repeat(32) }),
      seedOf({ ...name, attempt: 2 }, lots, nonces),
      seedOf(name, [...lots].reverse(), nonces),
      seedOf(name, [{ ...lots[0]!, weight: 2 }, ...lots.slice(1)], nonces),
    ];
    expect(new Set([seed, ...others]).size).toBe(5);
  });
  it('shows each step: a number below the weights that were left', () => {
    const total = lots.reduce((sum, { weight }) => sum + weight, 0);
    const [first, second] = drawSteps(seed, lots, 2);
    expect(first!.of).toBe(total);
    expect(second!.of).toBe(total - lots.find(({ id }) => id === first!.drawn)!.weight);
    expect(Number(second!.number)).toBeLessThan(second!.of);
  });
  it('gives chances in proportion to the weights', () => {
    const pair: readonly Lot[] = [
      { id: 'a', weight: 1 },
      { id: 'b', weight: 3 },
    ];
    let heavy = 0;
    for (let at = 0; at < 4000; at++)
      heavy += Number(sampleOf(seedOf({ drawId: `p${at}`, attempt: 1 }, pair, {}), pair, 1)[0] === 'b');
    // 3000 is expected, 27 its deviation; the seeds are fixed, so this never wavers.
    expect(Math.abs(heavy - 3000)).toBeLessThan(100);
  });
  it.each([
    [lots, 0],
    [lots, 42],
    [lots, 1.5],
    [[{ id: 'a', weight: 0 }], 1],
    [[], 1],
  ])('refuses a list or a count that nothing can be drawn from', (list, count) =>
    expect(() => sampleOf(seed, list, count)).toThrow(RangeError),
  );
  it('always ends, with as many different ones as were asked for', () =>
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 1, max: 1_000_000 }), { minLength: 1, maxLength: 60 }),
        fc.string(),
        (weights, drawId) => {
          const list = weights.map((weight, at) => ({ id: `${at}`, weight }));
          const count = Math.ceil(list.length / 2);
          const sample = sampleOf(seedOf({ drawId, attempt: 1 }, list, nonces), list, count);
          expect(new Set(sample).size).toBe(count);
        },
      ),
      { numRuns: 100 },
    ));
});
