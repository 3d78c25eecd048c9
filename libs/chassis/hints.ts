// What a hint says (docs/spec/feed.md section 2): the size, the checkpoint, and the entries since the hint before it. It
// is made once for all who listen; a reader that has missed one asks for the bundle instead.
import { bundleEntries } from '#tlog/bundle';
import { bundlePath, TILE_WIDTH } from '#tlog/tile';

/** Longest note, in base64, that travels with a hint. */
const maxNote = 4_096;
/** Entries of a hint, in bytes before base64: the whole stays below what a socket takes at once. */
const maxEntries = 6_144;
const width = BigInt(TILE_WIDTH);

export class Hints {
  private told: { readonly size: number; readonly text: string } = { size: 0, text: '' };

  /** @param read a file of the log; undefined when it is not there */
  constructor(private readonly read: (path: string) => Buffer | undefined) {}

  /** The event of the wake-up stream for a size that was just made visible. */
  of(size: number): string {
    if (this.told.size !== size || this.told.text === '') {
      const note = this.noteLine();
      const text = `event: checkpoint\ndata: ${size}\n${note}${this.entriesLine(this.told.size, size)}\n`;
      this.told = { size, text };
    }
    return this.told.text;
  }

  /** The checkpoint itself, so that a follower need not ask for it; empty while there is none. */
  private noteLine(): string {
    const note = this.read('checkpoint')?.toString('base64') ?? '';
    return note !== '' && note.length <= maxNote ? `note: ${note}\n` : '';
  }

  /** Empty where they are too many, or stand in two bundles. */
  private entriesLine(from: number, size: number): string {
    const [first, last] = [BigInt(from), BigInt(size) - 1n];
    if (from >= size || first / width !== last / width || size - from > maxEntries / 2) return '';
    const bundle = this.read(bundlePath(first / width, Number(last % width) + 1));
    if (!bundle) return '';
    let at = 0;
    let skip = Number(first % width);
    for (const entry of bundleEntries(bundle)) {
      if (skip-- === 0) break;
      at += 2 + entry.length;
    }
    const entries = bundle.subarray(at);
    return entries.length <= maxEntries ? `entries: ${from} ${entries.toString('base64')}\n` : '';
  }
}
