import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { concat, fromHex, utf8 } from '../bytes';
import { ed25519Key as nodeKey, ed25519Verifier as nodeVerifier } from '../ed25519';
import { sha256 as nodeSha256 } from '../sha256';
import { ed25519Key, ed25519Verifier } from './ed25519';
import { sha256, sha256Into } from './sha256';
import { sha512Of } from './sha2';

const bytes = (maxLength: number) => fc.uint8Array({ minLength: 0, maxLength });
const hex32 = (text: string) => fromHex(text);
/** Encodings of the eight points whose order divides 8, those that are not canonical among them, and one of no point. */
const oddPoints = [
  '0100000000000000000000000000000000000000000000000000000000000000',
  '0100000000000000000000000000000000000000000000000000000000000080',
  'ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
  'ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff',
  '0000000000000000000000000000000000000000000000000000000000000000',
  '0000000000000000000000000000000000000000000000000000000000000080',
  '26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05',
  '26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc85',
  'c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a',
  'c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa',
  'eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
  'eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff',
  'edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
  'edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff',
  '0200000000000000000000000000000000000000000000000000000000000000',
].map(hex32);
const order = (1n << 252n) + 27742317777372353535851937790883648493n;

function littleEndian(number: bigint): Uint8Array {
  return Uint8Array.from({ length: 32 }, (_, i) => Number((number >> BigInt(8 * i)) & 0xffn));
}

describe('the hashes of the console', () => {
  it('are those of the services, for whatever length', () => {
    fc.assert(
      fc.property(bytes(600), (data) => {
        expect(sha256(data)).toEqual(nodeSha256(data));
        expect(sha512Of(data)).toEqual(new Uint8Array(createHash('sha512').update(data).digest()));
      }),
    );
  });

  it('may be written over what they are of', () => {
    const row = Uint8Array.from({ length: 64 }, (_, n) => n);
    const expected = nodeSha256(row);
    sha256Into(row, row, 0);
    expect(row.subarray(0, 32)).toEqual(expected);
  });
});

describe('the signatures of the console', () => {
  it('hold when and only when they hold in the services', () => {
    const seed = fc.uint8Array({ minLength: 32, maxLength: 32 });
    const damage = fc.option(fc.record({ at: fc.nat(63), bit: fc.nat(7) }));
    fc.assert(
      fc.property(seed, bytes(300), damage, (secret, message, change) => {
        const key = nodeKey(secret);
        const signature = key.sign(message);
        if (change) signature[change.at]! ^= 1 << change.bit;
        const holds = nodeVerifier(key.publicKey)(message, signature);
        expect(holds).toBe(change === null);
        expect(ed25519Verifier(key.publicKey)(message, signature)).toBe(holds);
      }),
      { numRuns: 40 },
    );
  });

  it('crafted ones as well: points of small order as key and as R, s beyond the order, spellings that are not canonical', () => {
    const message = utf8('三方');
    const sound = nodeKey(new Uint8Array(32).fill(7));
    const signature = sound.sign(message);
    const s = signature.subarray(32).reduceRight((number, byte) => (number << 8n) | BigInt(byte), 0n);
    const scalars = [0n, 1n, s, s + order, order - 1n, order, (1n << 256n) - 1n].map(littleEndian);
    const keys = [...oddPoints, sound.publicKey];
    let accepted = 0;
    for (const key of keys) {
      const [here, there] = [ed25519Verifier(key), nodeVerifier(key)];
      for (const R of [...oddPoints, signature.subarray(0, 32)]) {
        for (const scalar of scalars) {
          const crafted = concat(R, scalar);
          const holds = there(message, crafted);
          accepted += Number(holds);
          expect([key, R, scalar, here(message, crafted)]).toEqual([key, R, scalar, holds]);
        }
      }
    }
    // Some of them do hold with keys that are refused before they get here; that is what makes the comparison worth it.
    expect(accepted).toBeGreaterThan(2);
  });

  it('are never made there', () => expect(() => ed25519Key()).toThrow('signs nothing'));
});
