// The agency's private log: every stored event is a leaf of it, in the order of the store, each once. A journaler follows
// the store about a second behind, so that it costs appends nothing, and anchors what it has at a fixed cadence, also
// when nothing happens: a gap would be a silence that the others see.
import { randomBytes } from 'node:crypto';
import { setImmediate as turn, setTimeout as timer } from 'node:timers/promises';
import { Refused } from '#kernel/decider';
import type { Agency } from '#kernel/envelope';
import type { EventStore, RecordedEvent } from '#store/event-store';
import { outOfReach } from '#store/pg/faults';
import type { LogSink } from '#stream/log-sink';
import { ANCHOR_SALT_SIZE, journalCheckpoint, journalOrigin } from '#tlog/anchor';
import { toBase64Url } from '#tlog/base64-url';
import { leafHash } from '#tlog/merkle';
import { parseNote } from '#tlog/note';
import { Ask } from '../ask';
import type { Sql } from '../database';
import { uuidFrom } from '../ids';
import { ownerStream } from '../store-home';
import { anchoring, lastAnchor } from './anchoring';
import type { AnchorCommand } from './anchoring';
import { leafOf, newSecrets, SECRET_SIZE } from './secrets';
import { appendRows, JournalFault, makeHead, readHead, signHead } from './tables';
import type { JournalHead, JournalKey, JournalRow } from './tables';

/** Where a test stops the journaler as a power cut would. */
export type JournalStep = 'before-rows' | 'rows' | 'before-anchor' | 'anchor';

export type JournalParts = {
  readonly store: EventStore;
  readonly database: Sql;
  readonly agency: Agency;
  /** Of the shared log. */
  readonly origin: string;
  readonly keyOf: JournalKey;
  readonly everySeconds: number;
  /** RFC 3339 UTC. */
  readonly clock: () => string;
  /** Told once, when the journaler has stopped for good. */
  readonly onFatal: (error: Error) => void;
  readonly log: LogSink;
  readonly crash?: (step: JournalStep) => Promise<void> | void;
  /** Sleeps, less long when the signal aborts; a test has a clock of its own. */
  readonly sleep?: (ms: number, signal: AbortSignal) => Promise<unknown>;
};

type Asking = (ask: Ask<AnchorCommand>) => Promise<unknown>;

const batchEvents = 1_000;
const turnEvents = 8;
const behindMs = 1_000;
const faultMs = 2_000;
const lookMs = 5_000;
/** Refusals that mean "not now". */
const passing = new Set(['service.unavailable', 'revision.busy']);

export class Journal {
  private readonly stopped = new AbortController();
  private readonly loops: Promise<void>[] = [];
  private anchoredAt: string | undefined;
  private anchored = 0;

  private constructor(
    private readonly parts: JournalParts,
    private head: JournalHead,
  ) {}

  /** Takes up the journal where the last start left it, and follows the store. @throws JournalFault */
  static async open(parts: JournalParts): Promise<Journal> {
    const journal = new Journal(parts, await takenUp(parts));
    await journal.look();
    journal.loops.push(journal.persist('journal', () => journal.follow()));
    return journal;
  }

  /** From now on anchors are made. @param ask asks as the service itself */
  anchor(ask: Asking): void {
    this.loops.push(this.persist('anchors of the journal', () => this.anchorOnTime(ask)));
  }

  /** Events in the journal. */
  size(): number {
    return Number(this.head.frontier.size);
  }

  /** When the last anchor was made, or the journal begun; RFC 3339 UTC. */
  lastAt(): string {
    return this.anchoredAt ?? this.head.begunAt;
  }

  async stop(): Promise<void> {
    this.stopped.abort();
    await Promise.all(this.loops);
  }

  /** The database or the store is away: nothing in memory is kept, so going on is the same as starting again. */
  private async persist(what: string, work: () => Promise<void>): Promise<void> {
    const { log, onFatal } = this.parts;
    const { signal } = this.stopped;
    while (!signal.aborted) {
      try {
        return await work();
      } catch (error) {
        if (signal.aborted) return;
        const waits = error instanceof Refused ? passing.has(error.code) : outOfReach(error);
        if (!waits) {
          log.error({ err: error }, `${what}: stopped`);
          this.stopped.abort();
          return onFatal(error as Error);
        }
        log.warn({ err: error }, `${what}: waits and goes on`);
        await this.sleep(faultMs);
      }
    }
  }

