// SM2 before the standard's sample and before OpenSSL, in both directions.
import { execFileSync, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sm2 } from 'sm-crypto-v2';
import { concat, fromHex, toHex, utf8 } from './bytes';
import { openCheckpoint, signCheckpoint } from './checkpoint';
import { LOG_KEY_TYPE, signingKey } from './key';
import { sm2Signer, sm2SignerOf, sm2Verifier } from './sm2';
import { formatSm2Vkey, numberOf, parseSm2Vkey, sm2Key } from './sm2-key';

const origin = 'inspection.example.gov.cn/events';
const n = 0xfffffffeffffffffffffffffffffffff7203df6b21c6052b53bbf40939d54123n;
const bytesOf = (number: bigint): Uint8Array => fromHex(number.toString(16).padStart(64, '0'));

// GB/T 32918.5 appendix A.2: "message digest", identity 1234567812345678.
const sample = {
  privateKey: '3945208f7b2144b13f36e38ac6d39f95889393692860b51a42fb81ef4df7c5b8',
  publicKey:
    '0409f9df311e5421a150dd7d161e4bc5c672179fad1833fc076bb08ff356f35020' +
    'ccea490ce26775a52dc6ea718cc1aa600aed05fbf35e084a6632f6072da9ad13',
  za: 'b2e14c5c79c6df5b85f4fe7ed8db7a262b9da7e07ccb0ea9f4747b8ccda8a4f3',
  e: 'f0b43e94ba45accaace692ed534382eb17e6ab5a19ce7b31f4486fdfc0d28640',
  r: 'f5a03b0648d2c4630eeac513e1bb81a15944da3827d5b74143ac7eaceee720b3',
  s: 'b1b6aa29df212fd8763182bc0d421ca1bb9038fd1f7f42d4840b69c485bbc1aa',
};
const message = utf8('message digest');

describe('the sample of GB/T 32918.5', () => {
  const key = sm2Verifier(sm2Key(origin, fromHex(sample.publicKey)));
  const [r, s] = [numberOf(fromHex(sample.r)), numberOf(fromHex(sample.s))];
  const verifies = (one: bigint, other: bigint): boolean => key.verify(message, concat(bytesOf(one), bytesOf(other)));

  it('gives Z_A, e and the public key', () => {
    expect(sm2.getZ(sample.publicKey)).toEqual(fromHex(sample.za));
    expect(createHash('sm3').update(fromHex(sample.za)).update(message).digest('hex')).toBe(sample.e);
    expect(sm2SignerOf(origin, sample.privateKey).vkey).toBe(key.vkey);
  });

  it('verifies, again as well, and not under another text', () => {
    expect([verifies(r, s), verifies(r, s)]).toEqual([true, true]);
    expect(key.verify(utf8('message digest.'), fromHex(sample.r + sample.s))).toBe(false);
  });

  it.each([
    ['r = 0', 0n, s],
    ['s = 0', r, 0n],
    ['r = n', n, s],
    ['t = 0', r, n - r],
    ['r changed', r ^ 1n, s],
    ['s changed', r, s ^ 1n],
  ])('is refused with %s', (_what, one, other) => expect(verifies(one, other)).toBe(false));

  it('is refused with numbers beyond n, and with a byte too many or too few', () => {
    // r + n and s + n of the sample need a 33rd byte; small ones would fit, and mean the same to who does not look.
    const whole = fromHex(sample.r + sample.s);
    const long = (number: bigint) => fromHex((number + n).toString(16).padStart(66, '0'));
    const forms = [
      concat(long(r), bytesOf(s)),
      concat(bytesOf(r), long(s)),
      concat(whole, Uint8Array.of(0)),
      whole.slice(0, -1),
      new Uint8Array(),
    ];
    for (const form of forms) expect(key.verify(message, form)).toBe(false);
  });
});

describe('an SM2 verifier key', () => {
  const { vkey } = sm2Signer(origin, new Uint8Array(32).fill(7));
  it('reads back from its line', () => expect(formatSm2Vkey(parseSm2Vkey(vkey))).toBe(vkey));
  it.each([
    ['off the curve', (key: Uint8Array) => key.map((byte, at) => (at === 64 ? byte ^ 1 : byte))],
    ['compressed', (key: Uint8Array) => concat(Uint8Array.of(2), key.slice(1, 33))],
    ['with a byte more', (key: Uint8Array) => concat(key, Uint8Array.of(0))],
    ['beyond the field', (key: Uint8Array) => concat(Uint8Array.of(4), new Uint8Array(32).fill(255), key.slice(33))],
    ['all zero', () => concat(Uint8Array.of(4), new Uint8Array(64))],
  ])('is refused %s', (_what, change) => {
    expect(() => sm2Key(origin, change(parseSm2Vkey(vkey).publicKey))).toThrow('SM2 public key');
  });
  it('is refused under another name, and where it is Ed25519', () => {
    expect(() => parseSm2Vkey(vkey.replace('inspection', 'commission'))).toThrow('damaged');
    expect(() => parseSm2Vkey(`${origin}+00000000+AQAA`)).toThrow('not SM2');
  });
});

