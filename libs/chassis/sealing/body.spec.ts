import { createHash, hash } from 'node:crypto';
import { Aes256Gcm, CipherSuite, DhkemX25519HkdfSha256, HkdfSha256 } from '@hpke/core';
import { canonicalBytes, canonicalize } from '#kernel/canonical-json';
import { neutral } from '#kernel/envelope';
import type { Entry, SealedBody } from '#kernel/envelope';
import { readEntry, sealedSizes, writeEntry } from '#stream/entry-schema';
import { MAX_ENTRY_SIZE } from '#tlog/bundle';
import { fromHex, toHex } from '#tlog/bytes';
import { BodyTooLong, commitOf, open, seal, sealText } from './body';
import type { Body, Place } from './body';
import { pairOf, unwrap, wrap } from './suite';
import type { SealingPair } from './suite';

const secretOf = (n: number): Uint8Array => new Uint8Array(32).fill(n);
const place: Place = {
  agency: 'inspection',
  origin: 'inspection.sanfang.example/events/v1',
  id: '0190a000-0000-7000-8000-000000000001',
};
const body: Body = {
  actor: { agency: 'inspection', id: 'p-3', name: '王某', role: 'inspectionOffice' },
  data: { text: '反映其在工程验收中收受礼品' },
  salt: 'A'.repeat(43),
  stream: 'clueHandOver-h1',
  type: 'inspection.clue-handed-over.v1',
};
const { salt: _, ...opened } = body;

let commission: SealingPair;
let organization: SealingPair;
const addressee = (agency: 'commission' | 'organization', { id: key, publicKey }: SealingPair) => ({
  agency,
  key,
  publicKey,
});
const keysOf =
  (...pairs: SealingPair[]) =>
  (id: string) =>
    pairs.find((pair) => pair.id === id)?.privateKey;
const sealed = (what: Body = body) => seal(what, place, [addressee('commission', commission)]);
const forged = (text: string, commit: string) =>
  sealText({ text, commit }, place, [addressee('commission', commission)]);
const read = (what: SealedBody, at = place, pair = commission) => open(what, at, 'commission', keysOf(pair));

beforeAll(async () => {
  commission = pairOf(secretOf(1));
  organization = pairOf(secretOf(2));
});

function entryOf(what: SealedBody): Entry {
  return {
    ...neutral('inspection', place.id),
    ...{ v: 1, id: place.id, revision: 0, at: '2026-03-02T01:00:00.000Z', seen: {} },
    ...{ commit: '0'.repeat(64), sealed: what },
  };
}

describe('the suite', () => {
  // RFC 9180, mode 0, KEM 0x0020, KDF 0x0001, AEAD 0x0002: setup from the published vector. The ciphertexts are 1,000 of
  // inputs drawn from SHAKE128 of nothing, folded into one value by Go's own test of the same vector (crypto/hpke).
  const vector = {
    info: '4f6465206f6e2061204772656369616e2055726e',
    ikmE: '2cd7c601cefb3d42a62b04b7a9041494c06c7843818e0ce28a8f704ae7ab20f9',
    ikmR: 'dac33b0e9db1b59dbbea58d59a14e7b5896e9bdf98fad6891e99d1686492b9ee',
    pkRm: '430f4b9859665145a6b1ba274024487bd66f03a2dd577d7753c68d7d7d00c00c',
    enc: '6c93e09869df3402d7bf231bf540fadd35cd56be14f97178f0954db94b7fc256',
    encryptions: '1702e73e1e71705faa8241022af1deea',
  };
  const buffer = (hex: string) => fromHex(hex).buffer as ArrayBuffer;

  it('derives keys and encapsulates as the published vector says', async () => {
    const recipient = pairOf(fromHex(vector.ikmR));
    expect(toHex(recipient.publicKey)).toBe(vector.pkRm);
    const info = Buffer.from(vector.info, 'hex').toString();
    const { enc, wrapped } = await wrap(recipient.publicKey, info, 'aad', secretOf(9), fromHex(vector.ikmE));
    expect(toHex(enc)).toBe(vector.enc);
    expect(await unwrap(recipient.privateKey, info, 'aad', { enc, wrapped })).toEqual(secretOf(9));
  });

  it('encrypts as the published vector says', async () => {
    const suite = new CipherSuite({ kem: new DhkemX25519HkdfSha256(), kdf: new HkdfSha256(), aead: new Aes256Gcm() });
    const { publicKey } = await suite.kem.deriveKeyPair(buffer(vector.ikmR));
    const ekm = await suite.kem.deriveKeyPair(buffer(vector.ikmE));
    const sender = await suite.createSenderContext({ recipientPublicKey: publicKey, info: buffer(vector.info), ekm });
    const drawn = createHash('shake128', { outputLength: 1_000 * 512 }).digest();
    const sink = createHash('shake128', { outputLength: 16 });
    let at = 0;
    const draw = (): ArrayBuffer => {
      const length = drawn[at]!;
      const bytes = new Uint8Array(drawn.subarray(at + 1, at + 1 + length));
      at += 1 + length;
      return bytes.buffer;
    };
    for (let n = 0; n < 1_000; n++) {
      const aad = draw();
      sink.update(new Uint8Array(await sender.seal(draw(), aad)));
    }
    expect(sink.digest('hex')).toBe(vector.encryptions);
  });

  it.each([
    ['0', '00'.repeat(32)],
    ['1', `01${'00'.repeat(31)}`],
    ['p − 1', `ec${'ff'.repeat(30)}7f`],
    ['a point of order 8', 'e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800'],
  ])('refuses the public key %s, to which anybody has the secret', async (_name, key) => {
    await expect(wrap(fromHex(key), 'info', 'aad', secretOf(9))).rejects.toThrow();
  });
});

