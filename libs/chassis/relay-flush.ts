// Brings the log's files to disk, behind the steps of the relay and never in their way: a flush of files holds up the
// database's own flushes, and the rows can give every file anew. How far the files are surely on disk is kept as a row;
// up to there a start finds them as they were or refuses them, and beyond it writes anew what a power cut took.
import { TILE_WIDTH } from '#tlog/tile';
import type { Sql } from './database';
import type { RelayStep } from './relay-fault';
import type { RelayFolder } from './relay-folder';
import { markFlushed } from './relay-tables';

export type FlushParts = {
  readonly sql: Sql;
  readonly folder: RelayFolder;
  readonly crash: (step: RelayStep) => Promise<void> | void;
  /** Entries in full tiles that may wait for their flush; by default what a start reads again in a second or two. */
  readonly flushEntries?: number;
};

const width = BigInt(TILE_WIDTH);
const defaultEntries = 65_536;
const everyMs = 10_000;

export class RelayFlush {
  private running: Promise<void> | undefined;
  private fault: { readonly cause: unknown } | undefined;
  private last = performance.now();

  /** @param flushed size up to which all files are on disk */
  constructor(
    private readonly parts: FlushParts,
    private flushed: bigint,
  ) {}

  /**
   * Now and then begins a flush of full tiles, which goes on by itself; the newest, partial ones would be written anew
   * at once. Waits only when the last flush cannot keep up. @throws what kept an earlier one from its end
   */
  async offer(size: bigint): Promise<void> {
    const border = (size / width) * width;
    const ahead = border - this.flushed;
    const most = BigInt(this.parts.flushEntries ?? defaultEntries);
    if (ahead >= 2n * most) await this.running;
    this.demandSound();
    if (this.running || ahead <= 0n) return;
    if (ahead < most && performance.now() - this.last < everyMs) return;
    this.running = this.flush(border)
      .catch((cause: unknown) => void (this.fault = { cause }))
      .finally(() => (this.running = undefined));
  }

  /** Everything up to this very size. @throws what kept this or an earlier flush from its end */
  async settle(size: bigint): Promise<void> {
    await this.ended();
    this.demandSound();
    if (size > this.flushed) await this.flush(size);
  }

  /** Resolves when nothing goes on behind the steps. */
  async ended(): Promise<void> {
    await this.running;
  }

  private async flush(to: bigint): Promise<void> {
    const { sql, folder, crash } = this.parts;
    await folder.flush(this.flushed, to);
    // The row comes last. A crash before it leaves more on disk than it says, and the next start finds that equal.
    await markFlushed(sql, to);
    this.flushed = to;
    this.last = performance.now();
    await crash('marked');
  }

  private demandSound(): void {
    if (this.fault) throw this.fault.cause;
  }
}
