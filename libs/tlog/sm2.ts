// SM2 signatures over SM3 (GB/T 32918.2) with the standard identity "1234567812345678". Node signs SM2 with an empty identity
// only, so a library on @noble calculates; its inputs are judged here, because it takes numbers out of range and throws on
// some. It is software, for trials: what has to pass an assessment signs in a certified device behind `SecondSigner`.
import { hkdfSync } from 'node:crypto';
import { sm2 } from 'sm-crypto-v2';
import { fromHex, toHex } from './bytes';
import type { SecondKey, SecondSigner } from './key';
import { formatSm2Vkey, numberOf, sm2Key } from './sm2-key';
import type { Sm2Key } from './sm2-key';

const n = 0xfffffffeffffffffffffffffffffffff7203df6b21c6052b53bbf40939d54123n;
// One verification takes 0.7 ms, and one checkpoint passes several readers of a service.
const remembered = 64;

/** @returns a verifier of r ‖ s, 32 bytes each; it never throws */
export function sm2Verifier(key: Sm2Key): SecondKey {
  const point = sm2.precomputePublicKey(toHex(key.publicKey));
  const held = new Set<string>();
  const verify = (message: Uint8Array, signature: Uint8Array): boolean => {
    if (signature.length !== 64) return false;
    const [r, s] = [numberOf(signature.slice(0, 32)), numberOf(signature.slice(32))];
    if (r === 0n || r >= n || s === 0n || s >= n || (r + s) % n === 0n) return false;
    const name = `${toHex(signature)}${toHex(message)}`;
    if (held.has(name)) return true;
    try {
      if (!sm2.doVerifySignature(message, toHex(signature), point, { hash: true })) return false;
    } catch {
      return false;
    }
    if (held.size >= remembered) held.delete(held.values().next().value!);
    held.add(name);
    return true;
  };
  return { name: key.name, keyId: key.keyId, vkey: formatSm2Vkey(key), verify };
}

/** @param secret 32 bytes; the private key is in 1..n−2, by HKDF (RFC 5869) over SM3 */
export function sm2Signer(name: string, secret: Uint8Array): SecondSigner {
  const drawn = numberOf(new Uint8Array(hkdfSync('sm3', secret, new Uint8Array(), 'sanfang/sm2/v1', 48)));
  return sm2SignerOf(name, ((drawn % (n - 2n)) + 1n).toString(16).padStart(64, '0'));
}

/** @param privateKey 64 hex digits */
export function sm2SignerOf(name: string, privateKey: string): SecondSigner {
  const publicKey = sm2.getPublicKeyFromPrivateKey(privateKey);
  const sign = (message: Uint8Array): Uint8Array =>
    fromHex(sm2.doSignature(message, privateKey, { hash: true, publicKey }));
  return { ...sm2Verifier(sm2Key(name, fromHex(publicKey))), sign };
}
