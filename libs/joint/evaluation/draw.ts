// The draw 抽取: which organisations are visited, which closed lines are looked at again. The sample is a function of a
// frozen list and of one nonce from each agency; each had committed to its nonce before it knew the list of others, so
// nobody can steer it, and anybody can repeat it (docs/spec/opening.md).
import type { Agency } from '#kernel/envelope';
import { digestOf } from './digest';

/** One that can be drawn. Chances are in proportion to the weight, a whole number from 1 on. */
export type Lot = { readonly id: string; readonly weight: number };

/** Which draw, and the how-manieth try: a withheld nonce makes another one necessary. */
export type DrawName = { readonly drawId: string; readonly attempt: number };

/** 32 bytes as hex, by the agency that brought it. */
export type Nonces = { readonly [agency in Agency]?: string };

/** One step, so that a page can show it: which number came, out of how many, and whom it met. */
export type DrawStep = { readonly block: number; readonly number: string; readonly of: number; readonly drawn: string };

export function listDigest(lots: readonly Lot[]): string {
  return digestOf('draw-list', lots);
}

export function seedOf(name: DrawName, lots: readonly Lot[], nonces: Nonces): string {
  return digestOf('draw', { ...name, list: listDigest(lots), nonces });
}

/**
 * Without putting back. A step takes the next number below the sum of the weights that are left, and draws the lot in
 * whose part of the sum it falls, in the order of the list.
 * @throws RangeError for a list or a count that nothing can be drawn from
 */
export function drawSteps(seed: string, lots: readonly Lot[], count: number): readonly DrawStep[] {
  if (!Number.isSafeInteger(count) || count < 1 || count > lots.length)
    throw new RangeError(`${count} of ${lots.length}`);
  if (lots.some(({ weight }) => !Number.isSafeInteger(weight) || weight < 1))
    throw new RangeError('weights are from 1 on');
  const left = [...lots];
  const steps: DrawStep[] = [];
  for (let block = 0; steps.length < count;) {
    const of = left.reduce((sum, { weight }) => sum + weight, 0);
    const next = numberBelow(of, seed, block);
    let rest = next.number;
    const at = left.findIndex(({ weight }) => (rest -= BigInt(weight)) < 0n);
    const [drawn] = left.splice(at, 1);
    steps.push({ block: next.block, number: String(next.number), of, drawn: drawn!.id });
    block = next.block + 1;
  }
  return steps;
}

/** Ids of the sample, in the order of the draw. */
export function sampleOf(seed: string, lots: readonly Lot[], count: number): readonly string[] {
  return drawSteps(seed, lots, count).map(({ drawn }) => drawn);
}

const words64 = 1n << 64n;

/** The first block from `block` on whose number does not favour anybody, and that number reduced below `of`. */
function numberBelow(of: number, seed: string, block: number): { readonly block: number; readonly number: bigint } {
  const whole = words64 - (words64 % BigInt(of));
  for (let at = block; ; at++) {
    const number = BigInt(`0x${digestOf('draw-block', { seed, block: at }).slice(0, 16)}`);
    if (number < whole) return { block: at, number: number % BigInt(of) };
  }
}
