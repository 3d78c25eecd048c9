import { randomBytes } from 'node:crypto';
import { aes256Gcm } from './aes-256-gcm';
import { CipherFault } from './cipher';

describe.each([aes256Gcm])('$name', (cipher) => {
  const key = randomBytes(32);
  const plain = Buffer.from('某单位第 3 号问题');

  it('gives back what was sealed, and seals the same text otherwise each time', () => {
    const sealed = cipher.seal(key, plain, 'a');
    expect(Buffer.from(cipher.open(key, sealed, 'a'))).toEqual(plain);
    expect(Buffer.from(cipher.seal(key, plain, 'a'))).not.toEqual(Buffer.from(sealed));
  });

  it('opens the empty text', () => {
    expect(cipher.open(key, cipher.seal(key, new Uint8Array(), 'a'), 'a')).toHaveLength(0);
  });

  it('refuses another key, another place, and any changed or missing byte', () => {
    const sealed = cipher.seal(key, plain, 'a');
    expect(() => cipher.open(randomBytes(32), sealed, 'a')).toThrow(CipherFault);
    expect(() => cipher.open(key, sealed, 'b')).toThrow(CipherFault);
    for (let at = 0; at < sealed.length; at++) {
      const changed = Uint8Array.from(sealed, (byte, index) => (index === at ? byte ^ 1 : byte));
      expect(() => cipher.open(key, changed, 'a')).toThrow(CipherFault);
      expect(() => cipher.open(key, sealed.subarray(0, at), 'a')).toThrow(CipherFault);
    }
  });
});
