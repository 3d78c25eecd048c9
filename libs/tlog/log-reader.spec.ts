import fc from 'fast-check';
import { sampleEntries, sampleEntry, sampleLog, sampleSource } from '#testing/sample-log';
import { utf8 } from './bytes';
import { COSIGNER_KEY_TYPE, formatVkey, signingKey } from './key';
import { LogFault, verifyLog } from './log-reader';
import type { VerifyOptions } from './log-reader';
import { Frontier, leafHash } from './merkle';

const witness = signingKey('commission.example.gov.cn/witness', COSIGNER_KEY_TYPE, new Uint8Array(32).fill(9));
const built = sampleLog(sampleEntries(600), { witness });
const fresh = () => ({ ...built, files: new Map(built.files) });
const verify = (log = built, more: Partial<VerifyOptions> = {}) =>
  verifyLog(sampleSource(log), { vkey: log.vkey, ...more });

async function faultOf(log: typeof built, more: Partial<VerifyOptions> = {}): Promise<LogFault> {
  const fault: unknown = await verify(log, more).catch((error: unknown) => error);
  expect(fault).toBeInstanceOf(LogFault);
  return fault as LogFault;
}

function change(path: string, edit: (bytes: Uint8Array) => Uint8Array | undefined): typeof built {
  const log = fresh();
  const bytes = edit(log.files.get(path)!.slice());
  if (bytes) log.files.set(path, bytes);
  else log.files.delete(path);
  return log;
}
const flip = (at: number) => (bytes: Uint8Array) => bytes.with(at, bytes[at]! ^ 1) as Uint8Array;

/** Index of the entry that the byte at `at` of a bundle belongs to, length prefix included. */
function positionAt(bundle: Uint8Array, at: number): number {
  let [position, end] = [0, 0];
  for (; ; position++) {
    end += 2 + bundle[end]! * 256 + bundle[end + 1]!;
    if (at < end) return position;
  }
}

describe('a whole log', () => {
  it('is verified from its files alone, of any size', async () => {
    for (const size of [0, 1, 255, 256, 257, 600]) {
      const log = sampleLog(sampleEntries(size));
      const seen: bigint[] = [];
      const result = await verify(log, { onEntry: (_entry, index) => void seen.push(index) });
      expect(result).toMatchObject({ origin: log.origin, size: BigInt(size), entries: BigInt(size), root: log.root });
      expect(seen).toEqual(Array.from({ length: size }, (_, i) => BigInt(i)));
    }
  });

  it('is verified on three levels of tiles', async () => {
    const entries = Array.from({ length: 66_000 }, (_, i) => utf8(String(i)));
    const log = sampleLog(entries);
    expect([...log.files.keys()]).toContain('tile/2/000.p/1');
    expect((await verify(log, { opaque: true })).entries).toBe(66_000n);
    for (const [path, at, index] of [
      ['tile/2/000.p/1', 3, 0n],
      ['tile/1/000', 255 * 32, 65_280n],
      ['tile/1/001.p/1', 0, 65_536n],
    ] as const) {
      const bad = { ...log, files: new Map(log.files).set(path, flip(at)(log.files.get(path)!)) };
      expect(await faultOf(bad, { opaque: true })).toMatchObject({ index, where: path });
    }
  });

  it('tells its progress and its cosignatures', async () => {
    const steps: bigint[] = [];
    const onProgress = (done: bigint) => void steps.push(done);
    const result = await verify(built, { cosigners: [formatVkey(witness)], onProgress });
    expect(result.checkpoint.cosignatures).toMatchObject([{ time: 1_767_139_200n }]);
    expect(steps).toEqual([256n, 512n, 600n]);
  });
});

describe('one changed byte', () => {
  it('of a bundle names its entry, length prefixes included', async () => {
    const paths = [...built.files.keys()].filter((path) => path.startsWith('tile/entries/'));
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...paths),
        fc.nat(),
        fc.integer({ min: 1, max: 255 }),
        async (path, seed, mask) => {
          const bytes = built.files.get(path)!;
          const at = seed % bytes.length;
          const first = 256n * BigInt(path.replace(/\.p.*/, '').slice(-3));
          const fault = await faultOf(change(path, (copy) => copy.with(at, copy[at]! ^ mask)));
          expect(fault.index).toBe(first + BigInt(positionAt(bytes, at)));
          expect(fault.where).toBe(path);
        },
      ),
      { numRuns: 60 },
    );
  });

  it('of a level-0 tile names its leaf', async () => {
    for (const [path, first] of [
      ['tile/0/000', 0],
      ['tile/0/001', 256],
      ['tile/0/002.p/88', 512],
    ] as const) {
      for (const position of [0, 1, 87]) {
        const fault = await faultOf(change(path, flip(position * 32 + 5)));
        expect(fault).toMatchObject({ index: BigInt(first + position), where: path });
      }
    }
  });

  it('of a higher tile names the first entry below the changed hash', async () => {
    expect(await faultOf(change('tile/1/000.p/2', flip(3)))).toMatchObject({ index: 0n, where: 'tile/1/000.p/2' });
    expect(await faultOf(change('tile/1/000.p/2', flip(40)))).toMatchObject({ index: 256n, where: 'tile/1/000.p/2' });
  });

  it('of the checkpoint names the origin', async () => {
    const { length } = sampleLog(sampleEntries(3)).files.get('checkpoint')!;
    const small = sampleLog(sampleEntries(3));
    for (let at = 0; at < length; at++) {
      const bad = { ...small, files: new Map(small.files).set('checkpoint', flip(at)(small.files.get('checkpoint')!)) };
      expect(await faultOf(bad)).toMatchObject({ origin: small.origin, index: undefined, where: 'checkpoint' });
    }
  });

  it("in a known witness's line condemns the checkpoint", async () => {
    const text = built.files.get('checkpoint')!;
    const bad = change('checkpoint', flip(text.length - 9));
    expect((await faultOf(bad, { cosigners: [formatVkey(witness)] })).where).toBe('checkpoint');
  });
});

