// Entries of several logs in an order that nobody's knowledge contradicts: each log in its own order, and each entry
// behind all that its author had seen of the others. Recorded times decide only between entries that know nothing of
// one another.
import type { Entry } from '#kernel/envelope';

export interface Placed {
  readonly origin: string;
  readonly index: number;
  readonly entry: Pick<Entry, 'at' | 'seen' | 'cause'>;
}

/**
 * @param all each log's in its own order; the logs in any order
 * @returns `loop`: the first entry that claims to have seen what itself claims to have seen it
 */
export function causally<Each extends Placed>(all: readonly Each[]): { readonly order: Each[]; readonly loop?: Each } {
  const queues = new Map<string, Each[]>();
  for (const each of all) queues.set(each.origin, [...(queues.get(each.origin) ?? []), each]);
  for (const queue of queues.values()) queue.reverse();
  const order: Each[] = [];
  let loop: Each | undefined;
  while (order.length < all.length) {
    const heads = [...queues.values()].flatMap((queue) => queue.at(-1) ?? []);
    const ready = heads.filter((head) => heads.every((other) => other === head || !saw(head, other)));
    const next = earliest(ready.length > 0 ? ready : heads);
    if (ready.length === 0) loop ??= next;
    queues.get(next.origin)!.pop();
    order.push(next);
  }
  return { order, ...(loop && { loop }) };
}

/** Had the author of the one seen the other? */
export function saw({ entry: { seen, cause } }: Placed, { origin, index }: Pick<Placed, 'origin' | 'index'>): boolean {
  return (seen[origin] ?? 0) > index || (cause?.origin === origin && cause.index >= index);
}

function earliest<Each extends Placed>(heads: readonly Each[]): Each {
  return heads.reduce((one, other) => (keyOf(other) < keyOf(one) ? other : one));
}

function keyOf({ entry, origin }: Placed): string {
  return `${entry.at} ${origin}`;
}
