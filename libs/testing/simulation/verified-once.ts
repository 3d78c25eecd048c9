// Everybody in a region verifies the same few notes, dozens of times each, and what Ed25519 says of the same key, message and
// signature never differs: so the simulation asks OpenSSL once for each. Whatever calls it runs as it is, every time.
import crypto = require('node:crypto');
import type { KeyObject } from 'node:crypto';

type Verify = (algorithm: null, message: Uint8Array, key: KeyObject, signature: Uint8Array) => boolean;

const node = crypto as unknown as { verify: Verify };
const real = node.verify;
const names = new WeakMap<KeyObject, string>();
const verdicts = new Map<string, boolean>();
// A run asks about some hundred; what earlier runs asked is of no use to later ones.
const mostKept = 5_000;

function nameOf(key: KeyObject): string {
  const name = names.get(key) ?? key.export({ format: 'der', type: 'spki' }).toString('latin1');
  names.set(key, name);
  return name;
}

/** From now on in this process. */
export function verifyOnce(): void {
  node.verify = (algorithm, message, key, signature) => {
    if (algorithm !== null || key.asymmetricKeyType !== 'ed25519') return real(algorithm, message, key, signature);
    // Key and signature have fixed lengths, so no two questions share a name.
    const question = nameOf(key) + Buffer.from(signature).toString('latin1') + Buffer.from(message).toString('latin1');
    const known = verdicts.get(question);
    if (known !== undefined) return known;
    if (verdicts.size >= mostKept) verdicts.clear();
    const verdict = real(algorithm, message, key, signature);
    verdicts.set(question, verdict);
    return verdict;
  };
}
