// The growing side of the tree: what is not yet in a full tile, at every level. It is all that is needed to write the
// next files, so a log of twenty million entries costs the relay no more memory than one of a thousand.
import { bundleEntries } from '#tlog/bundle';
import { equal } from '#tlog/bytes';
import { Frontier, leafHash } from '#tlog/merkle';
import { HASH_SIZE } from '#tlog/sha256';
import { bundlePath, hashesAt, TILE_WIDTH, tilePath, tileRoot, tileWidth } from '#tlog/tile';

type Row = { first: bigint; items: Uint8Array[] };
const width = BigInt(TILE_WIDTH);

export class RelayEdge {
  private readonly levels: Row[] = [];
  private readonly bundle: Row = { first: 0n, items: [] };
  readonly frontier = Frontier.empty();

  /** Takes up the edge at a size from the files that were published for it. Throws when they do not have that form. */
  static load(size: bigint, read: (path: string) => Uint8Array): RelayEdge {
    const edge = new RelayEdge();
    for (let level = 0; hashesAt(level, size) > 0n; level++) {
      const n = hashesAt(level, size) / width;
      const items: Uint8Array[] = [];
      const count = tileWidth(level, n, size);
      const tile = count > 0 ? read(tilePath(level, n, count)) : new Uint8Array(0);
      for (let at = 0; at < tile.length; at += HASH_SIZE) items.push(tile.subarray(at, at + HASH_SIZE));
      if (items.length !== count) throw new Error(`${tilePath(level, n, count)} holds ${items.length} hashes`);
      edge.levels.push({ first: n * width, items });
    }
    // From the highest level down, these are the perfect subtrees from left to right.
    for (let level = edge.levels.length - 1; level >= 0; level--) {
      for (const hash of edge.levels[level]!.items) edge.frontier.appendPerfect(hash, 8 * level);
    }
    edge.bundle.first = (size / width) * width;
    const partial = Number(size % width);
    if (partial > 0) {
      edge.bundle.items.push(...bundleEntries(read(bundlePath(size / width, partial))));
      if (edge.bundle.items.length !== partial) throw new Error(`${bundlePath(size / width, partial)} is cut short`);
      const at = edge.bundle.items.findIndex((entry, nth) => !equal(leafHash(entry), edge.levels[0]!.items[nth]!));
      if (at >= 0) throw new Error(`entry ${edge.bundle.first + BigInt(at)} is not the one of its leaf`);
    }
    return edge;
  }

  get size(): bigint {
    return this.frontier.size;
  }

  append(entry: Uint8Array, leaf: Uint8Array): void {
    this.bundle.items.push(entry);
    this.frontier.append(leaf);
    this.push(0, leaf);
  }

  /** What `growthFiles` asks: root of the complete subtree of 256^level leaves number `n`. */
  readonly hashAt = (level: number, n: bigint): Uint8Array => itemOf(this.levels[level], n);
  readonly entryAt = (index: bigint): Uint8Array => itemOf(this.bundle, index);

  /** Forgets what stands in full tiles; call when their files are written. */
  settle(): void {
    for (const row of [...this.levels, this.bundle]) {
      const full = row.items.length - (row.items.length % TILE_WIDTH);
      row.items.splice(0, full);
      row.first += BigInt(full);
    }
  }

  private push(level: number, hash: Uint8Array): void {
    const row = (this.levels[level] ??= { first: 0n, items: [] });
    row.items.push(hash);
    if (row.items.length % TILE_WIDTH !== 0) return;
    this.push(level + 1, tileRoot(Buffer.concat(row.items.slice(-TILE_WIDTH))));
  }
}

function itemOf(row: Row | undefined, n: bigint): Uint8Array {
  const item = row?.items[Number(n - row.first)];
  if (item === undefined) throw new Error(`item ${n} is not on the edge any more`);
  return item;
}
