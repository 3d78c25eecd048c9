// Where a follower gets a peer's log from. It is believed in nothing: a source may lose, repeat, reorder, age or forge
// whatever it answers, and whoever asks finds out by hashing.
import type { LogSource } from '#tlog/log-reader';
import type { Frontier } from '#tlog/merkle';

/** A size, and perhaps the checkpoint of that size, which then need not be asked for. */
export type Hint = { readonly size: number; readonly note?: Uint8Array };

/**
 * The log's files (tlog-tiles), and its hints. A file that the log does not offer, or that cannot be right, is a
 * `BadFile` of #tlog/log-reader; everything else that is thrown means: out of reach, try again.
 */
export interface PeerSource extends LogSource {
  /** @param held what the follower holds, for a source that knows of several checkpoints and can offer the best one */
  checkpoint(held?: Frontier): Promise<Uint8Array>;
  /** What the peer announces, unproven. Ends or throws when the connection does. */
  wake(signal: AbortSignal): AsyncIterable<Hint>;
  /** The notes by which the log's keys followed each other (docs/spec/keys.md); undefined when there are none. */
  handovers?(): Promise<Uint8Array | undefined>;
  /** What was answered proved false: whatever is kept of it must be asked for anew. */
  distrust?(): void;
}
