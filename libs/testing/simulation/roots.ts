// Roots of a growing log at all of its sizes.
import { Frontier, leafHash } from '#tlog/merkle';

/** Root of the first entries; kept from call to call, since logs only grow. */
export class Roots {
  private readonly frontier = Frontier.empty();
  private readonly roots: Uint8Array[] = [];

  at(entries: readonly { readonly bytes: Uint8Array }[], size: bigint): Uint8Array | undefined {
    if (size > BigInt(entries.length)) return undefined;
    for (let n = this.roots.length; BigInt(n) <= size; n++) {
      if (n > 0) this.frontier.append(leafHash(entries[n - 1]!.bytes));
      this.roots.push(this.frontier.root());
    }
    return this.roots[Number(size)];
  }
}