describe('files of a wrong length', () => {
  it.each([
    ['tile/entries/001', -1, 511n],
    ['tile/0/001', -1, 511n],
    ['tile/0/001', -33, 510n],
    ['tile/1/000.p/2', -1, 256n],
    ['tile/1/000.p/2', -33, 0n],
  ])('%s cut at %i names the first entry lost', async (path, cut, index) => {
    expect(await faultOf(change(path, (bytes) => bytes.slice(0, cut)))).toMatchObject({ index, where: path });
  });

  it.each([
    ['tile/entries/001', 511n],
    ['tile/entries/002.p/88', 599n],
    ['tile/0/001', 511n],
    ['tile/1/000.p/2', 256n],
  ])('%s with bytes behind its end is refused', async (path, index) => {
    const longer = change(path, (bytes) => new Uint8Array([...bytes, 0, 0]));
    expect(await faultOf(longer)).toMatchObject({ index, where: path });
  });

  it.each([
    ['tile/entries/001', 256n],
    ['tile/0/002.p/88', 512n],
    ['tile/1/000.p/2', 0n],
    ['checkpoint', undefined],
  ])('%s missing is a fault, after all before it held', async (path, index) => {
    expect(await faultOf(change(path, () => undefined))).toMatchObject({ index, where: path });
  });

  it('the first of several faults is named', async () => {
    const bad = change('tile/entries/002.p/88', flip(9));
    bad.files.delete('tile/entries/001');
    bad.files.set('tile/0/000', flip(32 * 200)(bad.files.get('tile/0/000')!));
    expect((await faultOf(bad)).index).toBe(200n);
  });
});

describe('a log signed over bad content', () => {
  it.each([
    ['no JSON', utf8('x')],
    ['spaces', utf8('{"v": 1}')],
    ['a missing field', utf8('{"v":1}')],
    ['an unknown field', sampleEntry(1, { more: 1 } as object)],
    ['an array for an object', sampleEntry(1, { data: [] as never })],
    ['a local time', sampleEntry(1, { at: '2026-03-02 09:00:00' })],
    ['another version', sampleEntry(1, { v: 2 as never })],
    ['an empty id', sampleEntry(1, { id: '' })],
    ['a negative revision', sampleEntry(1, { revision: -1 })],
    ['an id met before', sampleEntry(0)],
  ])('(%s) names that entry', async (_what, entry) => {
    expect(await faultOf(sampleLog([sampleEntry(0), entry, sampleEntry(2)]))).toMatchObject({ index: 1n });
  });

  it('whose root is not that of its entries names the origin', async () => {
    const [log, other] = [sampleLog(sampleEntries(9)), sampleLog(sampleEntries(10).toSpliced(4, 1))];
    const forged = { ...log, files: new Map(other.files).set('checkpoint', log.files.get('checkpoint')!) };
    expect(await faultOf(forged)).toMatchObject({ index: undefined, where: 'checkpoint' });
  });
});

describe('an earlier state', () => {
  const past = (size: number, entries = built.entries) => {
    const frontier = Frontier.empty();
    entries.slice(0, size).forEach((entry) => frontier.append(leafHash(entry)));
    return { size: BigInt(size), root: frontier.root() };
  };

  it('is found again as a prefix, at every kind of size', async () => {
    for (const size of [0, 1, 255, 256, 257, 512, 599, 600])
      expect((await verify(built, { past: past(size) })).size).toBe(600n);
  });

  it('that was rewritten or is longer is a fault', async () => {
    const rewritten = built.entries.with(3, sampleEntry(1_000));
    for (const size of [4, 256, 257, 600]) {
      expect((await faultOf(built, { past: past(size, rewritten) })).what).toContain(
        'rewritten below its earlier size',
      );
    }
    expect((await faultOf(built, { past: { size: 601n, root: built.root } })).what).toContain('shrank');
  });
});

it('a source that cannot be reached is not called a fault of the log', async () => {
  const source = { ...sampleSource(built), bundle: () => Promise.reject(new Error('connection refused')) };
  await expect(verifyLog(source, { vkey: built.vkey })).rejects.toThrow('connection refused');
});