  private async follow(): Promise<void> {
    const { store, database, keyOf } = this.parts;
    const { signal } = this.stopped;
    this.head = (await readHead(database, keyOf)) ?? this.head;
    for await (const events of store.subscribeAll({ after: this.head.position, signal })) {
      const begun = performance.now();
      for (let at = 0; at < events.length; at += batchEvents) await this.enter(events.slice(at, at + batchEvents));
      const took = performance.now() - begun;
      // What is stored already is worked through at half speed, what is new once a second.
      await this.sleep(events.length >= batchEvents ? took : Math.max(behindMs - took, took));
    }
  }

  private async enter(events: readonly RecordedEvent[]): Promise<void> {
    const { database, keyOf, crash } = this.parts;
    // The mark of an event store is none of the agency's acts: moving to such a store must not change the journal.
    const own = events.filter(({ stream }) => stream !== ownerStream);
    if (own.length === 0) return;
    const frontier = this.head.frontier.copy();
    const secrets = newSecrets(own.length);
    const rows: JournalRow[] = [];
    for (const [nth, event] of own.entries()) {
      // Whoever waits for an answer gets a turn between.
      if (nth % turnEvents === turnEvents - 1) await turn();
      const secret = secrets.subarray(nth * SECRET_SIZE, (nth + 1) * SECRET_SIZE);
      const hash = leafHash(leafOf(event, secret).bytes);
      frontier.append(hash);
      rows.push({ id: event.id, position: event.position, secret, hash });
    }
    const note = signHead(keyOf, this.head.origin, frontier);
    const next = { ...this.head, position: own.at(-1)!.position, frontier, note };
    await crash?.('before-rows');
    // Rows, frontier and signature in one statement. A crash before it leaves nothing, and the secrets drawn for it are
    // gone with it; a crash after it leaves a journal that the next start goes on from.
    await appendRows(database, this.head, rows, next);
    this.head = next;
    await crash?.('rows');
  }

  private async anchorOnTime(ask: Asking): Promise<void> {
    const { clock, everySeconds } = this.parts;
    const everyMs = everySeconds * 1000;
    for (let since = performance.now(), count = this.anchored; !this.stopped.signal.aborted;) {
      if (count !== this.anchored) [since, count] = [performance.now(), this.anchored];
      // A clock that was set back, or stands still, must not bring the silence that anchors exist to show: a cadence
      // that has really passed counts as well.
      const byClock = Date.parse(this.lastAt()) + everyMs - Date.parse(clock());
      const left = Math.min(byClock, since + everyMs - performance.now());
      if (left > 0) await this.sleep(Math.min(left, lookMs));
      else await this.anchorNow(ask);
    }
  }

  private async anchorNow(ask: Asking): Promise<void> {
    const { agency, everySeconds, crash } = this.parts;
    await crash?.('before-anchor');
    const salt = toBase64Url(randomBytes(ANCHOR_SALT_SIZE));
    const { text: checkpoint } = parseNote(this.head.note);
    const command: AnchorCommand = { type: 'Anchor', salt, checkpoint, everySeconds };
    // By its number: asked twice, because the answer was lost, it is still one anchor.
    const commandId = uuidFrom(`journal\n${agency}\n${this.anchored}`);
    const who = { agency, id: 'system-journal', name: '系统', role: 'system' };
    await ask(new Ask(anchoring, agency, command, { who, commandId }));
    await crash?.('anchor');
    await this.look();
  }

  private async look(): Promise<void> {
    const last = await lastAnchor(this.parts.store, this.parts.agency);
    if (last) [this.anchoredAt, this.anchored] = [last.at, last.nth + 1];
  }

  private async sleep(ms: number): Promise<void> {
    const { signal } = this.stopped;
    const { sleep = (time: number) => timer(time, undefined, { signal }) } = this.parts;
    await sleep(ms, signal).catch(() => undefined);
  }
}

/** The head in the database; made on the very first start, and anew when rows were lost of what is anchored. */
async function takenUp({ store, database, agency, origin, keyOf, clock, log }: JournalParts): Promise<JournalHead> {
  const [head, last] = [await readHead(database, keyOf), await lastAnchor(store, agency)];
  const anchored = last && journalCheckpoint(last.checkpoint, origin);
  if (!head) {
    const next = journalOrigin(origin, anchored ? anchored.turn + 1 : 1);
    // The secrets are gone with the rows: what they opened stays closed, and a tree that nobody could compare with the
    // anchored one must not bear its name.
    if (anchored) log.error({ lost: anchored.origin, next }, 'the journal was lost and is begun anew');
    return makeHead(database, keyOf, next, clock());
  }
  const behind = anchored && (anchored.origin !== head.origin || anchored.size > head.frontier.size);
  if (!behind) return head;
  const what = `${anchored.origin} was anchored with ${anchored.size} events, the database has ${head.frontier.size}`;
  throw new JournalFault(what, 'The database is older than the events: recover it to its last moment.');
}
