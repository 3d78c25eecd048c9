// The relay as the product runs it (libs/chassis/relay.ts), one step at a time: its own tables, files and publication on a
// simulated database and disk. What a planted fault changes is the reading of the store before it, never its own code.
import type { RecordedEvent } from '#store/event-store';
import { writeEntry } from '#stream/entry-schema';
import { leafHash } from '#tlog/merkle';
import { entryOf } from '#chassis/publishing';
import type { Publisher } from '#chassis/publishing';
import { Publication } from '#chassis/relay-publication';
import { silent } from '#chassis/relay-sample';
import { appendEntries, openHead } from '#chassis/relay-tables';
import type { Head, NewEntry } from '#chassis/relay-tables';
import { folderOn } from './disk';
import { logKeys } from './parties';
import type { Premises } from './place';
import type { DatabaseCall } from './ports';
import { readerOf, relaySql } from './ports';
import type { Program } from './scheduler';
import type { World } from './world';

export class RelayRun {
  private publication: Publication | undefined;
  private head: Head | undefined;
  /** Number of stored events when it looked last, and whether what it found is not shown yet. */
  private looked = 0;
  private unshown = false;
  private readonly read: (after: bigint) => Promise<RecordedEvent[]>;

  constructor(
    private readonly world: World,
    private readonly premises: Premises,
    private readonly program: Program,
    private readonly call: DatabaseCall,
    private readonly publish: Publisher,
  ) {
    this.read = readerOf(premises, call);
  }

  /** Does the store hold what it has not looked at? */
  isBehind(): boolean {
    return !this.publication || this.looked < this.premises.appends.size || this.unshown;
  }

  /** Takes in what the store holds and publishes it. @throws RelayFault when the log must not go on */
  async step(): Promise<void> {
    if (!this.publication) await this.open();
    this.looked = this.premises.appends.size;
    this.unshown = true;
    const events = planted(this.world, this.premises, await this.read(this.head!.position ?? 0n));
    const made: NewEntry[] = [];
    if (events.length > 0) await this.enter(events, made);
    if (this.head!.size > 0n) await this.publication!.publish(this.head!, made);
    this.unshown = false;
  }

  /** Everything is read anew before the next step. */
  async close(): Promise<void> {
    await this.publication?.ended();
    this.publication = undefined;
  }

  private async open(): Promise<void> {
    const { world, premises, program, call } = this;
    const { agency, origin, disk } = premises;
    const sql = relaySql(world, premises, call);
    this.head = await openHead(sql, origin);
    const folder = folderOn(disk, origin, {
      call: (label, effect) => world.scheduler.call(program, label, effect),
      // Planted `published-before-read-back`: the relay reads what it wrote from its own memory.
      seen: (path, onDisk) => (world.has('published-before-read-back') ? (disk.intended.get(path) ?? onDisk) : onDisk),
    });
    const parts = {
      ...{ sql, folder, origin, signer: logKeys[agency], clock: () => premises.now(), crash: () => undefined },
      ...{ tell: () => undefined, log: silent },
    };
    this.publication = await Publication.open(parts, this.head);
  }

  /** As `enter` of libs/chassis/relay.ts. */
  private async enter(events: readonly RecordedEvent[], made: NewEntry[]): Promise<void> {
    const { world, premises, call } = this;
    const head = this.head!;
    const frontier = head.frontier.copy();
    const entries: NewEntry[] = [];
    for (const event of events) {
      const entry = entryOf(event, this.publish);
      if (!entry) continue;
      const bytes = writeEntry(entry);
      const leaf = leafHash(bytes);
      frontier.append(leaf);
      entries.push({ id: event.id, position: event.position, bytes, leaf });
    }
    const position = events.reduce((most, event) => (event.position > most ? event.position : most), 0n);
    if (entries.length === 0) return;
    const next = { position, size: frontier.size, frontier };
    try {
      await appendEntries(relaySql(world, premises, call), premises.origin, head, entries, next);
    } catch (error) {
      // Planted `relay-skips-on-error`: what could not be written is passed over.
      if (!world.has('relay-skips-on-error')) throw error;
      this.head = { ...head, position };
      return;
    }
    this.head = next;
    made.push(...entries);
  }
}

function planted(world: World, premises: Premises, events: RecordedEvent[]): RecordedEvent[] {
  const { random } = world;
  const [last, before] = [events.at(-1), events.at(-2)];
  if (last && before && before.stream !== last.stream) {
    // Planted `naive-cursor`: the last but one is not committed yet, and the cursor passes it.
    if (world.has('naive-cursor') && random.chance(0.3)) return events.filter((event) => event !== before);
    // Planted `xmin-position-cursor`: the same, but only where two appends overlapped.
    const apart = (premises.appends.get(last.id) ?? 0) - (premises.appends.get(before.id) ?? 0);
    const overlapped = apart === 1 && world.overlapped(premises, last.id);
    if (world.has('xmin-position-cursor') && overlapped) return events.filter((event) => event !== before);
  }
  // Planted `clock-ordering`: a batch is brought into the order of its authors' clocks.
  if (world.has('clock-ordering')) {
    const asked = (event: RecordedEvent): number => world.askedAt.get(event.meta.commandId) ?? 0;
    return [...events].sort((a, b) => asked(a) - asked(b));
  }
  return events;
}
