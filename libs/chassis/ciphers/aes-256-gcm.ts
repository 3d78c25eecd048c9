// AES-256-GCM (NIST SP 800-38D) by Node: nonce of 12 random bytes, ciphertext, tag of 16 bytes.
import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { CipherFault } from './cipher';
import type { Cipher } from './cipher';

const algorithm = 'aes-256-gcm';
const nonceBytes = 12;
const tagBytes = 16;

export const aes256Gcm: Cipher = {
  name: algorithm,

  seal(key, plain, associated) {
    const nonce = randomBytes(nonceBytes);
    const cipher = createCipheriv(algorithm, key, nonce).setAAD(Buffer.from(associated));
    return Buffer.concat([nonce, cipher.update(plain), cipher.final(), cipher.getAuthTag()]);
  },

  open(key, sealed, associated) {
    if (sealed.length < nonceBytes + tagBytes) throw new CipherFault('shorter than a nonce and a tag');
    const decipher = createDecipheriv(algorithm, key, sealed.subarray(0, nonceBytes), { authTagLength: tagBytes })
      .setAAD(Buffer.from(associated))
      .setAuthTag(sealed.subarray(-tagBytes));
    const start = decipher.update(sealed.subarray(nonceBytes, -tagBytes));
    try {
      return Buffer.concat([start, decipher.final()]);
    } catch (error) {
      throw new CipherFault('not sealed with this key for this place', { cause: error });
    }
  },
};
