// Names and keys of signers (C2SP signed-note v1.0.0). A verifier key is one line of text, so that it can be read out,
// printed on paper and compared by people: `name+hash+key`.
import { concat, excerpt, fromBase64, toBase64, toHex, utf8 } from './bytes';
import { d, p, power } from './curve';
import { ed25519Key } from './ed25519';
import type { Ed25519Key } from './ed25519';
import { sha256 } from './sha256';

/** Signature types of C2SP signed-note: a log's own signature, and a witness's timestamped cosignature. */
export const LOG_KEY_TYPE = 0x01;
export const COSIGNER_KEY_TYPE = 0x04;
export type KeyType = typeof LOG_KEY_TYPE | typeof COSIGNER_KEY_TYPE;

export interface VerifierKey {
  readonly name: string;
  readonly type: KeyType;
  /** 32 bytes, screened. */
  readonly publicKey: Uint8Array;
  /** First 4 bytes of SHA-256(name ‖ 0x0A ‖ type ‖ public key): a hint which key signed, not a protection. */
  readonly keyId: Uint8Array;
  /** The signer's keys in their order, this one among them; absent while it is the only one known (handover.ts). */
  readonly turns?: readonly Turn[];
  /** Of a log that signs each checkpoint by a second algorithm as well; absent while none is known. */
  readonly second?: SecondKey;
}

/** A key of another algorithm under the log's name (docs/spec/gm.md). */
export interface SecondKey {
  readonly name: string;
  readonly keyId: Uint8Array;
  /** Its line of text. */
  readonly vkey: string;
  /** Whether a peer's checkpoint without its line is refused. */
  readonly demanded?: boolean;
  verify(message: Uint8Array, signature: Uint8Array): boolean;
}

export interface SecondSigner extends SecondKey {
  sign(message: Uint8Array): Uint8Array;
}

/** A key's turn in a log: checkpoints larger than `from` need its line, or that of a later one. */
export interface Turn {
  readonly key: VerifierKey;
  readonly from: bigint;
  /** Revoked: beyond this size its line counts for nothing. */
  readonly lastGoodSize?: bigint;
}

export interface SigningKey extends VerifierKey {
  readonly second?: SecondSigner;
  sign(message: Uint8Array): Uint8Array;
  /** Its predecessors while they still sign beside it. */
  readonly beside?: readonly SigningKey[];
}

/** A signer's keys from the first known one to the newest. */
export function turnsOf(key: VerifierKey): readonly Turn[] {
  return key.turns ?? [{ key, from: 0n }];
}

/** The key that signs today, as far as is known. */
export function newestOf(key: VerifierKey): VerifierKey {
  return turnsOf(key).at(-1)!.key;
}

/** Whether that key has been revoked and nobody knows its successor. */
export function isRevoked(key: VerifierKey): boolean {
  return turnsOf(key).at(-1)!.lastGoodSize !== undefined;
}

/** Throws unless the name is fit for a key: not empty, no Unicode space or control character, no `+`. */
export function checkKeyName(name: string): void {
  if (name === '' || /[\s\p{White_Space}\p{Cc}+]/u.test(name)) {
    throw new Error(`"${excerpt(name)}" is not a key name: it must not be empty or contain a space or "+"`);
  }
}

/** @throws Error for a bad name and for a public key that `screenPublicKey` refuses */
export function verifierKey(name: string, type: KeyType, publicKey: Uint8Array): Omit<VerifierKey, 'second'> {
  checkKeyName(name);
  screenPublicKey(publicKey);
  const keyId = sha256(concat(utf8(`${name}\n`), Uint8Array.of(type), publicKey)).slice(0, 4);
  return { name, type, publicKey, keyId };
}

/** A key that signs under a name; one seed must serve one role only. */
export function signingKey(name: string, type: KeyType, seed: Uint8Array): SigningKey {
  const key: Ed25519Key = ed25519Key(seed);
  return { ...verifierKey(name, type, key.publicKey), sign: (message) => key.sign(message) };
}

/** Parses `name+hex8+base64(type ‖ public key)`. Throws with the reason; spaces around the text are ignored. */
export function parseVkey(text: string): VerifierKey {
  const match = /^([^+]+)\+([0-9a-f]{8})\+(.+)$/.exec(text.trim());
  if (!match) throw new Error(`not a verifier key of the form name+hash+key: "${excerpt(text)}"`);
  const [, name, keyId, encoded] = match;
  const typed = fromBase64(encoded!);
  const type = typed[0];
  if (type !== LOG_KEY_TYPE && type !== COSIGNER_KEY_TYPE) {
    throw new Error(`verifier key of ${name} has the unknown type ${type}; known are 1 (log) and 4 (witness)`);
  }
  const key = verifierKey(name!, type, typed.slice(1));
  if (toHex(key.keyId) !== keyId)
    throw new Error(`verifier key of ${name} is damaged: its hash is ${toHex(key.keyId)}`);
  return key;
}

export function formatVkey({ name, type, publicKey, keyId }: VerifierKey): string {
  return `${name}+${toHex(keyId)}+${toBase64(concat(Uint8Array.of(type), publicKey))}`;
}

// The y of all points whose order divides 8: with such a key some signatures hold for every message.
const LOW_ORDER_Y = new Set([
  0n,
  1n,
  p - 1n,
  0x05fc536d880238b13933c6d305acdfd5f098eff289f4c345b027b2c28f95e826n,
  0x7a03ac9277fdc74ec6cc392cfa53202a0f67100d760b3cba4fd84d3d706a17c7n,
]);

/** Refuses keys on which verifiers disagree: wrong length, non-canonical, not on the curve, of low order. */
export function screenPublicKey(publicKey: Uint8Array): void {
  if (publicKey.length !== 32) throw new Error(`an Ed25519 public key has 32 bytes, not ${publicKey.length}`);
  const y = BigInt(`0x${toHex(publicKey.slice().reverse())}`) & ((1n << 255n) - 1n);
  if (y >= p) throw new Error('the Ed25519 public key is not in its canonical form');
  if (LOW_ORDER_Y.has(y)) throw new Error('the Ed25519 public key is of low order: anybody could sign with it');
  const numerator = (y * y - 1n + p) % p;
  const denominator = (d * y * y + 1n) % p;
  // x² = numerator / denominator is a square exactly when their product is one (Euler's criterion).
  if (power((numerator * denominator) % p, (p - 1n) / 2n) !== 1n) {
    throw new Error('the Ed25519 public key is not a point of the curve');
  }
}
