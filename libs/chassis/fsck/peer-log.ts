// The verified copy of a peer's log in the inbox: its entries must still give the root that the peer signed.
import { equal } from '#tlog/bytes';
import { openCheckpoint } from '#tlog/checkpoint';
import type { OpenCheckpoint } from '#tlog/checkpoint';
import type { VerifierKey } from '#tlog/key';
import type { Frontier } from '#tlog/merkle';
import { NoteFault } from '#tlog/note';
import type { Sql } from '../database';
import type { Finding } from './finding';
import { judgeRows } from './judge-rows';
import { KeptLog } from './kept-log';
import { parsed, pass } from './own-log';
import { ProvenTree } from './proven-tree';
import type { Copies } from './proven-tree';
import { StoredRows } from './stored-rows';

const nothing = () => Promise.resolve(undefined);

export class PeerLog extends KeptLog {
  private constructor(
    readonly origin: string,
    size: bigint,
    tree: ProvenTree | undefined,
    rows: StoredRows,
    /** What is wrong with the frontier or the checkpoint themselves. */
    readonly findings: readonly Finding[],
  ) {
    super(size, tree, rows);
  }

  /** Origins of which entries are kept. */
  static async origins(sql: Sql): Promise<string[]> {
    const rows: { origin: string }[] = await sql.query('select origin from inbox.peer order by origin');
    return rows.map(({ origin }) => origin);
  }

  /**
   * @param key of the peer's log; while it is not known the frontier that was verified once is believed
   * @param tile where tiles of this log can be had, if anywhere
   */
  static async open(
    sql: Sql,
    origin: string,
    key: VerifierKey | undefined,
    tile: Copies['tile'] = nothing,
  ): Promise<PeerLog> {
    const rows = new StoredRows(sql, origin);
    const [row] = await sql.query('select size, frontier, checkpoint from inbox.peer where origin = $1', [origin]);
    const size = BigInt(row?.size ?? 0);
    const note = key && row?.checkpoint ? opened(Buffer.from(row.checkpoint, 'utf8'), key) : undefined;
    const findings: Finding[] = [];
    const told = (what: string): void => {
      findings.push({ fault: 'peerRoot', origin, what, ...(size > 0n && { index: size - 1n }) });
    };
    if (note === 'forged') told('the checkpoint kept of the peer is not signed by its key');
    // During a catch-up the checkpoint lies ahead of the entries.
    const root = typeof note === 'object' && note.size === size ? note.root : undefined;
    const fits = (frontier: Frontier | undefined): frontier is Frontier =>
      frontier?.size === size && (!root || equal(frontier.root(), root));
    let frontier = parsed(row?.frontier);
    if (size > 0n && !fits(frontier)) {
      told('the frontier kept of the peer does not give the verified root');
      frontier = root && (await provenPass(size, root, rows));
    }
    const leaves = [rows.byHash, rows.byBytes];
    const tree = fits(frontier) ? new ProvenTree(frontier, { tile, leaves }) : undefined;
    return new PeerLog(origin, size, tree, rows, findings);
  }

  async *judgeBundle(n: bigint): AsyncGenerator<Finding, void> {
    const truth = await this.leaves(n);
    yield* judgeRows(n, await this.rows.bundle(n, this.width(n)), truth, this.origin);
  }
}

function opened(note: Uint8Array, key: VerifierKey): OpenCheckpoint | 'forged' {
  try {
    return openCheckpoint(note, key);
  } catch (error) {
    if (error instanceof NoteFault) return 'forged';
    throw error;
  }
}

async function provenPass(size: bigint, root: Uint8Array, rows: StoredRows): Promise<Frontier | undefined> {
  for (const leaves of [rows.byHash, rows.byBytes]) {
    const frontier = await pass(size, leaves);
    if (frontier && equal(frontier.root(), root)) return frontier;
  }
  return undefined;
}