describe('a sealed body', () => {
  it('is read by its addressee, and by nobody else', async () => {
    const made = await sealed();
    expect(await read(made)).toEqual(opened);
    await expect(open(made, place, 'organization', keysOf(organization))).rejects.toThrow('not sealed to');
    await expect(read(made, place, organization)).rejects.toThrow('which is not here');
    const stolen = (id: string) => (id === commission.id ? organization.privateKey : undefined);
    await expect(open(made, place, 'commission', stolen)).rejects.toThrow('cannot be opened');
  });

  it('is read by each of several addressees, who are told the same', async () => {
    const both = [addressee('commission', commission), addressee('organization', organization)];
    const made = await seal(body, place, both);
    expect(await open(made, place, 'commission', keysOf(commission))).toEqual(opened);
    expect(await open(made, place, 'organization', keysOf(organization))).toEqual(opened);
  });

  it('is read with an old key after a rotation, as long as that is kept', async () => {
    const made = await sealed();
    const next = pairOf(secretOf(3));
    expect(await open(made, place, 'commission', keysOf(commission, next))).toEqual(opened);
    await expect(read(made, place, next)).rejects.toThrow(`sealed to the key ${commission.id}`);
  });

  it.each([
    ['another log', { origin: 'organization.sanfang.example/events/v1' }],
    ['another entry', { id: '0190a000-0000-7000-8000-000000000002' }],
    ['another agency', { agency: 'organization' as const }],
  ])('cannot be taken into %s', async (_name, change) => {
    await expect(read(await sealed(), { ...place, ...change })).rejects.toThrow('cannot be opened');
  });

  it('does not open with another commitment, and not with a body that its commitment does not fit', async () => {
    const made = await sealed();
    await expect(read({ ...made, commit: commitOf({ ...body, salt: 'B'.repeat(43) }) })).rejects.toThrow(
      'cannot be opened',
    );
    const other = canonicalize({ ...body, data: { text: '另一种说法' } });
    await expect(read(await forged(other, made.commit))).rejects.toThrow('not what its commitment says');
  });

  it.each([
    ['a text that is no JSON', '线索'],
    ['another spelling', ` ${canonicalize(body)}`],
    ['a list', '[]'],
    ['a field more', canonicalize({ ...body, more: 1 } as never)],
    ['no salt', canonicalize(opened as never)],
    ['an empty author', canonicalize({ ...body, actor: { ...body.actor, id: '' } })],
  ])('is not taken with %s inside', async (_name, text) => {
    const commit = hash('sha256', `sanfang/sealed/v1\n${text}`);
    await expect(read(await forged(text, commit))).rejects.toThrow('not the form');
  });

  it('says the same length for short texts and for a little longer ones', async () => {
    const lengths = new Set<number>();
    for (const length of [1, 50, 200])
      lengths.add((await sealed({ ...body, data: { text: '问'.repeat(length) } })).ct.length);
    expect(lengths.size).toBe(1);
  });

  it.each(sealedSizes)('of at most %i bytes is of a size that every reader takes', async (size) => {
    const room = size - 4 - canonicalBytes({ ...body, data: { text: '' } }).length;
    const made = await sealed({ ...body, data: { text: 'x'.repeat(room) } });
    expect(Buffer.from(made.ct, 'base64')).toHaveLength(size + 16);
    const bytes = writeEntry(entryOf(made));
    expect(readEntry(bytes)).toMatchObject({ type: 'inspection.sealed.v1' });
    expect(bytes.length).toBeLessThan(MAX_ENTRY_SIZE - 2_000);
    const over = sealed({ ...body, data: { text: 'x'.repeat(room + 1) } });
    if (size === sealedSizes.at(-1)) await expect(over).rejects.toThrow(BodyTooLong);
    else expect(Buffer.from((await over).ct, 'base64').length).toBeGreaterThan(size + 16);
  });

  it('is never opened when anything of it was changed: 2,000 changes by seed', async () => {
    const made = await sealed();
    const whole = Buffer.from(canonicalBytes(entryOf(made)));
    let refusedForm = 0;
    const tries: Promise<boolean>[] = [];
    const accepted: string[] = [];
    let seed = 20_261_201;
    const next = (below: number): number => ((seed = (Math.imul(seed, 1_103_515_245) + 12_345) >>> 0) >>> 8) % below;
    const from = whole.indexOf('"sealed":');
    const until = whole.indexOf('"seen":');
    for (let n = 0; n < 2_000; n++) {
      const bytes = new Uint8Array(whole);
      const at = from + next(until - from);
      const to = n % 2 === 0 ? bytes[at]! ^ (1 << next(8)) : 'ABCabc019+/='.charCodeAt(next(12));
      if (to === bytes[at]) continue;
      bytes[at] = to;
      try {
        readEntry(bytes);
      } catch {
        refusedForm++;
        continue;
      }
      const entry = JSON.parse(Buffer.from(bytes).toString()) as { sealed: SealedBody };
      const refused = read(entry.sealed).then(
        () => accepted.push(`${at} ${to}`) < 0,
        () => true,
      );
      tries.push(refused);
      if (tries.length % 16 === 0) await refused;
    }
    expect((await Promise.all(tries)).length).toBeGreaterThan(700);
    expect(accepted).toEqual([]);
    expect(refusedForm).toBeGreaterThan(100);
  });
});

