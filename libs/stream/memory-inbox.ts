// The inbox for tests and simulations: the same promises as the one on PostgreSQL, with nothing to start.
import { Frontier } from '#tlog/merkle';
import { InboxMoved, RepeatedId } from './inbox';
import type { Acceptance, Evidence, Held, Inbox, Proven } from './inbox';

export class MemoryInbox implements Inbox {
  readonly entries: Proven[] = [];
  readonly evidence: Evidence[] = [];
  readonly positions = new Map<string, bigint>();
  private readonly ids = new Set<string>();
  private held: Held = { frontier: Frontier.empty(), checkpoint: undefined, stopped: undefined };

  /** Another inbox of the same state. */
  copy(): MemoryInbox {
    const copy = new MemoryInbox();
    copy.entries.push(...this.entries);
    copy.evidence.push(...this.evidence);
    for (const [topic, position] of this.positions) copy.positions.set(topic, position);
    for (const id of this.ids) copy.ids.add(id);
    copy.held = { ...this.held, frontier: this.held.frontier.copy() };
    return copy;
  }

  async load(): Promise<Held> {
    return { ...this.held, frontier: this.held.frontier.copy() };
  }

  async accept(origin: string, { from, entries, frontier, checkpoint }: Acceptance): Promise<void> {
    if (from !== this.held.frontier.size) throw new InboxMoved(origin, from);
    const ids = new Set(entries.map(({ id }) => id));
    if (ids.size < entries.length || entries.some(({ id }) => this.ids.has(id))) throw new RepeatedId(origin);
    for (const id of ids) this.ids.add(id);
    this.entries.push(...entries);
    this.held = { ...this.held, frontier: frontier.copy(), checkpoint };
  }

  async keep(_origin: string, evidence: Evidence): Promise<void> {
    this.evidence.push(evidence);
  }

  async entriesAt(_origin: string, indexes: readonly bigint[]): Promise<ReadonlyMap<bigint, Uint8Array>> {
    const found = indexes.flatMap((index): [bigint, Uint8Array][] => {
      const entry = this.entries[Number(index)];
      return entry ? [[index, entry.bytes]] : [];
    });
    return new Map(found);
  }

  async position(_origin: string, topic: string): Promise<bigint | undefined> {
    return this.positions.get(topic);
  }

  async savePosition(_origin: string, topic: string, next: bigint): Promise<void> {
    this.positions.set(topic, next);
  }

  async stop(_origin: string, message: string): Promise<void> {
    this.held = { ...this.held, stopped: message };
  }
}
