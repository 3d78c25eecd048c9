// The newest bundle of a log as it grows, put together from what was fetched of it and what came with hints since. It
// saves a follower the request for a whole bundle at each new entry. Nothing in it is proven: what does not give the
// signed root is forgotten, and then asked for again.
import { bundleEntries, BundleFault, narrowBundle } from '#tlog/bundle';
import { TILE_WIDTH } from '#tlog/tile';

const width = BigInt(TILE_WIDTH);
/** Bytes kept at most: 256 entries of the usual size. Logs of larger entries are fetched as before. */
const largest = 1_048_576;

export class RecentBundle {
  private held: { readonly n: bigint; readonly count: number; readonly bytes: Uint8Array } | undefined;

  /** First `count` entries of bundle `n`; undefined when they have to be asked for. */
  take(n: bigint, count: number): Uint8Array | undefined {
    if (this.held?.n !== n || this.held.count < count) return undefined;
    return this.held.count === count ? this.held.bytes : narrowBundle(this.held.bytes, count);
  }

  /** A bundle of `count` entries that was fetched. */
  keep(n: bigint, count: number, bytes: Uint8Array): void {
    // An older bundle asked for by a straggler must not push out the newest one.
    if (this.held && (n < this.held.n || (n === this.held.n && count < this.held.count))) return;
    this.held = bytes.length <= largest ? { n, count, bytes } : undefined;
  }

  /** Entries that stand from an index on, in the form of a bundle; left aside when they do not join what is held. */
  grow(from: bigint, entries: Uint8Array): void {
    const n = from / width;
    const before = Number(from % width);
    const base = before === 0 ? new Uint8Array(0) : this.take(n, before);
    const count = countOf(entries);
    if (!base || count === undefined || before + count > TILE_WIDTH) return;
    this.keep(n, before + count, Buffer.concat([base, entries]));
  }

  forget(): void {
    this.held = undefined;
  }
}

/** undefined for what is no bundle. */
function countOf(entries: Uint8Array): number | undefined {
  try {
    return [...bundleEntries(entries)].length;
  } catch (error) {
    if (error instanceof BundleFault) return undefined;
    throw error;
  }
}