describe('the entry around it', () => {
  const faultOf = (change: object): string => {
    try {
      readEntry(canonicalBytes({ ...entryOf(made), ...change } as Entry));
    } catch (error) {
      return (error as Error).message;
    }
    return '';
  };
  let made: SealedBody;
  beforeAll(async () => void (made = await sealed()));

  it('says nothing but that something is sealed, and to whom', () => expect(faultOf({})).toBe(''));
  it.each([
    ['a type', { type: 'inspection.clue-handed-over.v1' }],
    ['a stream', { stream: 'clueHandOver-h1' }],
    ['a person', { actor: { agency: 'inspection', id: 'p-3', name: '王某', role: 'inspectionOffice' } }],
    ['a place in its stream', { revision: 3 }],
    ['a cause', { cause: { origin: 'commission.sanfang.example/events/v1', index: 3, hash: '0'.repeat(64) } }],
  ])('is refused when it says %s', (_name, change) => expect(faultOf(change)).toMatch(/says more/));
  it.each([
    ['both bodies', () => ({ data: {} }), /neither/],
    ['no addressee', () => ({ sealed: { ...made, to: {} } }), /nobody/],
    ['an addressee who is none', () => ({ sealed: { ...made, to: { auditor: made.to.commission } } }), /auditor|to/],
    ['a length of its own', () => ({ sealed: { ...made, ct: Buffer.alloc(100).toString('base64') } }), /length/],
    ['more than it may', () => ({ sealed: { ...made, hint: '线索' } }), /hint|sealed/],
  ])('is refused with %s', (_name, change, why) => expect(faultOf(change())).toMatch(why));
  it('is refused without any body, and with a plain one under the sealed type', () => {
    const { sealed: _sealed, ...bare } = entryOf(made);
    expect(() => readEntry(canonicalBytes(bare as never))).toThrow('neither');
    expect(() => readEntry(canonicalBytes({ ...bare, data: {} } as never))).toThrow('is not sealed');
  });
});
