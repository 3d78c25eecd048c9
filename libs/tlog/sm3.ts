// The SM3 digest (GB/T 32905) that entries of the profile gm carry (docs/spec/gm.md): over all else that the entry says.
import { createHash } from 'node:crypto';
import { canonicalize } from '#kernel/canonical-json';
import type { Entry } from '#kernel/envelope';
import { scanEntry } from './entry-scan';

const field = Buffer.from(',"sm3":"');

/** In hex, over the canonical form of the entry without the digest. */
export function sm3Of({ sm3: _, ...rest }: Entry): string {
  return createHash('sm3').update(canonicalize(rest)).digest('hex');
}

/** Whether the digest of a well-formed entry is that of the rest; true where there is none. */
export function sm3Holds(bytes: Uint8Array): boolean {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  if (!text.includes(field)) return true;
  const place = scanEntry(bytes);
  if (place && !place.sm3) return true;
  if (place?.sm3) {
    // The bytes are canonical, and so are they without a field.
    const { from, to } = place.sm3;
    const digest = createHash('sm3').update(bytes.subarray(0, from)).update(bytes.subarray(to)).digest('hex');
    return text.toString('latin1', from + field.length, to - 1) === digest;
  }
  const entry = JSON.parse(text.toString('utf8')) as Entry;
  return entry.sm3 === undefined || entry.sm3 === sm3Of(entry);
}
