// Tiles of every log as it is stored here, the own one and the peers': proofs are made of them. A log is kept here as
// entries with their hashes, so whatever lies above the leaves is hashed once and kept, because it never changes.
import { concat, fromHex } from '#tlog/bytes';
import type { LogSource } from '#tlog/log-reader';
import { HASH_SIZE } from '#tlog/sha256';
import { TILE_WIDTH, tileRoot } from '#tlog/tile';
import type { Sql } from '../database';

const width256 = BigInt(TILE_WIDTH);

/** Tiles over leaf hashes that are stored somewhere. */
export class LeafTiles implements Pick<LogSource, 'tile'> {
  /** Hashes of a tile above the leaves, as many as are known: 8 KiB for 65,536 entries. */
  private readonly known = new Map<string, Uint8Array>();

  /** @param leaves so many hashes from the first on, end to end */
  constructor(private readonly leaves: (first: bigint, width: number) => Promise<Uint8Array>) {}

  async tile(level: number, n: bigint, width: number): Promise<Uint8Array> {
    if (level === 0) return this.leaves(n * width256, width);
    const name = `${level}/${n}`;
    let hashes = this.known.get(name) ?? new Uint8Array(0);
    while (hashes.length < width * HASH_SIZE) {
      const below = n * width256 + BigInt(hashes.length / HASH_SIZE);
      hashes = concat(hashes, tileRoot(await this.tile(level - 1, below, TILE_WIDTH)));
      this.known.set(name, hashes);
    }
    return hashes.subarray(0, width * HASH_SIZE);
  }
}

export class StoredTiles {
  private readonly logs = new Map<string, LeafTiles>();

  constructor(
    private readonly sql: Sql,
    private readonly ownOrigin: string,
  ) {}

  of(origin: string): Pick<LogSource, 'tile'> {
    const tiles = this.logs.get(origin) ?? new LeafTiles((first, width) => this.leaves(origin, first, width));
    this.logs.set(origin, tiles);
    return tiles;
  }

  /** What was kept of a log that turned out to be stored differently now. */
  forget(origin: string): void {
    this.logs.delete(origin);
  }

  private async leaves(origin: string, first: bigint, width: number): Promise<Uint8Array> {
    const range = [String(first), String(first + BigInt(width))];
    const rows: { hash: string }[] =
      origin === this.ownOrigin
        ? await this.sql.query('select hash from log.entry where index >= $1 and index < $2 order by index', range)
        : await this.sql.query(
            'select hash from inbox.entry where index >= $1 and index < $2 and origin = $3 order by index',
            [...range, origin],
          );
    if (rows.length !== width) throw new Error(`entries of ${origin} from ${first} on are missing in the database`);
    return concat(...rows.map(({ hash }) => fromHex(hash)));
  }
}
