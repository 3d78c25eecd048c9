// The curve of RFC 8032 section 5.1, edwards25519: -x² + y² = 1 + d·x²·y² over the field of p.
export const p = (1n << 255n) - 19n;
export const d = 37095705934669439343138083508754565189542113879843219016388785533085940283555n;

/** base^exponent in the field. */
export function power(base: bigint, exponent: bigint): bigint {
  let result = 1n;
  for (let rest = exponent, square = base; rest > 0n; rest >>= 1n, square = (square * square) % p) {
    if (rest & 1n) result = (result * square) % p;
  }
  return result;
}
