// Arithmetic of points, exact: whole hundredths in, whole hundredths out, halves away from zero. No fraction is ever kept.

/** `value × numerator / denominator`, rounded half away from zero. All integers; the denominator is positive. */
export function share(value: number, numerator: number, denominator: number): number {
  const product = BigInt(value) * BigInt(numerator);
  const size = product < 0n ? -product : product;
  const rounded = (2n * size + BigInt(denominator)) / (2n * BigInt(denominator));
  return Number(product < 0n ? -rounded : rounded);
}

export function mean(values: readonly number[]): number {
  return share(
    values.reduce((sum, value) => sum + value, 0),
    1,
    values.length,
  );
}

export function within(value: number, min: number, max: number): number {
  return Math.min(Math.max(value, min), max);
}
