// SM4 (GB/T 32907) in counter mode, then HMAC over SM3 (GB/T 32905) of all that was sent: OpenSSL has no authenticated mode of
// SM4 before 3.2. Layout: nonce of 16 random bytes, which is the first counter block; ciphertext; tag of 32 bytes.
import { createCipheriv, createDecipheriv, createHmac, hkdfSync, randomBytes, timingSafeEqual } from 'node:crypto';
import { CipherFault } from './cipher';
import type { Cipher } from './cipher';

const name = 'sm4-ctr-hmac-sm3';
const nonceBytes = 16;
const tagBytes = 32;

export const sm4CtrHmacSm3: Cipher = {
  name,

  seal(key, plain, associated) {
    const { cipherKey, tagKey } = keysOf(key);
    const nonce = randomBytes(nonceBytes);
    const cipher = createCipheriv('sm4-ctr', cipherKey, nonce);
    const sent = Buffer.concat([nonce, cipher.update(plain), cipher.final()]);
    return Buffer.concat([sent, tagOf(tagKey, sent, associated)]);
  },

  open(key, sealed, associated) {
    if (sealed.length < nonceBytes + tagBytes) throw new CipherFault('shorter than a nonce and a tag');
    const { cipherKey, tagKey } = keysOf(key);
    const sent = sealed.subarray(0, -tagBytes);
    if (!timingSafeEqual(tagOf(tagKey, sent, associated), sealed.subarray(-tagBytes))) {
      throw new CipherFault('not sealed with this key for this place');
    }
    const decipher = createDecipheriv('sm4-ctr', cipherKey, sent.subarray(0, nonceBytes));
    return Buffer.concat([decipher.update(sent.subarray(nonceBytes)), decipher.final()]);
  },
};

/** One key for one purpose each: 16 bytes for SM4, 32 for the tag, by HKDF (RFC 5869) over SM3. */
function keysOf(key: Uint8Array): { readonly cipherKey: Uint8Array; readonly tagKey: Uint8Array } {
  if (key.length !== 32) throw new RangeError(`a key has 32 bytes, not ${key.length}`);
  const both = new Uint8Array(hkdfSync('sm3', key, new Uint8Array(), `sanfang/${name}/v1`, 48));
  return { cipherKey: both.subarray(0, 16), tagKey: both.subarray(16) };
}

/** The length stands before what it belongs to, so that nothing can move over the border between the two. */
function tagOf(key: Uint8Array, sent: Uint8Array, associated: string): Buffer {
  const place = Buffer.from(associated);
  const length = Buffer.alloc(8);
  length.writeBigUInt64BE(BigInt(place.length));
  return createHmac('sm3', key).update(length).update(place).update(sent).digest();
}
