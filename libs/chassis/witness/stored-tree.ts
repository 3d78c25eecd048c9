// The tree of a peer's log as it is stored here, entry by entry: what a checkpoint of any smaller size must agree with,
// and what proves a checkpoint wrong that does not.
import { fromHex } from '#tlog/bytes';
import { Frontier, proveConsistency } from '#tlog/merkle';
import { HASH_SIZE } from '#tlog/sha256';
import type { Sql } from '../database';

const sliceHashes = 8_192n;
/** Checkpoints of one log come in growing sizes from two or three witnesses: each goes on from the one before. */
const keptFrontiers = 6;

export class StoredTree {
  private readonly frontiers = new Map<string, Frontier[]>();

  constructor(private readonly sql: Sql) {}

  /** How many entries are stored, and under which signed note. */
  async held(origin: string): Promise<{ size: bigint; note: Uint8Array | undefined; stopped: boolean }> {
    const [row] = await this.sql.query('select size, checkpoint, stopped from inbox.peer where origin = $1', [origin]);
    if (!row) return { size: 0n, note: undefined, stopped: false };
    const note = row.checkpoint === '' ? undefined : Buffer.from(row.checkpoint, 'utf8');
    return { size: BigInt(row.size), note, stopped: row.stopped !== null };
  }

  /** Root of the first `size` stored entries; undefined while fewer are stored. */
  async rootAt(origin: string, size: bigint): Promise<Uint8Array | undefined> {
    const [row] = await this.sql.query('select frontier from inbox.peer where origin = $1', [origin]);
    const head = row ? Frontier.parse(row.frontier) : Frontier.empty();
    if (head.size < size) return undefined;
    if (head.size === size) return this.remember(origin, head).root();
    const near = (this.frontiers.get(origin) ?? []).filter((each) => each.size <= size);
    const frontier = near.reduce((best, each) => (each.size > best.size ? each : best), Frontier.empty()).copy();
    await this.append(frontier, origin, size);
    return this.remember(origin, frontier).root();
  }

  /** Proof that the stored tree of `size2` begins with the stored tree of `size1`. */
  async prove(origin: string, size1: bigint, size2: bigint): Promise<Uint8Array[]> {
    // A first pass only to learn which subtrees the proof is made of; then these are hashed.
    const wanted = new Map<string, { level: number; n: bigint }>();
    proveConsistency(size1, size2, (level, n) => {
      wanted.set(`${level}/${n}`, { level, n });
      return new Uint8Array(HASH_SIZE);
    });
    const roots = new Map<string, Uint8Array>();
    for (const [name, { level, n }] of wanted) {
      const subtree = Frontier.empty();
      const width = 1n << BigInt(level);
      await this.append(subtree, origin, width, n * width);
      roots.set(name, subtree.root());
    }
    return proveConsistency(size1, size2, (level, n) => roots.get(`${level}/${n}`)!);
  }

  private async append(frontier: Frontier, origin: string, size: bigint, offset = 0n): Promise<void> {
    while (frontier.size < size) {
      const from = frontier.size;
      const to = from + sliceHashes < size ? from + sliceHashes : size;
      const rows = await this.sql.query(
        'select hash from inbox.entry where origin = $1 and index >= $2 and index < $3 order by index',
        [origin, String(offset + from), String(offset + to)],
      );
      if (BigInt(rows.length) !== to - from) throw new Error(`entries of ${origin} are missing in inbox.entry`);
      for (const { hash } of rows as { hash: string }[]) frontier.append(fromHex(hash));
    }
  }

  private remember(origin: string, frontier: Frontier): Frontier {
    const kept = (this.frontiers.get(origin) ?? []).filter((each) => each.size !== frontier.size);
    this.frontiers.set(origin, [...kept, frontier.copy()].slice(-keptFrontiers));
    return frontier;
  }
}
