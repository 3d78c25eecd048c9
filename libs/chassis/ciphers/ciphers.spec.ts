import { createCipheriv, createHash, randomBytes } from 'node:crypto';
import { aes256Gcm } from './aes-256-gcm';
import { cipherNamed, cipherOf } from './by-name';
import { CipherFault } from './cipher';
import { sm4CtrHmacSm3 } from './sm4-ctr-hmac-sm3';

describe.each([aes256Gcm, sm4CtrHmacSm3])('$name', (cipher) => {
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

describe('the choice', () => {
  it('seals by the profile and opens by the name', () => {
    expect(cipherOf('intl')).toBe(aes256Gcm);
    expect(cipherOf('gm')).toBe(sm4CtrHmacSm3);
    expect(cipherNamed('aes-256-gcm')).toBe(aes256Gcm);
    expect(cipherNamed('sm4-ctr-hmac-sm3')).toBe(sm4CtrHmacSm3);
    expect(() => cipherNamed('sm4-ctr')).toThrow(CipherFault);
  });
});

describe('what Node gives', () => {
  it('is SM4 by the vector of GB/T 32907 appendix A.1', () => {
    const block = Buffer.from('0123456789abcdeffedcba9876543210', 'hex');
    const cipher = createCipheriv('sm4-ecb', block, null).setAutoPadding(false);
    expect(cipher.update(block, undefined, 'hex') + cipher.final('hex')).toBe('681edf34d206965e86b3e94f536e4246');
  });

  it('is SM3 by the vector of GB/T 32905 appendix A.1', () => {
    const digest = '66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0';
    expect(createHash('sm3').update('abc').digest('hex')).toBe(digest);
  });
});
