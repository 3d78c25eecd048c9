// A log's entries as rows of the agency's database, 256 at a time: the own log's, or the verified copy of a peer's.
import { concat, fromHex } from '#tlog/bytes';
import { leafHash } from '#tlog/merkle';
import { TILE_WIDTH } from '#tlog/tile';
import type { Sql } from '../database';

export type Row = {
  readonly index: bigint;
  readonly id: string;
  readonly bytes: Buffer;
  /** As stored: lower-case hex of the leaf, if nobody changed it. */
  readonly hash: string;
  /** Own log: position of the event in the store. */
  readonly position?: bigint;
  /** Peer's log: type that the inbox read from the entry. */
  readonly type?: string;
};

type Raw = { index: string; id: string; bytes: Buffer; hash: string; position?: string; type?: string };

const width256 = BigInt(TILE_WIDTH);
const hex32 = /^[0-9a-f]{64}$/;

export class StoredRows {
  private last: { readonly n: bigint; readonly width: number; readonly rows: (Row | undefined)[] } | undefined;

  /** @param origin of a peer's log; absent = the own one */
  constructor(
    private readonly sql: Sql,
    private readonly origin?: string,
  ) {}

  /** The first `width` places of bundle `n`; undefined where there is no row. */
  async bundle(n: bigint, width: number): Promise<readonly (Row | undefined)[]> {
    if (this.last?.n === n && this.last.width === width) return this.last.rows;
    const from = n * width256;
    const rows: (Row | undefined)[] = Array.from({ length: width }, () => undefined);
    for (const raw of await this.read(from, from + BigInt(width))) {
      const { index, id, bytes, hash, position, type } = raw;
      rows[Number(BigInt(index) - from)] = {
        ...{ index: BigInt(index), id, bytes, hash },
        ...(position !== undefined && { position: BigInt(position) }),
        ...(type !== undefined && { type }),
      };
    }
    this.last = { n, width, rows };
    return rows;
  }

  /** After rows were changed. */
  forget(): void {
    this.last = undefined;
  }

  /** Leaves as they stand in the column `hash`. */
  readonly byHash = async (n: bigint, width: number): Promise<Uint8Array | undefined> => {
    const range = [String(n * width256), String(n * width256 + BigInt(width))];
    const rows: { hash: string }[] =
      this.origin === undefined
        ? await this.sql.query('select hash from log.entry where index >= $1 and index < $2 order by index', range)
        : await this.sql.query(
            'select hash from inbox.entry where index >= $1 and index < $2 and origin = $3 order by index',
            [...range, this.origin],
          );
    if (rows.length !== width || rows.some(({ hash }) => !hex32.test(hash))) return undefined;
    return concat(...rows.map(({ hash }) => fromHex(hash)));
  };

  /** Leaves of the stored bytes. */
  readonly byBytes = async (n: bigint, width: number): Promise<Uint8Array | undefined> => {
    const rows = await this.bundle(n, width);
    return rows.every((row) => row !== undefined) ? concat(...rows.map(({ bytes }) => leafHash(bytes))) : undefined;
  };

  private read(from: bigint, to: bigint): Promise<Raw[]> {
    const range = [String(from), String(to)];
    return this.origin === undefined
      ? this.sql.query('select index, id, bytes, hash, position from log.entry where index >= $1 and index < $2', range)
      : this.sql.query(
          'select index, id, bytes, hash, type from inbox.entry where index >= $1 and index < $2 and origin = $3',
          [...range, this.origin],
        );
  }
}
