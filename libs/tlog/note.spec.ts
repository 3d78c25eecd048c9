import fc from 'fast-check';
import { concat, fromUtf8, toHex, utf8 } from './bytes';
import { addSignatures, formatCheckpoint, openCheckpoint, parseCheckpoint, signCheckpoint } from './checkpoint';
import { cosign, cosignatureVerifier } from './cosignature';
import { ed25519Key, randomSeed } from './ed25519';
import { COSIGNER_KEY_TYPE, formatVkey, LOG_KEY_TYPE, parseVkey, screenPublicKey, signingKey } from './key';
import { formatNote, noteVerifier, openNote, parseNote, signNote } from './note';
import { parseProofFile, writeProofFile } from './proof-file';

const seed = (byte: number) => new Uint8Array(32).fill(byte);
const log = signingKey('log.example.gov.cn/events', LOG_KEY_TYPE, seed(1));
const other = signingKey('other.example.gov.cn/events', LOG_KEY_TYPE, seed(2));
const witness = signingKey('witness.example.gov.cn/w', COSIGNER_KEY_TYPE, seed(3));
const text = 'first\n\nsecond\n';
const known = [noteVerifier(log)];
const write = (body: string, ...lines: string[]) => utf8(`${body}\n${lines.join('\n')}\n`);
const line = fromUtf8(formatNote({ text, signatures: [signNote(text, log)] }))
  .split('\n')
  .at(-2)!;

describe('a signed note', () => {
  it('is read back, its text being all before the last empty line', () => {
    const note = formatNote({ text, signatures: [signNote(text, log)] });
    expect(openNote(note, known)).toMatchObject({ text, signatures: [{ name: log.name }] });
    expect(note).toEqual(write(text, line));
  });

  it('ignores signatures of unknown keys, but needs one of a known key', () => {
    const both = { text, signatures: [signNote(text, other), signNote(text, log), signNote(text, log)] };
    expect(openNote(formatNote(both), known).signatures.map(({ name }) => name)).toEqual([log.name]);
    const stranger = formatNote({ text, signatures: [signNote(text, other)] });
    expect(() => openNote(stranger, known)).toThrow('no signature of a known key');
  });

  it('is refused as a whole when a signature that claims a known key fails', () => {
    const forged = { ...signNote(text, log), signature: signNote('else\n', log).signature };
    const note = formatNote({ text, signatures: [signNote(text, log), forged] });
    expect(() => openNote(note, known)).toThrow('does not hold');
  });

  it.each([
    ['without an empty line', utf8(`a\n${line}\n`), 'empty line'],
    ['without signatures', utf8('a\n\n'), 'signature line'],
    ['that does not end in a line feed', write(text, line).slice(0, -1), 'empty line'],
    ['with a carriage return', write('a\r\n', line), 'control'],
    ['with a tab', write('a\tb\n', line), 'control'],
    ['with a broken character', concat(Uint8Array.of(0xff), write(text, line)), 'UTF-8'],
    ['with a hyphen for the dash', write(text, line.replace('—', '-')), 'signature line'],
    ['with two spaces', write(text, line.replace('— ', '—  ')), 'signature line'],
    ['with a plus in the name', write(text, line.replace('log.', 'log+')), 'key name'],
    ['with loose base64', write(text, line.replace(/=?$/, '==')), 'base64'],
    ['with a short signature', write(text, `— ${log.name} AAAA`), 'too short'],
    ['with 101 signatures', write(text, ...Array.from({ length: 101 }, () => line)), 'at most 100'],
    ['above 256 KiB', write(`${'a'.repeat(262_144)}\n`, line), 'at most 262144'],
  ])('%s is refused', (_what, note, reason) => {
    expect(() => parseNote(note)).toThrow(reason);
  });

  it('cannot be written with a text that would read back differently', () => {
    expect(() => formatNote({ text: 'no line feed', signatures: [signNote('no line feed', log)] })).toThrow();
  });
});

