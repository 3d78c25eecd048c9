// What stands in the place of `../sha256` in the console's build, which has no node:crypto.
import { sha256Of } from './sha2';

export const HASH_SIZE = 32;

export const sha256 = sha256Of;

/** Writes SHA-256 of `data` into `out` from `at` on; `data` may lie in the memory that is written to. */
export function sha256Into(data: Uint8Array, out: Uint8Array, at: number): void {
  out.set(sha256Of(data), at);
}
