// What the own log and a peer's have in common when what is kept of them is judged: rows, and a tree that says which copy
// is right.
import { TILE_WIDTH, tileWidth } from '#tlog/tile';
import type { ProvenTree } from './proven-tree';
import type { StoredRows } from './stored-rows';

const width256 = BigInt(TILE_WIDTH);

export abstract class KeptLog {
  protected constructor(
    /** Entries under the root that judges. */
    readonly size: bigint,
    /** Undefined when nothing that is kept gives that root. */
    protected readonly tree: ProvenTree | undefined,
    readonly rows: StoredRows,
  ) {}

  get bundles(): bigint {
    return (this.size + width256 - 1n) / width256;
  }

  width(n: bigint): number {
    return tileWidth(0, n, this.size);
  }

  /** Proven leaves of a bundle. */
  leaves(n: bigint): Promise<Uint8Array | undefined> {
    return this.tree?.tile(0, n) ?? Promise.resolve(undefined);
  }
}
