import { sampleEntries, sampleLog } from '#testing/sample-log';
import { fromUtf8, utf8 } from './bytes';
import { signCheckpoint } from './checkpoint';
import { ForkUnproven, proveFork, readFork, writeFork } from './fork';
import { LOG_KEY_TYPE, parseVkey, signingKey } from './key';
import { emptyRoot, leafHash, perfectRoot, proveConsistency } from './merkle';
import type { HashReader } from './merkle';
import { MAX_ADD_CHECKPOINT, nothingCosigned, readAddCheckpoint, refusalOf, writeAddCheckpoint } from './witness';
import type { AddCheckpoint } from './witness';

const entries = sampleEntries(20);
const hashAt: HashReader = (level, n) => {
  const from = Number(n) << level;
  return perfectRoot(Buffer.concat(entries.slice(from, from + (1 << level)).map(leafHash)));
};
const at = (size: number) => sampleLog(entries.slice(0, size));
const noteAt = (size: number) => at(size).files.get('checkpoint')!;
const key = parseVkey(at(1).vkey);
const keyOf = (origin: string) => (origin === key.name ? key : undefined);
const proofOf = (from: number, to: number) => proveConsistency(BigInt(from), BigInt(to), hashAt);
const cosignedAt = (size: number) => ({ size: BigInt(size), root: at(size).root });

function asked(old: number, proof: readonly Uint8Array[], note: Uint8Array): AddCheckpoint {
  const request = readAddCheckpoint(writeAddCheckpoint(BigInt(old), proof, note), keyOf);
  if ('status' in request) throw new Error(`${request.status} ${request.why}`);
  return request;
}
const statusOf = (body: Uint8Array | string) =>
  (readAddCheckpoint(typeof body === 'string' ? utf8(body) : body, keyOf) as { status?: number }).status;

describe('a request to a witness', () => {
  it('is read back as it was written', () => {
    const request = asked(3, proofOf(3, 7), noteAt(7));
    expect(request).toMatchObject({ old: 3n, note: noteAt(7), checkpoint: { size: 7n, origin: key.name } });
    expect(request.proof).toEqual(proofOf(3, 7));
  });

  const body = fromUtf8(writeAddCheckpoint(3n, proofOf(3, 7), noteAt(7)));
  it.each([
    ['nothing', ''],
    ['no empty line', body.replaceAll('\n\n', '\n')],
    ['no old size', body.replace('old 3', 'size 3')],
    ['a padded size', body.replace('old 3', 'old 03')],
    ['a short hash', body.replace('old 3\n', 'old 3\nAAAA\n')],
    ['64 hashes', body.replace('old 3\n', `old 3\n${`${'A'.repeat(43)}=\n`.repeat(64)}`)],
    ['no note', `${body.split('\n\n')[0]}\n\n`],
    ['a checkpoint of four lines', body.replace(`${key.name}\n7\n`, `${key.name}\n7\nmore\n`)],
    ['an old size above the new one', body.replace('old 3', 'old 8')],
    ['more bytes than can be meant', 'x'.repeat(MAX_ADD_CHECKPOINT + 1)],
  ])('with %s is malformed: 400', (_what, text) => expect(statusOf(text)).toBe(400));

  it('for an unknown log is answered 404', () => {
    const foreign = sampleLog(entries, { origin: 'other.example/events/v1' });
    expect(statusOf(writeAddCheckpoint(0n, [], foreign.files.get('checkpoint')!))).toBe(404);
  });

  it('without a signature of the known key, or with one that does not hold, is answered 403', () => {
    const stranger = signingKey(key.name, LOG_KEY_TYPE, new Uint8Array(32).fill(8));
    const foreign = signCheckpoint({ origin: key.name, size: 7n, root: at(7).root }, stranger);
    expect(statusOf(writeAddCheckpoint(0n, [], foreign))).toBe(403);
    const changed = fromUtf8(noteAt(7)).replace(`${key.name}\n7\n`, `${key.name}\n6\n`);
    expect(statusOf(writeAddCheckpoint(0n, [], utf8(changed)))).toBe(403);
  });
});

