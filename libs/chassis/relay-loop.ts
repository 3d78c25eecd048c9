// The relay's loop, without database, disk and timers of its own: those that it stands on come in through ports, so that a
// simulation can stop it between any two of its steps. It carries an agency's published events into its signed log, in
// the order of its store, each exactly once, and never skips one: what cannot enter stops it, because a log with a silent
// gap would be worse than one that waits.
import { setImmediate as turn } from 'node:timers/promises';
import type { EventStore, RecordedEvent } from '#store/event-store';
import { outOfReach } from '#store/pg/faults';
import { writeEntry } from '#stream/entry-schema';
import type { LogSink } from '#stream/log-sink';
import { MAX_ENTRY_SIZE } from '#tlog/bundle';
import type { SigningKey } from '#tlog/key';
import { leafHash } from '#tlog/merkle';
import { entryOf } from './publishing';
import type { Publisher } from './publishing';
import { RelayFault } from './relay-fault';
import type { RelayStep } from './relay-fault';
import type { RelayFolder } from './relay-folder';
import type { Lease } from './relay-lease';
import { Publication } from './relay-publication';
import { appendEntries, openHead } from './relay-tables';
import type { Head, NewEntry } from './relay-tables';

/** What the loop stands on. */
export type RelayPorts = {
  readonly store: Pick<EventStore, 'subscribeAll'>;
  /** @throws RelayFault when another relay holds it */
  readonly takeLease: (signal: AbortSignal) => Promise<Lease>;
  readonly files: (crash: (step: RelayStep) => Promise<void> | void) => RelayFolder;
  /** Resolves after so many milliseconds, or at once when it is to stop. */
  readonly pause: (milliseconds: number, signal: AbortSignal) => Promise<void>;
  /** Milliseconds that only run forward. */
  readonly milliseconds: () => number;
  /** Told of each size that has become visible. */
  readonly tell: (size: number) => void;
};

export type RelayLoopParts = {
  readonly publish: Publisher;
  /** `<host>/events/v1`, also the name of the key. */
  readonly origin: string;
  readonly signer: SigningKey;
  /** RFC 3339 UTC. */
  readonly clock: () => string;
  /** Where a test stops the relay as a power cut would. */
  readonly crash?: (step: RelayStep) => Promise<void> | void;
  /** Told once, when the relay has stopped for good. */
  readonly onFatal: (error: Error) => void;
  readonly log: LogSink;
  /** Entries in full tiles that may wait for their flush to disk. */
  readonly flushEntries?: number;
};

export interface Relay {
  /** Number of entries under the last visible checkpoint. */
  size(): number;
  stop(): Promise<void>;
}

const batchEntries = 1_000;
const turnEntries = 8;
// Under steady load one step follows the other, and each writes the newest bundle anew: begun less often, they take in
// more events each. An event that comes after a quiet moment waits for nothing.
const apartMs = 10;
// In a rush fewer, larger steps leave cores and disk to those who wait for an answer; half a rest is what an event waits
// for its signature, so only a flood gets the longest.
const rushes = [
  { perSecond: 2_500, apartMs: 100 },
  { perSecond: 500, apartMs: 50 },
] as const;
const firstPauseMs = 100;
const longestPauseMs = 2_000;
// A full disk is freed by people and then goes on by itself; every other fault of the disk stops the relay.
const fullDisk = ['ENOSPC', 'EDQUOT'];

/** How long to rest after a step that took `tookMs`, with so many events since the step before began. */
function restMs(events: number, sinceMs: number, tookMs: number): number {
  if (events >= batchEntries) return 0;
  const rush = rushes.find(({ perSecond }) => events * 1000 > perSecond * sinceMs);
  return (rush?.apartMs ?? apartMs) - tookMs;
}

/** Resolves when the log is recovered and visible. @throws RelayFault when it must not go on */
export function runRelay(parts: RelayLoopParts, ports: RelayPorts): Promise<Relay> {
  return new Promise((resolve, reject) => {
    const running = new RunningRelay(parts, ports, () => resolve(running), reject);
  });
}

class RunningRelay implements Relay {
  private readonly stopped = new AbortController();
  private readonly running: Promise<void>;
  private published = 0;
  private ready = false;

  constructor(
    private readonly parts: RelayLoopParts,
    private readonly ports: RelayPorts,
    private readonly onReady: () => void,
    private readonly onRefused: (error: Error) => void,
  ) {
    this.running = this.run();
  }

  size(): number {
    return this.published;
  }

  async stop(): Promise<void> {
    this.stopped.abort();
    await this.running;
  }

