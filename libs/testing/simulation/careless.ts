// Followers and inboxes as they are often written, to be put in place of the product's. None of this is product code.
import { readEntry } from '#stream/entry-schema';
import type { Inbox, Proven } from '#stream/inbox';
import type { PeerSource } from '#stream/peer-source';
import { bundleEntries } from '#tlog/bundle';
import { toHex } from '#tlog/bytes';
import { openCheckpoint } from '#tlog/checkpoint';
import type { VerifierKey } from '#tlog/key';
import { leafHash } from '#tlog/merkle';
import { TILE_WIDTH, tileWidth } from '#tlog/tile';

type Parts = { readonly origin: string; readonly key: VerifierKey; readonly source: PeerSource; readonly inbox: Inbox };
const width = BigInt(TILE_WIDTH);

/**
 * Believes what comes with a signed checkpoint. `unproven`: takes the entries as they come; `gaps`: goes on behind what
 * does not come; `older`: begins anew from whatever is shown.
 */
export class CarelessFollower {
  constructor(
    private readonly parts: Parts,
    private readonly kind: 'unproven' | 'gaps' | 'older',
    private readonly onAccepted: (size: number) => void,
    private readonly cutBack: (size: bigint) => void,
  ) {}

  async step(): Promise<void> {
    const { source, key, inbox, origin } = this.parts;
    try {
      const note = await source.checkpoint();
      const { size } = openCheckpoint(note, key);
      const held = await inbox.load(origin);
      if (this.kind === 'older' && size < held.frontier.size) return this.cutBack(size);
      if (size <= held.frontier.size) return;
      const frontier = held.frontier.copy();
      const from = frontier.size;
      const entries: Proven[] = [];
      for (let n = from / width; n * width < size; n++) {
        const all = await this.entries(n, tileWidth(0, n, size));
        for (const [nth, bytes] of all.entries()) {
          const index = n * width + BigInt(nth);
          if (index < from) continue;
          const hash = leafHash(bytes ?? new Uint8Array(0));
          frontier.append(hash);
          if (bytes) entries.push({ index, ...readEntry(bytes), bytes, hash: toHex(hash) });
        }
      }
      await inbox.accept(origin, { from, entries, frontier, checkpoint: note, verifiedAt: '' });
      this.onAccepted(Number(frontier.size));
    } catch {
      // Asks again.
    }
  }

  private async entries(n: bigint, count: number): Promise<(Uint8Array | undefined)[]> {
    const { source } = this.parts;
    try {
      return [...bundleEntries(await source.bundle(n, count))];
    } catch (error) {
      if (this.kind !== 'gaps') throw error;
      return Array.from({ length: count });
    }
  }
}