describe('a witness', () => {
  it('cosigns what continues what it has cosigned, and the same again', () => {
    expect(refusalOf(asked(0, [], noteAt(7)), nothingCosigned)).toBeUndefined();
    expect(refusalOf(asked(3, proofOf(3, 7), noteAt(7)), cosignedAt(3))).toBeUndefined();
    expect(refusalOf(asked(7, [], noteAt(7)), cosignedAt(7))).toBeUndefined();
  });

  it('says which size it has cosigned when it is not the one that was named: 409', () => {
    expect(refusalOf(asked(0, [], noteAt(7)), cosignedAt(3))).toEqual({ status: 409, size: 3n });
    expect(refusalOf(asked(3, proofOf(3, 7), noteAt(7)), nothingCosigned)).toEqual({ status: 409, size: 0n });
  });

  const fork = sampleLog([...entries.slice(0, 6), entries[9]!]).files.get('checkpoint')!;
  const empty = signCheckpoint({ origin: key.name, size: 0n, root: at(7).root }, signingKey(key.name, 1, seed()));
  it.each([
    ['a proof from nothing', asked(0, proofOf(3, 7), noteAt(7)), nothingCosigned],
    ['a proof that does not hold', asked(3, proofOf(2, 7), noteAt(7)), cosignedAt(3)],
    ['no proof', asked(3, [], noteAt(7)), cosignedAt(3)],
    ['another root of the size that was cosigned', asked(7, [], fork), cosignedAt(7)],
    ['a proof between equal sizes', asked(7, proofOf(3, 7), noteAt(7)), cosignedAt(7)],
    ['no entries and yet a root', asked(0, [], empty), nothingCosigned],
  ])('refuses %s: 422', (_what, request, last) => {
    expect(refusalOf(request, last)).toMatchObject({ status: 422 });
  });

  it('takes the empty log', () => {
    const note = signCheckpoint({ origin: key.name, size: 0n, root: emptyRoot() }, signingKey(key.name, 1, seed()));
    expect(refusalOf(asked(0, [], note), nothingCosigned)).toBeUndefined();
  });
});

describe('two histories of one log', () => {
  const origin = key.name;
  const other = sampleLog([...entries.slice(0, 6), entries[9]!]).files.get('checkpoint')!;
  const prefix = { root: at(7).root, proof: proofOf(7, 20) };

  it('are proven by two roots of one size, and read back as written', () => {
    const file = readFork(writeFork({ origin, notes: [noteAt(7), other] }));
    expect(proveFork(file, key).map(({ size }) => size)).toEqual([7n, 7n]);
  });

  it('are proven by what the larger log begins with', () => {
    const file = readFork(writeFork({ origin, notes: [noteAt(20), other], prefix }));
    expect(proveFork(file, key).map(({ size }) => size)).toEqual([7n, 20n]);
  });

  it.each([
    ['the same twice', { origin, notes: [noteAt(7), noteAt(7)] as const }],
    ['one log that grew', { origin, notes: [noteAt(7), noteAt(20)] as const, prefix }],
    ['two sizes without a proof', { origin, notes: [other, noteAt(20)] as const }],
    ['a proof of something else', { origin, notes: [other, noteAt(20)] as const, prefix: { ...prefix, root: seed() } }],
    ['a checkpoint of somebody else', { origin, notes: [noteAt(7), noteOfStranger()] as const }],
  ])('are not proven by %s', (_what, file) => expect(() => proveFork(file, key)).toThrow(ForkUnproven));

  it.each(['', '{}', '[]', '{"form":"sanfang.fork/v1","origin":"x","notes":["a"]}'])('are not read from %j', (text) =>
    expect(() => readFork(utf8(text))).toThrow(ForkUnproven),
  );
});

function seed(): Uint8Array {
  return new Uint8Array(32).fill(7);
}

function noteOfStranger(): Uint8Array {
  return sampleLog(entries.slice(3), { seed: new Uint8Array(32).fill(5) }).files.get('checkpoint')!;
}
