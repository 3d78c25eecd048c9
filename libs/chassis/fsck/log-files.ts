// The files of the own log, read again from the disk: what is there, and whether it says what was proven.
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { bundleEntries, BundleFault } from '#tlog/bundle';
import { equal } from '#tlog/bytes';
import { differsFromLater } from '#tlog/earlier-file';
import { leafHash } from '#tlog/merkle';
import { HASH_SIZE } from '#tlog/sha256';
import { bundlePath, hashesAt, parseTilePath, TILE_WIDTH, tilePath, tileWidth } from '#tlog/tile';
import type { Finding } from './finding';

const width256 = BigInt(TILE_WIDTH);

type Truth = (level: number | 'entries', n: bigint) => Promise<Uint8Array | undefined>;

export class LogFiles {
  constructor(private readonly folder: string) {}

  /** Bytes of a file; undefined when it is not there. */
  read(path: string): Promise<Buffer | undefined> {
    return readFile(join(this.folder, path)).catch(orMissing);
  }

  /** While the log grows, a partial file gives way to the full one. */
  readonly tile = async (level: number, n: bigint, width: number): Promise<Uint8Array | undefined> => {
    const exact = await this.read(tilePath(level, n, width));
    if (exact || width === TILE_WIDTH) return exact;
    return (await this.read(tilePath(level, n)))?.subarray(0, width * HASH_SIZE);
  };

  /** Entries of a bundle as far as it can be read, at most `width`, and whether it ends where it should. */
  async bundle(n: bigint, width: number): Promise<{ entries: Uint8Array[]; whole: boolean }> {
    const exact = await this.read(bundlePath(n, width));
    const bytes = exact ?? (await this.read(bundlePath(n))) ?? new Uint8Array(0);
    const entries: Uint8Array[] = [];
    try {
      for (const entry of bundleEntries(bytes)) {
        if (entries.length === width) return { entries, whole: exact === undefined };
        entries.push(entry);
      }
    } catch (error) {
      if (!(error instanceof BundleFault)) throw error;
      return { entries, whole: false };
    }
    return { entries, whole: entries.length === width };
  }

  readonly leavesOfBundle = async (n: bigint, width: number): Promise<Uint8Array | undefined> => {
    const { entries } = await this.bundle(n, width);
    return entries.length === width ? Buffer.concat(entries.map(leafHash)) : undefined;
  };

  /**
   * Partial files of earlier sizes, which readers of older checkpoints may still ask for.
   * @param truth what the file of this size should hold; undefined when it is not proven
   */
  async *earlierFiles(size: bigint, truth: Truth): AsyncGenerator<Finding, void> {
    for (let level = 0; hashesAt(level, size) > 0n; level++) {
      const n = hashesAt(level, size) / width256;
      const width = tileWidth(level, n, size);
      if (width === 0) continue;
      for (const kind of level === 0 ? (['entries', 0] as const) : [level]) {
        const full = kind === 'entries' ? bundlePath(n) : tilePath(kind, n);
        const later = await truth(kind, n);
        if (later) yield* this.earlierOf(full, width, later);
      }
    }
  }

  private async *earlierOf(full: string, width: number, later: Uint8Array): AsyncGenerator<Finding, void> {
    for (const other of (await readdir(join(this.folder, `${full}.p`)).catch(orMissing)) ?? []) {
      const path = `${full}.p/${other}`;
      const name = parseTilePath(path);
      if (!name || name.width >= width) continue;
      const earlier = await this.read(path);
      const index = earlier && differsFromLater(name, earlier, later);
      if (index !== undefined) {
        yield { fault: 'earlierFile', index, name: path, what: `the earlier file ${path} was changed` };
      }
    }
  }
}

/** What of a bundle's files is not as proven: the first entry of each file, because a file is replaced as a whole. */
export function* judgeFiles(
  n: bigint,
  truth: Uint8Array,
  tile: Uint8Array | undefined,
  { entries, whole }: { readonly entries: readonly Uint8Array[]; readonly whole: boolean },
): Generator<Finding, void> {
  const width = truth.length / HASH_SIZE;
  const first = n * width256;
  const hashAt = (bytes: Uint8Array, nth: number) => bytes.subarray(nth * HASH_SIZE, (nth + 1) * HASH_SIZE);
  const nths = Array.from({ length: width }, (_, nth) => nth);
  if (!tile || !equal(tile, truth)) {
    const nth = nths.find((each) => !equal(hashAt(tile ?? truth.subarray(0, 0), each), hashAt(truth, each)));
    const what = tile ? 'the leaf in the tile is not that of the entry' : 'the tile is missing';
    yield { fault: 'tile', index: first + BigInt(nth ?? width - 1), name: tilePath(0, n, width), what };
  }
  const wrong = nths.find((nth) => entries[nth] && !equal(leafHash(entries[nth]), hashAt(truth, nth)));
  const name = bundlePath(n, width);
  if (wrong !== undefined) {
    const what = 'the entry in the bundle is not the signed one';
    yield { fault: 'bundle', index: first + BigInt(wrong), name, what };
  } else if (!whole) {
    const what = `the bundle ${entries.length === 0 ? 'is missing' : 'does not end where it should'}`;
    yield { fault: 'bundleEnd', index: first + BigInt(Math.min(entries.length, width - 1)), name, what };
  }
}

function orMissing(error: NodeJS.ErrnoException): undefined {
  if (error.code === 'ENOENT') return undefined;
  throw error;
}
