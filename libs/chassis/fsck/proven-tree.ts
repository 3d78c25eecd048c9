// Which of several copies of a hash is the true one? The signed root says: the roots of the perfect subtrees (the
// frontier) give it, each hash of a partial tile belongs to one of them, and each full tile to its hash in the tile above.
// So a copy is believed because it fits the signature, never because it is the database's or the one that most agree on.
import { concat, equal } from '#tlog/bytes';
import { perfectRoot } from '#tlog/merkle';
import type { Frontier } from '#tlog/merkle';
import { HASH_SIZE } from '#tlog/sha256';
import { TILE_WIDTH, tileRoot, tileWidth } from '#tlog/tile';

/** Copies of a log's hashes; each answers undefined where it has none, or none of the right length. */
export interface Copies {
  readonly tile: (level: number, n: bigint, width: number) => Promise<Uint8Array | undefined>;
  /** Leaves of bundle `n` from other places than the tile of level 0, the cheapest first. */
  readonly leaves: readonly ((n: bigint, width: number) => Promise<Uint8Array | undefined>)[];
}

const width256 = BigInt(TILE_WIDTH);
const tileBits = 8;

export class ProvenTree {
  private readonly roots = new Map<number, Uint8Array>();
  /** The last proven tile of each level: a walk through the log stays below one for long. */
  private readonly last = new Map<number, { readonly n: bigint; readonly bytes: Uint8Array | undefined }>();

  /** @param frontier whose root is the signed one */
  constructor(
    readonly frontier: Frontier,
    private readonly copies: Copies,
  ) {
    const levels = [...subtreeLevels(frontier.size)];
    levels.forEach((level, nth) => this.roots.set(level, frontier.hashes[nth]!));
  }

  /** The hashes of tile `n` at this size, proven; undefined when no copy fits the signed root. */
  async tile(level: number, n: bigint): Promise<Uint8Array | undefined> {
    const known = this.last.get(level);
    if (known?.n === n) return known.bytes;
    const bytes = await this.prove(level, n);
    this.last.set(level, { n, bytes });
    return bytes;
  }

  private async prove(level: number, n: bigint): Promise<Uint8Array | undefined> {
    const width = tileWidth(level, n, this.frontier.size);
    if (width === 0) return undefined;
    const expected = width === TILE_WIDTH ? await this.hashAbove(level, n) : undefined;
    if (width === TILE_WIDTH && expected === undefined) return undefined;
    for await (const bytes of this.candidates(level, n, width)) {
      if (bytes?.length !== width * HASH_SIZE) continue;
      if (expected ? equal(tileRoot(bytes), expected) : this.fitsEdge(level, bytes)) return bytes;
    }
    return undefined;
  }

  private async hashAbove(level: number, n: bigint): Promise<Uint8Array | undefined> {
    const above = await this.tile(level + 1, n / width256);
    const at = Number(n % width256) * HASH_SIZE;
    return above?.subarray(at, at + HASH_SIZE);
  }

  /** A partial tile is cut into the perfect subtrees of the right edge, the largest first. */
  private fitsEdge(level: number, bytes: Uint8Array): boolean {
    let at = 0;
    for (let bit = tileBits - 1; bit >= 0; bit--) {
      const length = HASH_SIZE << bit;
      if (((bytes.length / HASH_SIZE) & (1 << bit)) === 0) continue;
      const root = this.roots.get(tileBits * level + bit);
      if (!root || !equal(perfectRoot(bytes.subarray(at, at + length)), root)) return false;
      at += length;
    }
    return true;
  }

  private async *candidates(level: number, n: bigint, width: number): AsyncGenerator<Uint8Array | undefined> {
    yield await this.copies.tile(level, n, width);
    if (level === 0) {
      for (const leaves of this.copies.leaves) yield await leaves(n, width);
      return;
    }
    const below = Array.from({ length: width }, (_, i) => n * width256 + BigInt(i));
    yield await together(below, (child) => this.rootBelow(level - 1, child, undefined));
    for (const leaves of this.copies.leaves) {
      yield await together(below, (child) => this.rootBelow(level - 1, child, leaves));
    }
  }

  /** Root of a full tile out of its file, or, when `leaves` are given or the file is not there, out of those below. */
  private async rootBelow(
    level: number,
    n: bigint,
    leaves: Copies['leaves'][number] | undefined,
  ): Promise<Uint8Array | undefined> {
    const there = leaves ? undefined : await this.copies.tile(level, n, TILE_WIDTH);
    if (there?.length === TILE_WIDTH * HASH_SIZE) return tileRoot(there);
    const from = leaves ?? this.copies.leaves[0];
    const below = Array.from({ length: TILE_WIDTH }, (_, i) => n * width256 + BigInt(i));
    const bytes =
      level === 0 ? await from?.(n, TILE_WIDTH) : await together(below, (one) => this.rootBelow(level - 1, one, from));
    return bytes?.length === TILE_WIDTH * HASH_SIZE ? tileRoot(bytes) : undefined;
  }
}

/** Levels of the perfect subtrees of a tree, the largest first: the bits of its size. */
function* subtreeLevels(size: bigint): Generator<number, void> {
  for (let level = 63; level >= 0; level--) if ((size >> BigInt(level)) & 1n) yield level;
}

async function together(
  names: readonly bigint[],
  hash: (n: bigint) => Promise<Uint8Array | undefined>,
): Promise<Uint8Array | undefined> {
  const hashes: Uint8Array[] = [];
  for (const n of names) {
    const one = await hash(n);
    if (!one) return undefined;
    hashes.push(one);
  }
  return concat(...hashes);
}
