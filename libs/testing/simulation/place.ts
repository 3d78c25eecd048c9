// What of an agency outlives its programs: store, database, disk, and the clock on its wall.
import type { Agency } from '#kernel/envelope';
import { agencies } from '#kernel/envelope';
import type { RelayStep } from '#chassis/relay-fault';
import type { RecordedEvent } from '#store/event-store';
import type { Proven } from '#stream/inbox';
import { MemoryInbox } from '#stream/memory-inbox';
import { MemoryStore } from '#store/memory/memory-store';
import { Frontier } from '#tlog/merkle';
import { fromHex } from '#tlog/bytes';
import { Disk } from './disk';
import type { CosignedNote } from './history';
import { originOf } from './parties';
import type { Connection } from './leases';
import type { Restoring } from './restore';
import { Roots } from './roots';
import type { Scheduler } from './scheduler';
import { refill, Tables } from './tables';

/** Number of events in the store, database and files as they once were. */
type Backup = { readonly events: number; readonly tables: Tables; readonly files: ReadonlyMap<string, Uint8Array> };

export class Premises {
  readonly origin: string;
  readonly peers: readonly Agency[];
  readonly disk = new Disk();
  readonly tables: Tables;
  store: MemoryStore;
  /** How wrong the clock is, in milliseconds. */
  clockOff = 0;
  /** The database answers nothing. */
  away = false;
  appendCount = 0;
  /** Number of the append, by event id. */
  readonly appends = new Map<string, number>();
  /** Events that were stored while another append was under way; how many are. */
  readonly beside = new Set<string>();
  underWay = 0;
  /** Ids of the events of each stream, as they were stored. */
  readonly streams = new Map<string, readonly string[]>();
  /** Planted `dirty-read`: ids that are on their way to a stream, or were given up. */
  readonly writing = new Map<string, readonly string[]>();
  /** What its witness has cosigned, in that order. */
  readonly cosigned: CosignedNote[] = [];
  /** Files of evidence against a peer. */
  readonly forks: { readonly origin: string; readonly file: Uint8Array }[] = [];
  /** Planted `dedupe-by-offset`: the highest number of the transport that was seen, by source. */
  readonly offsets = new Map<string, number>();
  /** What an operator must put right before the service can start again. */
  readonly repairs: (() => void)[] = [];
  /** Who holds the lease of the log. */
  lease: Connection | undefined;
  /** The step of the relay at which the program dies next, and whether its power goes as well. */
  pull: { readonly step: RelayStep; readonly power: boolean } | undefined;
  /** An older backup stands here, and whoever operates the agency has not brought it to its end yet. */
  restoring: Restoring | undefined;
  /** How often a backup was put back; sessions end then. Of the cosigned notes, how many came before the last time. */
  restores = 0;
  cosignedBefore = 0;
  private readonly roots = new Map<Agency, Roots>();
  private backup: Backup | undefined;

  constructor(
    readonly agency: Agency,
    private readonly scheduler: Scheduler,
  ) {
    this.origin = originOf(agency);
    this.peers = agencies.filter((each) => each !== agency);
    this.store = new MemoryStore(() => this.now());
    this.tables = new Tables(this.peers.map(originOf));
  }

  /** Entries of a peer's log in the inbox. */
  held(peer: Agency): Proven[] {
    return this.tables.inboxes.get(originOf(peer))!.entries;
  }

  /** Root of a peer's log in the inbox at a size. */
  rootAt(peer: Agency, size: bigint): Uint8Array | undefined {
    const roots = this.roots.get(peer) ?? new Roots();
    this.roots.set(peer, roots);
    return roots.at(this.held(peer), size);
  }

  milliseconds(): number {
    return this.scheduler.milliseconds + this.clockOff;
  }

  /** RFC 3339 UTC. */
  now(): string {
    return new Date(this.milliseconds()).toISOString();
  }

  async events(): Promise<RecordedEvent[]> {
    const events: RecordedEvent[] = [];
    for await (const event of this.store.readAll()) events.push(event);
    return events;
  }

  /** Keeps what stands now, for whoever goes back to it. */
  backUp(): void {
    this.backup = { events: this.appends.size, tables: this.tables.copy(), files: new Map(this.disk.files) };
  }

  get backedUp(): Backup | undefined {
    return this.backup;
  }

  /** Everything but the peers' logs goes back to the last backup, as if it had never been more. */
  async goBack(): Promise<boolean> {
    const { backup } = this;
    if (!backup || backup.events >= this.appends.size) return false;
    await this.cutStore(backup.events);
    this.tables.log = backup.tables.log;
    this.tables.views.clear();
    this.tables.viewCursors.clear();
    this.tables.reactorCursors.clear();
    this.putFiles(backup.files);
    return true;
  }

  /** The store ends after so many events. @returns brings back what was cut off */
  async cutStore(count: number): Promise<() => void> {
    const { store } = this;
    const [appends, streams] = [new Map(this.appends), new Map(this.streams)];
    const kept = (await this.events()).slice(0, count);
    let at = '';
    this.store = new MemoryStore(() => at || this.now());
    this.appends.clear();
    this.streams.clear();
    for (const event of kept) {
      at = event.at;
      const before = this.streams.get(event.stream) ?? [];
      await this.store.append(event.stream, [event], before.length === 0 ? 'no_stream' : BigInt(before.length - 1));
      this.appends.set(event.id, (this.appendCount += 1));
      this.streams.set(event.stream, [...before, event.id]);
    }
    at = '';
    return () => {
      this.store = store;
      refill(this.appends, appends);
      refill(this.streams, streams);
    };
  }

  /** The database becomes another state of it. */
  putTables(tables: Tables): void {
    this.tables.take(tables);
    this.roots.clear();
    this.lease = undefined;
  }

  putFiles(files: ReadonlyMap<string, Uint8Array>): void {
    refill(this.disk.files, files);
  }

  /** Planted `older-checkpoint-accepted`: the inbox begins anew from a smaller size. */
  async cutBack(origin: string, size: bigint): Promise<void> {
    const { entries } = this.tables.inboxes.get(origin)!;
    const inbox = new MemoryInbox();
    this.tables.inboxes.set(origin, inbox);
    const kept = entries.slice(0, Number(size));
    const frontier = Frontier.empty();
    for (const { hash } of kept) frontier.append(fromHex(hash));
    await inbox.accept(origin, { from: 0n, entries: kept, frontier, checkpoint: new Uint8Array(0), verifiedAt: '' });
  }
}