describe('a checkpoint', () => {
  const root = seed(9);
  const signed = signCheckpoint({ origin: log.name, size: 5n, root }, log);

  it('is refused when any byte is changed', () => {
    fc.assert(
      fc.property(fc.nat(signed.length - 1), fc.integer({ min: 1, max: 255 }), (at, mask) => {
        const changed = signed.slice();
        changed[at]! ^= mask;
        expect(() => openCheckpoint(changed, log)).toThrow();
      }),
      { numRuns: 400 },
    );
  });

  it.each([
    ['a leading zero', `${log.name}\n05\n${'A'.repeat(43)}=\n`],
    ['a sign', `${log.name}\n+5\n${'A'.repeat(43)}=\n`],
    ['a size beyond 63 bits', `${log.name}\n9223372036854775808\n${'A'.repeat(43)}=\n`],
    ['a short root', `${log.name}\n5\nAAAA\n`],
    ['an extension line', `${log.name}\n5\n${'A'.repeat(43)}=\nmore\n`],
    ['no origin', `\n5\n${'A'.repeat(43)}=\n`],
    ['an origin with a space', `a b\n5\n${'A'.repeat(43)}=\n`],
    ['two lines only', `${log.name}\n5\n`],
  ])('with %s is refused', (_what, body) => {
    expect(() => parseCheckpoint(body)).toThrow();
  });

  it('is read back as written, at size 0 too', () => {
    for (const size of [0n, 1n, (1n << 63n) - 1n]) {
      expect(parseCheckpoint(formatCheckpoint({ origin: 'x', size, root }))).toEqual({ origin: 'x', size, root });
    }
  });

  it('must be signed by its own log, not only by a witness or another log', () => {
    const note = parseNote(signed);
    const cosignature = cosign(note.text, 100n, witness);
    const byWitnessOnly = formatNote({ text: note.text, signatures: [cosignature] });
    expect(() => openCheckpoint(byWitnessOnly, log, [witness])).toThrow('no signature of log.example');
    const foreign = formatNote({ text: note.text, signatures: [signNote(note.text, other)] });
    expect(() => openCheckpoint(foreign, other)).toThrow('the checkpoint is of log.example');
    expect(() => signCheckpoint({ origin: log.name, size: 1n, root }, other)).toThrow('not the log key');
  });

  it('tells which witnesses cosigned it and when, and is refused when a known one does not hold', () => {
    const note = parseNote(signed);
    const cosigned = addSignatures(note, cosign(note.text, 1_767_139_200n, witness));
    expect(openCheckpoint(cosigned, log, [witness]).cosignatures).toMatchObject([{ time: 1_767_139_200n }]);
    expect(openCheckpoint(cosigned, log).cosignatures).toEqual([]);
    const line = cosign(note.text, 1n, witness);
    const short = { ...line, signature: line.signature.slice(0, -1) };
    expect(() => openCheckpoint(addSignatures(note, short), log, [witness])).toThrow('does not hold');
    const otherTree = cosign(note.text.replace('5', '6'), 1n, witness);
    expect(() => openCheckpoint(addSignatures(note, otherTree), log, [witness])).toThrow('does not hold');
  });
});

describe('keys', () => {
  it('are one line of text that reads back', () => {
    for (const key of [log, witness]) expect(formatVkey(parseVkey(formatVkey(key)))).toBe(formatVkey(key));
    const fresh = signingKey('x.example/y', LOG_KEY_TYPE, randomSeed());
    expect(openNote(formatNote({ text, signatures: [signNote(text, fresh)] }), [noteVerifier(fresh)]).text).toBe(text);
  });

  it.each([
    ['no parts', 'nonsense'],
    ['a wrong hash', formatVkey(log).replace(/\+[0-9a-f]{8}\+/, '+00000000+')],
    ['another name', formatVkey(log).replace('log.', 'lag.')],
    ['upper-case hex', formatVkey(log).replace(/\+[0-9a-f]{8}\+/, (hex) => hex.toUpperCase().replace(/^/, 'X'))],
    ['an unknown type', `${log.name}+00000000+Ag${'A'.repeat(42)}`],
    ['a short key', `${log.name}+00000000+AQAA`],
    ['no name', formatVkey(log).replace(/^[^+]+/, '')],
  ])('with %s are refused', (_what, vkey) => {
    expect(() => parseVkey(vkey)).toThrow();
  });

  it('sign in one role only', () => {
    expect(() => cosign(text, 1n, log)).toThrow('not a witness key');
    expect(() => cosignatureVerifier(log)).toThrow('not a witness key');
    expect(() => cosign(text, 0n, witness)).toThrow('not a time');
    expect(() => openCheckpoint(new Uint8Array(0), witness)).toThrow('not a log key');
    expect(() => ed25519Key(new Uint8Array(31))).toThrow('32 bytes');
  });
});