  private async run(): Promise<void> {
    const { log, origin, onFatal } = this.parts;
    for (let pauseMs = firstPauseMs; !this.stopped.signal.aborted;) {
      const size = this.published;
      try {
        return await this.session();
      } catch (error) {
        const code = (error as NodeJS.ErrnoException).code ?? '';
        const passing = !(error instanceof RelayFault) && (outOfReach(error) || fullDisk.includes(code));
        if (!passing) {
          log.error({ origin, err: error }, 'relay stopped');
          return this.ready ? onFatal(error as Error) : this.onRefused(error as Error);
        }
        // The database or the disk is away. Nothing in memory is kept, so going on is the same as starting again.
        log.warn({ origin, err: error }, 'relay waits and starts again');
        if (this.published > size) pauseMs = firstPauseMs;
        await this.ports.pause(pauseMs, this.stopped.signal);
        pauseMs = Math.min(2 * pauseMs, longestPauseMs);
      }
    }
  }

  private async session(): Promise<void> {
    const { store, takeLease, files, pause, milliseconds } = this.ports;
    const { signal } = this.stopped;
    const crash = this.parts.crash ?? (() => undefined);
    const lease = await takeLease(signal);
    let publication: Publication | undefined;
    try {
      let head = await openHead(lease, this.parts.origin);
      const tell = (size: bigint) => {
        this.published = Number(size);
        this.ports.tell(this.published);
      };
      publication = await Publication.open({ ...this.parts, sql: lease, folder: files(crash), crash, tell }, head);
      this.ready = true;
      this.onReady();
      let before = milliseconds();
      for await (const events of store.subscribeAll({ after: head.position, signal })) {
        const begun = milliseconds();
        const entries: NewEntry[] = [];
        for (let at = 0; at < events.length; at += batchEntries) {
          head = await this.enter(lease, head, events.slice(at, at + batchEntries), entries, crash);
        }
        if (head.size > this.published) await publication.publish(head, entries);
        const rest = restMs(events.length, begun - before, milliseconds() - begun);
        before = begun;
        if (rest > 1) await pause(rest, signal);
      }
      await publication.settle();
    } finally {
      await publication?.ended();
      await lease.release();
    }
  }

  /** Makes entries of the events and stores them; they are added to `made`. */
  private async enter(
    lease: Lease,
    head: Head,
    events: readonly RecordedEvent[],
    made: NewEntry[],
    crash: (step: RelayStep) => Promise<void> | void,
  ): Promise<Head> {
    const frontier = head.frontier.copy();
    const entries: NewEntry[] = [];
    for (const [nth, event] of events.entries()) {
      // Whoever waits for an answer gets a turn between: many entries at a stretch would hold up every append.
      if (nth % turnEntries === turnEntries - 1) await turn();
      const bytes = this.entryBytes(event);
      if (!bytes) continue;
      const leaf = leafHash(bytes);
      frontier.append(leaf);
      entries.push({ id: event.id, position: event.position, bytes, leaf });
    }
    // Events that stay inside cost no write; after a restart those since the last entry are looked at once more.
    if (entries.length === 0 && events.length < batchEntries) return head;
    const next = { position: events[events.length - 1]!.position, size: frontier.size, frontier };
    await crash('before-entries');
    // (a) Entries and head, in one statement. A crash before it leaves nothing; a crash after it leaves entries that
    // no checkpoint covers yet, and the next start publishes exactly these before it looks at new events.
    await appendEntries(lease, this.parts.origin, head, entries, next);
    await crash('entries');
    made.push(...entries);
    return next;
  }

  private entryBytes(event: RecordedEvent): Uint8Array | undefined {
    const { origin, publish } = this.parts;
    const what = `event ${event.id} (${event.type} of ${event.stream}) cannot be published`;
    let bytes: Uint8Array | undefined;
    try {
      const entry = entryOf(event, publish);
      // What a follower would have to refuse must never be signed: it would stop this log in the other agencies.
      bytes = entry && writeEntry(entry);
    } catch (cause) {
      const remedy = 'Correct the publishing rule of its slice, then start again; no event is skipped.';
      throw new RelayFault(origin, `${what}: ${(cause as Error).message}`, remedy, { cause });
    }
    if (bytes && bytes.length > MAX_ENTRY_SIZE) {
      const remedy = 'Let its slice put long content into a file and publish the hash.';
      throw new RelayFault(origin, `${what}: ${bytes.length} bytes, at most ${MAX_ENTRY_SIZE}`, remedy);
    }
    return bytes;
  }
}
