import fc from 'fast-check';
import { bundleEntries, MAX_ENTRY_SIZE, narrowBundle, writeBundle } from './bundle';
import { equal, utf8 } from './bytes';
import {
  Frontier,
  leafHash,
  proveConsistency,
  proveInclusion,
  rootOf,
  verifyConsistency,
  verifyInclusion,
} from './merkle';
import {
  bundlePath,
  growthFiles,
  growthNames,
  parseTilePath,
  tileHashReader,
  tilePath,
  tileRoot,
  tileWidth,
} from './tile';

describe('tile paths', () => {
  it.each([
    ['tile/0/000', tilePath(0, 0n)],
    ['tile/0/x001/x234/067', tilePath(0, 1234067n)],
    ['tile/0/x001/x234/067.p/12', tilePath(0, 1234067n, 12)],
    ['tile/63/999.p/255', tilePath(63, 999n, 255)],
    ['tile/entries/x001/000', bundlePath(1000n)],
    ['tile/entries/000.p/3', bundlePath(0n, 3)],
  ])('%s is written and read', (path, written) => {
    expect(written).toBe(path);
    const name = parseTilePath(path)!;
    expect(name.level === 'entries' ? bundlePath(name.n, name.width) : tilePath(name.level, name.n, name.width)).toBe(
      path,
    );
  });

  it.each([
    'tile/0/0',
    'tile/0/x000/000',
    'tile/0/000.p/0',
    'tile/0/000.p/256',
    'tile/0/000.p/01',
    'tile/00/000',
    'tile/64/000',
    'tile/0/001/000',
    'tile/0/x001',
    'tile/data/000',
    '/tile/0/000',
    'tile/0/000/../../../etc/passwd',
    'checkpoint',
  ])('%s is no tile', (path) => {
    expect(parseTilePath(path)).toBeUndefined();
  });

  it('are refused for numbers that no tile has', () => {
    expect(() => tilePath(64, 0n)).toThrow('level');
    expect(() => tilePath(0, -1n)).toThrow('number');
    expect(() => tilePath(0, 0n, 0)).toThrow('width');
    expect(() => bundlePath(0n, 257)).toThrow('width');
  });
});

describe('the tiles of a size', () => {
  it('have the widths of the specification at 70,000 and at 256', () => {
    expect([tileWidth(0, 272n, 70_000n), tileWidth(0, 273n, 70_000n), tileWidth(0, 274n, 70_000n)]).toEqual([
      256, 112, 0,
    ]);
    expect([tileWidth(1, 0n, 70_000n), tileWidth(1, 1n, 70_000n), tileWidth(2, 0n, 70_000n)]).toEqual([256, 17, 1]);
    expect([tileWidth(0, 0n, 256n), tileWidth(0, 1n, 256n), tileWidth(1, 0n, 256n)]).toEqual([256, 0, 1]);
  });

  it('change with growth in exactly these files', () => {
    const paths = (from: bigint, to: bigint) =>
      growthNames(from, to).map(({ level, n, width }) =>
        level === 'entries' ? bundlePath(n, width) : tilePath(level, n, width),
      );
    expect(paths(0n, 0n)).toEqual([]);
    expect(paths(5n, 5n)).toEqual([]);
    expect(paths(255n, 256n)).toEqual(['tile/entries/000', 'tile/0/000', 'tile/1/000.p/1']);
    expect(paths(256n, 257n)).toEqual(['tile/entries/001.p/1', 'tile/0/001.p/1']);
    expect(paths(255n, 513n)).toEqual([
      ...['tile/entries/000', 'tile/0/000', 'tile/entries/001', 'tile/0/001', 'tile/entries/002.p/1', 'tile/0/002.p/1'],
      'tile/1/000.p/2',
    ]);
    expect(paths(65_535n, 65_536n).slice(2)).toEqual(['tile/1/000', 'tile/2/000.p/1']);
    expect(() => paths(2n, 1n)).toThrow('cannot grow');
  });

  it('give the same root as the leaves, and proofs that hold, however the log grew', () => {
    const entries = Array.from({ length: 1300 }, (_, i) => utf8(`e${i}`));
    const leaves = entries.map(leafHash);
    const hashAt = (level: number, n: bigint): Uint8Array =>
      level === 0 ? leaves[Number(n)]! : tileRoot(Buffer.concat(leaves.slice(Number(n) * 256, Number(n + 1n) * 256)));
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 1, max: 400 }), { minLength: 1, maxLength: 3 }),
        fc.nat(),
        (steps, pick) => {
          const files = new Map<string, Uint8Array>();
          const frontier = Frontier.empty();
          let size = 0n;
          for (const step of steps) {
            const next = size + BigInt(step);
            for (const { path, bytes } of growthFiles(size, next, hashAt, (i) => entries[Number(i)]!))
              files.set(path, bytes);
            for (; size < next; size++) frontier.append(leaves[Number(size)]!);
            // Every published size must be served from then on, so each is read back right away.
            const read = tileHashReader(size, (level, n, width) => files.get(tilePath(level, n, width))!);
            expect(equal(rootOf(size, read), frontier.root())).toBe(true);
            const index = BigInt(pick) % size;
            const proof = proveInclusion(index, size, read);
            expect(verifyInclusion(index, size, leaves[Number(index)]!, proof, frontier.root())).toBe(true);
            const [old, oldRoot] = [index + 1n, rootOf(index + 1n, read)];
            expect(verifyConsistency(old, size, oldRoot, frontier.root(), proveConsistency(old, size, read))).toBe(
              true,
            );
          }
        },
      ),
      { numRuns: 25 },
    );
  });

  it('are read within the size only', () => {
    const read = tileHashReader(3n, () => new Uint8Array(96));
    expect(() => read(1, 1n)).toThrow('not within size 3');
    expect(() => tileRoot(new Uint8Array(32))).toThrow('8192');
  });
});

describe('an entry bundle', () => {
  it('is read back as written', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 600 }), { maxLength: 20 }), (entries) => {
        const read = [...bundleEntries(writeBundle(entries))];
        expect(read.map((entry) => Buffer.from(entry))).toEqual(entries.map((entry) => Buffer.from(entry)));
      }),
    );
  });

  it('takes an entry of 65,535 bytes and refuses a longer one', () => {
    const [entry] = bundleEntries(writeBundle([new Uint8Array(MAX_ENTRY_SIZE)]));
    expect(entry).toHaveLength(65_535);
    expect(() => writeBundle([new Uint8Array(MAX_ENTRY_SIZE + 1)])).toThrow('at most 65535 bytes');
  });

  it('that is cut short names the entry where it ends', () => {
    const bundle = writeBundle([utf8('one'), utf8('two')]);
    for (const cut of [1, 2, 3]) expect(() => [...bundleEntries(bundle.slice(0, -cut))]).toThrow('within entry 1');
    expect(() => [...bundleEntries(bundle.slice(0, 6))]).toThrow('within entry 1');
    expect(() => [...bundleEntries(bundle.slice(0, 4))]).toThrow('within entry 0');
  });

  it('can be narrowed to what an older checkpoint covers', () => {
    const bundle = writeBundle([utf8('one'), utf8('two'), utf8('three')]);
    expect(narrowBundle(bundle, 2)).toEqual(writeBundle([utf8('one'), utf8('two')]));
    expect(narrowBundle(bundle, 3)).toEqual(bundle);
    expect(() => narrowBundle(bundle, 4)).toThrow('3 entries, not 4');
  });
});