describe('key screening', () => {
  const p = (1n << 255n) - 19n;
  const encode = (y: bigint, sign = 0n) =>
    Buffer.from(((sign << 255n) | y).toString(16).padStart(64, '0'), 'hex').reverse();
  const inverse = (a: bigint): bigint => {
    let [result, base] = [1n, ((a % p) + p) % p];
    for (let e = p - 2n; e > 0n; e >>= 1n, base = (base * base) % p) if (e & 1n) result = (result * base) % p;
    return result;
  };

  it('accepts honest keys', () => {
    for (let i = 0; i < 20; i++) expect(() => screenPublicKey(ed25519Key(seed(i)).publicKey)).not.toThrow();
  });

  it('refuses the points of order 1, 2, 4 and 8, with either sign', () => {
    const orderEight = [
      0x05fc536d880238b13933c6d305acdfd5f098eff289f4c345b027b2c28f95e826n,
      0x7a03ac9277fdc74ec6cc392cfa53202a0f67100d760b3cba4fd84d3d706a17c7n,
    ];
    const d = (p - ((121665n * inverse(121666n)) % p)) % p;
    for (const y of orderEight) {
      const square = (y * y) % p;
      // A point of order 8 doubles to one of order 4, where y = 0; so x² = −y², put into the curve's equation.
      expect((((2n * square - 1n + d * square * square) % p) + p) % p).toBe(0n);
    }
    for (const y of [0n, 1n, p - 1n, ...orderEight]) {
      for (const sign of [0n, 1n]) expect(() => screenPublicKey(encode(y, sign))).toThrow('low order');
    }
  });

  it('refuses second spellings, what is no point, and wrong lengths', () => {
    for (const y of [p, p + 1n, p + 18n]) expect(() => screenPublicKey(encode(y))).toThrow('canonical');
    expect(() => screenPublicKey(encode(2n))).toThrow('not a point');
    expect(() => screenPublicKey(new Uint8Array(31))).toThrow('32 bytes');
  });

  it('knows as many points below 200 as the curve has', () => {
    const points = Array.from({ length: 200 }, (_, y) => y).filter((y) => {
      try {
        screenPublicKey(encode(BigInt(y)));
        return true;
      } catch {
        return false;
      }
    });
    expect(points.length).toBeGreaterThan(70);
    expect(points.length).toBeLessThan(130);
    expect(toHex(encode(9n))).toMatch(/^09/);
  });
});

describe('a proof file', () => {
  const checkpoint = signCheckpoint({ origin: log.name, size: 1n, root: seed(9) }, log);

  it('is read back as written, with extra bytes too', () => {
    for (const file of [
      { index: 0n, proof: [], checkpoint },
      { index: 7n, proof: [seed(1), seed(2)], checkpoint, extra: utf8('附') },
    ]) {
      expect(parseProofFile(writeProofFile(file))).toEqual(file);
    }
  });

  it.each([
    ['another header', 'c2sp.org/tlog-proof@v2\nindex 0\n\nx'],
    ['no index', 'c2sp.org/tlog-proof@v1\n\nx'],
    ['a padded index', 'c2sp.org/tlog-proof@v1\nindex 00\n\nx'],
    ['a short hash', 'c2sp.org/tlog-proof@v1\nindex 0\nAAAA\n\nx'],
    ['no checkpoint', 'c2sp.org/tlog-proof@v1\nindex 0\n'],
    ['64 hashes', `c2sp.org/tlog-proof@v1\nindex 0\n${`${'A'.repeat(43)}=\n`.repeat(64)}\nx`],
  ])('with %s is refused', (_what, file) => {
    expect(() => parseProofFile(utf8(file))).toThrow('not a proof file');
  });
});
