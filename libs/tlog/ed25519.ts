// The one place that calls Node's Ed25519 (RFC 8032), so that a browser build can put WebCrypto in its place. There
// is exactly one verifier on purpose: implementations disagree on crafted signatures, and two agencies that disagree
// whether a signature holds would no longer share one history.
import { createPrivateKey, createPublicKey, randomBytes, sign, verify } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import { concat, fromHex } from './bytes';

// DER headers of RFC 8410: a 32-byte seed in PKCS#8, a 32-byte public key in SubjectPublicKeyInfo.
const PKCS8_HEADER = fromHex('302e020100300506032b657004220420');
const SPKI_HEADER = fromHex('302a300506032b6570032100');

export interface Ed25519Key {
  /** 32 bytes. */
  readonly publicKey: Uint8Array;
  /** 64-byte signature. */
  sign(message: Uint8Array): Uint8Array;
}

/** A fresh secret: 32 bytes from the system's generator. */
export function randomSeed(): Uint8Array {
  return randomBytes(32);
}

/** The signing key of a 32-byte seed. The seed is the secret: keep it in a 0600 file or a signing server. */
export function ed25519Key(seed: Uint8Array): Ed25519Key {
  if (seed.length !== 32) throw new Error(`an Ed25519 seed has 32 bytes, not ${seed.length}`);
  const secret = createPrivateKey({ key: Buffer.from(concat(PKCS8_HEADER, seed)), format: 'der', type: 'pkcs8' });
  const spki = createPublicKey(secret).export({ format: 'der', type: 'spki' });
  return {
    publicKey: new Uint8Array(spki.subarray(SPKI_HEADER.length)),
    sign: (message) => new Uint8Array(sign(null, message, secret)),
  };
}

/** A verifier for one public key, whose bytes must not change from then on. */
export function ed25519Verifier(publicKey: Uint8Array): (message: Uint8Array, signature: Uint8Array) => boolean {
  if (publicKey.length !== 32) throw new Error(`an Ed25519 public key has 32 bytes, not ${publicKey.length}`);
  const key = prepared.get(publicKey) ?? prepare(publicKey);
  return (message, signature) => signature.length === 64 && verify(null, message, key, signature);
}

// Reading a key costs as much as a verification, and the few keys of a region verify all that ever comes.
const prepared = new WeakMap<Uint8Array, KeyObject>();

function prepare(publicKey: Uint8Array): KeyObject {
  const key = createPublicKey({ key: Buffer.from(concat(SPKI_HEADER, publicKey)), format: 'der', type: 'spki' });
  prepared.set(publicKey, key);
  return key;
}
