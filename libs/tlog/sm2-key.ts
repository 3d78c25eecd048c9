// SM2 keys that sign beside a log's Ed25519 key (docs/spec/gm.md): name, id and line of text as C2SP signed-note wants them of
// a type that it has not assigned. What calculates with them is in sm2.ts, so that whoever only reads keys needs no library.
import { concat, excerpt, fromBase64, toBase64, toHex, utf8 } from './bytes';
import { checkKeyName } from './key';
import { sha256 } from './sha256';

/** 0xff, behind which C2SP wants an identifier of the algorithm. */
const TYPE = concat(Uint8Array.of(0xff), utf8('SM2-SM3'));

export interface Sm2Key {
  readonly name: string;
  /** 65 bytes: 0x04 ‖ x ‖ y, screened. */
  readonly publicKey: Uint8Array;
  /** First 4 bytes of SHA-256(name ‖ 0x0A ‖ 0xff ‖ "SM2-SM3" ‖ public key). */
  readonly keyId: Uint8Array;
}

// The curve of GB/T 32918.5: y² = x³ − 3·x + b over the field of p.
const p = 0xfffffffeffffffffffffffffffffffffffffffff00000000ffffffffffffffffn;
const b = 0x28e9fa9e9d9f5e344d5a9e4bcf6509a7f39789f515ab8f92ddbcbd414d940e93n;

/** @throws Error for a bad name, and for a public key that is not an uncompressed point of the curve */
export function sm2Key(name: string, publicKey: Uint8Array): Sm2Key {
  checkKeyName(name);
  if (publicKey.length !== 65 || publicKey[0] !== 4) throw new Error('an SM2 public key is 0x04 and 64 bytes');
  const [x, y] = [numberOf(publicKey.slice(1, 33)), numberOf(publicKey.slice(33))];
  if (x >= p || y >= p || (y * y - x * x * x + 3n * x - b) % p !== 0n) {
    throw new Error('the SM2 public key is not a point of the curve');
  }
  return { name, publicKey, keyId: sha256(concat(utf8(`${name}\n`), TYPE, publicKey)).slice(0, 4) };
}

/** Parses `name+hex8+base64(0xff ‖ "SM2-SM3" ‖ public key)`. Throws with the reason. */
export function parseSm2Vkey(text: string): Sm2Key {
  const match = /^([^+]+)\+([0-9a-f]{8})\+(.+)$/.exec(text.trim());
  if (!match) throw new Error(`not a verifier key of the form name+hash+key: "${excerpt(text)}"`);
  const typed = fromBase64(match[3]!);
  if (toHex(typed.slice(0, TYPE.length)) !== toHex(TYPE)) throw new Error(`the verifier key of ${match[1]} is not SM2`);
  const key = sm2Key(match[1]!, typed.slice(TYPE.length));
  if (toHex(key.keyId) !== match[2]) throw new Error(`the SM2 verifier key of ${key.name} is damaged`);
  return key;
}

export function formatSm2Vkey({ name, publicKey, keyId }: Sm2Key): string {
  return `${name}+${toHex(keyId)}+${toBase64(concat(TYPE, publicKey))}`;
}

/** Big-endian. */
export function numberOf(bytes: Uint8Array): bigint {
  return BigInt(`0x${toHex(bytes)}`);
}
