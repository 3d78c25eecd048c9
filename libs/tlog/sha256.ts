// The one place that calls Node's SHA-256, so that a browser build can put another file in its place.
// The latin1 string detour is not an accident: `crypto.hash(…, 'latin1')` followed by `latin1Write` hashes 2.1 M
// tree nodes a second, twice as many as `crypto.hash(…, 'buffer')` and three times as many as `createHash`.
import { hash } from 'node:crypto';

export const HASH_SIZE = 32;

type Latin1Write = (this: Uint8Array, text: string, offset: number, length: number) => number;
const { latin1Write } = Buffer.prototype as unknown as { latin1Write: Latin1Write };

/** SHA-256 (FIPS 180-4) of the bytes, 32 bytes. */
export function sha256(data: Uint8Array): Uint8Array {
  const digest = new Uint8Array(HASH_SIZE);
  sha256Into(data, digest, 0);
  return digest;
}

/** Writes SHA-256 of `data` into `out` from `at` on; `data` may lie in the memory that is written to. */
export function sha256Into(data: Uint8Array, out: Uint8Array, at: number): void {
  // 'binary' is Node's older name for latin1, and the only one its types list for a digest.
  latin1Write.call(out, hash('sha256', data, 'binary'), at, HASH_SIZE);
}
