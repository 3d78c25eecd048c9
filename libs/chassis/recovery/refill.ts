// Events that were lost with their store come back from the sealed copies that the peers keep (docs/spec/copies.md). All of
// them are proven against the signed log before the first one is appended; cut off after that, a repetition goes on.
import { canonicalBytes, canonicalize } from '#kernel/canonical-json';
import { appendAll } from '#store/append-all';
import type { Recorded } from '#store/append-all';
import type { RecordedEvent, ServedStore } from '#store/event-store';
import { bundleEntries } from '#tlog/bundle';
import { equal } from '#tlog/bytes';
import { Frontier, leafHash } from '#tlog/merkle';
import { tileWidth } from '#tlog/tile';
import { openCopy, placeOfCopy } from '../copies/copy';
import { entryOf } from '../publishing';
import type { Publisher } from '../publishing';
import { ownerStream } from '../store-home';
import { RecoveryRefused } from './shown';
import type { Holder, Shown } from './shown';

export type RefillParts = {
  readonly store: Pick<ServedStore, 'readAll' | 'appendRecorded'>;
  readonly publish: Publisher;
  readonly origin: string;
  /** Keys of copies, the newest last. */
  readonly recovery: readonly Uint8Array[];
};

/** Where the own store ends within the log: at entry `index`, behind the unpublished events of `tail`. */
type End = { readonly index: bigint; readonly tail: readonly RecordedEvent[] };

/**
 * Fills an own store that ends before the log does.
 * @param mirror entries of the log @param goal state of the log that binds
 * @returns number of events that came back; 0 also when nobody has a copy, which the caller then finds missing
 * @throws RecoveryRefused before anything is appended
 */
export async function refill(
  parts: RefillParts,
  holders: readonly Holder[],
  mirror: Holder,
  goal: Shown,
): Promise<number> {
  const leaves = leavesOf(mirror, goal);
  const end = await endOf(parts, leaves);
  if (!end || end.index >= goal.size) return 0;
  const copies = new Copies(parts, holders);
  if (!(await copies.at(end.index))) return 0;
  await demandFitting(parts, end, copies, leaves, goal);
  let filled = 0;
  for await (const count of appendAll(parts.store, missing(end, copies, goal))) filled += count;
  return filled;
}

/** Hash of each entry; at the end they give the root that binds. */
async function* leavesOf(mirror: Holder, goal: Shown): AsyncGenerator<Uint8Array, void> {
  const frontier = Frontier.empty();
  for (let n = 0n; tileWidth(0, n, goal.size) > 0; n++) {
    for (const bytes of bundleEntries(await mirror.source.bundle(n, tileWidth(0, n, goal.size)))) {
      const leaf = leafHash(bytes);
      frontier.append(leaf);
      yield leaf;
    }
  }
  if (frontier.size === goal.size && equal(frontier.root(), goal.root)) return;
  throw new RecoveryRefused(`the mirror ${mirror.name} does not give the root that is signed; name another one`);
}

/** @returns undefined when the store says something else than the log: that is not for copies to mend */
async function endOf(parts: RefillParts, leaves: AsyncGenerator<Uint8Array, void>): Promise<End | undefined> {
  let index = 0n;
  let tail: RecordedEvent[] = [];
  for await (const event of parts.store.readAll()) {
    if (event.stream === ownerStream) continue;
    const leaf = leafOf(event, parts.publish);
    if (!leaf) {
      tail.push(event);
      continue;
    }
    const next = await leaves.next();
    if (next.done || !equal(next.value, leaf)) return undefined;
    index++;
    tail = [];
  }
  return { index, tail };
}

/** Demands that the copies go on where the store ends, and that their published events are the mirrored entries. */
async function demandFitting(
  parts: RefillParts,
  end: End,
  copies: Copies,
  leaves: AsyncGenerator<Uint8Array, void>,
  goal: Shown,
): Promise<void> {
  let [index, nth] = [end.index, 0];
  for await (const event of copies.events(end.index, goal)) {
    const own = end.tail[nth++];
    if (own && textOf(own) !== textOf(event)) {
      throw new RecoveryRefused(`the store goes on with the event ${own.id}, the copies with ${event.id}: ${unlike}`);
    }
    const leaf = leafOf({ ...event, position: 0n }, parts.publish);
    if (!leaf) continue;
    if (index++ >= goal.size) continue;
    const next = await leaves.next();
    if (!next.done && equal(next.value, leaf)) continue;
    throw new RecoveryRefused(`the copy of the event ${event.id} does not give entry ${index - 1n}: ${unlike}`);
  }
  // Reading on to its end is what compares the root.
  const more = await leaves.next();
  if (!more.done) throw new RecoveryRefused(`nobody keeps a copy of the events of entry ${index} of ${goal.size}`);
  if (nth < end.tail.length) throw new RecoveryRefused(`the store holds unpublished events of which no copy tells`);
}

const unlike = 'they are not of one history; keep everything and look for an event store that is further forward';

async function* missing(end: End, copies: Copies, goal: Shown): AsyncGenerator<Recorded, void> {
  let nth = 0;
  for await (const event of copies.events(end.index, goal)) if (nth++ >= end.tail.length) yield event;
}

function leafOf(event: RecordedEvent, publish: Publisher): Uint8Array | undefined {
  const entry = entryOf(event, publish);
  return entry && leafHash(canonicalBytes(entry));
}

function textOf({ at, data, id, meta, revision, stream, type }: Recorded): string {
  return canonicalize({ at, data, id, meta, revision: String(revision), stream, type });
}

/** The copies of all holders as one: whoever has one that opens. */
class Copies {
  constructor(
    private readonly parts: RefillParts,
    private readonly holders: readonly Holder[],
  ) {}

  /** The events after entry `index - 1`, as far as any copy goes, which may be beyond what is mirrored. */
  async *events(index: bigint, goal: Shown): AsyncGenerator<Recorded, void> {
    for (let at = index; ;) {
      const copy = await this.at(at);
      if (!copy && at >= goal.size) return;
      if (!copy) throw new RecoveryRefused(`nobody keeps a copy of the events of entry ${at} of ${goal.size}`);
      let passed = copy.from;
      for (const event of copy.events) {
        if (passed >= at) yield event;
        if (entryOf({ ...event, position: 0n }, this.parts.publish)) passed++;
      }
      if (passed !== copy.next)
        throw new RecoveryRefused(`a copy holds ${passed - copy.from} published events: ${unlike}`);
      at = copy.next;
    }
  }

  /** The copy in which the events of entry `index` are. @throws RecoveryRefused when there are some and none opens */
  async at(index: bigint) {
    const { origin, recovery } = this.parts;
    const faults: string[] = [];
    for (const holder of this.holders) {
      const bytes = await holder.copy(index);
      if (!bytes) continue;
      try {
        const { from, next } = placeOfCopy(bytes);
        if (from > index || next <= index) throw new Error(`is one of the entries ${from} to ${next - 1n}`);
        return { from, next, events: openCopy(origin, bytes, recovery) };
      } catch (error) {
        faults.push(`${holder.name}: ${(error as Error).message}`);
      }
    }
    if (faults.length === 0) return undefined;
    throw new RecoveryRefused(`no copy of the events of entry ${index} can be read (${faults.join('; ')})`);
  }
}