describe('a checkpoint with a second line', () => {
  const root = new Uint8Array(32).fill(3);
  const seed = new Uint8Array(32).fill(7);
  const plain = signingKey(origin, LOG_KEY_TYPE, seed);
  const second = sm2Signer(origin, seed);
  const note = signCheckpoint({ origin, size: 3n, root }, { ...plain, second });

  it('is judged by those who know the second key, and ignored by rule by those who do not', () => {
    expect(openCheckpoint(note, { ...plain, second }).second).toBe(true);
    expect(openCheckpoint(note, plain).second).toBeUndefined();
    const without = signCheckpoint({ origin, size: 3n, root }, plain);
    expect(openCheckpoint(without, { ...plain, second }).second).toBeUndefined();
  });

  it('is refused when the second line does not hold, and needs the first one', () => {
    const other = signCheckpoint({ origin, size: 4n, root }, { ...plain, second });
    const lines = (of: Uint8Array) => Buffer.from(of).toString().split('\n');
    const mixed = [...lines(note).slice(0, 5), lines(other)[5], ''].join('\n');
    expect(() => openCheckpoint(utf8(mixed), { ...plain, second })).toThrow('does not hold');
    const alone = [...lines(note).slice(0, 4), lines(note)[5], ''].join('\n');
    expect(() => openCheckpoint(utf8(alone), { ...plain, second })).toThrow('no signature of');
  });
});

const version = spawnSync('openssl', ['version']);
const describeWithOpenssl = version.status === 0 ? describe : describe.skip;
if (version.status !== 0) process.stderr.write('openssl is not installed: SM2 is not compared with it\n');

describeWithOpenssl('OpenSSL with the standard identity', () => {
  let folder: string;
  beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'sanfang-sm2-'))));
  afterEach(() => rmSync(folder, { recursive: true }));
  const at = (name: string) => join(folder, name);
  const pkeyutl = (...words: string[]) =>
    spawnSync('openssl', [
      ...['pkeyutl', '-rawin', '-digest', 'sm3', '-pkeyopt', 'distid:1234567812345678', '-in', at('text')],
      ...words,
    ]);

  it('accepts what we sign, and not a changed one', () => {
    const signer = sm2SignerOf(origin, sample.privateKey);
    writeFileSync(at('key.der'), spkiOf(fromHex(sample.publicKey)));
    writeFileSync(at('text'), message);
    const signature = signer.sign(message);
    writeFileSync(at('sig'), derOf(signature));
    const verify = () =>
      pkeyutl('-verify', '-pubin', '-keyform', 'DER', '-inkey', at('key.der'), '-sigfile', at('sig'));
    expect(verify().stdout.toString()).toContain('Verified Successfully');
    writeFileSync(at('text'), utf8('message digesT'));
    expect(verify().status).not.toBe(0);
  });

  it('signs what we accept, and without the identity what we refuse', () => {
    execFileSync('openssl', ['genpkey', '-algorithm', 'SM2', '-out', at('key.pem')], { stdio: 'pipe' });
    writeFileSync(at('text'), message);
    const spki = execFileSync('openssl', ['pkey', '-in', at('key.pem'), '-pubout', '-outform', 'DER']);
    const key = sm2Verifier(sm2Key(origin, new Uint8Array(spki.subarray(-65))));
    expect(pkeyutl('-sign', '-inkey', at('key.pem'), '-out', at('sig')).status).toBe(0);
    expect(key.verify(message, rawOf(readFileSync(at('sig'))))).toBe(true);
    const nameless = ['pkeyutl', '-sign', '-rawin', '-digest', 'sm3', '-in', at('text'), '-inkey', at('key.pem')];
    execFileSync('openssl', [...nameless, '-out', at('sig')], { stdio: 'pipe' });
    expect(key.verify(message, rawOf(readFileSync(at('sig'))))).toBe(false);
  });
});

function spkiOf(publicKey: Uint8Array): Uint8Array {
  return concat(fromHex('3059301306072a8648ce3d020106082a811ccf5501822d034200'), publicKey);
}

function derOf(signature: Uint8Array): Uint8Array {
  const integer = (bytes: Uint8Array): Uint8Array => {
    const start = bytes.findIndex((byte) => byte !== 0);
    const short = bytes.slice(start);
    const body = short[0]! > 0x7f ? concat(Uint8Array.of(0), short) : short;
    return concat(Uint8Array.of(2, body.length), body);
  };
  const both = concat(integer(signature.slice(0, 32)), integer(signature.slice(32)));
  return concat(Uint8Array.of(0x30, both.length), both);
}

function rawOf(der: Uint8Array): Uint8Array {
  const first = der.slice(4, 4 + der[3]!);
  const second = der.slice(6 + der[3]!);
  return fromHex([first, second].map((each) => toHex(each).slice(-64).padStart(64, '0')).join(''));
}
