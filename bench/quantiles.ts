// Latencies are told by quantiles; a mean would hide the slow ones.

type Quantiles = {
  readonly count: number;
  readonly p50: number;
  readonly p95: number;
  readonly p99: number;
  readonly max: number;
};

/** Nearest-rank quantiles in milliseconds, two decimals. */
export function quantiles(latencies: readonly number[]): Quantiles {
  const sorted = [...latencies].sort((a, b) => a - b);
  const at = (q: number): number =>
    Math.round((sorted[Math.max(0, Math.ceil(q * sorted.length) - 1)] ?? NaN) * 100) / 100;
  return { count: sorted.length, p50: at(0.5), p95: at(0.95), p99: at(0.99), max: at(1) };
}
