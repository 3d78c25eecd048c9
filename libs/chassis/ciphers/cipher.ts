// What is encrypted at rest: the one form of it, whatever the algorithm. Which one is a setting (profile `intl` or `gm`), and
// what is stored names it, so that a change of the setting leaves what was stored before readable.

export interface Cipher {
  /** Stands before what it sealed. */
  readonly name: 'aes-256-gcm' | 'sm4-ctr-hmac-sm3';
  /**
   * @param key 32 bytes
   * @param associated what the text belongs to; opening demands the same
   * @returns nonce, ciphertext and tag in the layout of the algorithm; a fresh nonce each time
   */
  seal(key: Uint8Array, plain: Uint8Array, associated: string): Uint8Array;
  /** @throws CipherFault when key, bytes or what they belong to are others */
  open(key: Uint8Array, sealed: Uint8Array, associated: string): Uint8Array;
}

export class CipherFault extends Error {
  override readonly name = 'CipherFault';
}
