// Ids that are either random or derived. A derived id is what makes a repeated request harmless.
import { createHash, randomBytes, randomUUID } from 'node:crypto';

/** Made once for this project; a new value would make every repetition look like something new. */
const namespace = Buffer.from('5b0e6f0c6d3f5d0f9a3d0c8f2a61e7b4', 'hex');
const form = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

/** UUID version 5 (RFC 9562 section 5.5) of a name in the project's namespace. */
export function uuidFrom(name: string): string {
  const hash = createHash('sha1').update(namespace).update(name, 'utf8').digest().subarray(0, 16);
  hash[6] = (hash[6]! & 0x0f) | 0x50;
  hash[8] = (hash[8]! & 0x3f) | 0x80;
  const hex = hash.toString('hex');
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-');
}

/**
 * Id of the nth event that a command makes in a stream. The stream is part of it: the same command id sent to two
 * records must not make two events of one id, which would stop the log.
 */
export function eventIdOf(stream: string, commandId: string, n: number): string {
  return uuidFrom(`${stream}\n${commandId}\n${n}`);
}

/** Random, version 4. */
export function newId(): string {
  return randomUUID();
}

export function isUuid(text: string): boolean {
  return form.test(text);
}

/** Unguessable text of so many random bytes, base64url. */
export function newToken(bytes = 32): string {
  return randomBytes(bytes).toString('base64url');
}
