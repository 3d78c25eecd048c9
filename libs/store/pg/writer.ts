// The single ordered writer of a store. Appends wait in one queue; whatever has gathered while the last commit was on
// its way goes into the next one. Nothing lingers: a lone append is sent at once. Because one connection writes one
// statement after another, positions are dense and in commit order, and no reader can fall into a gap (trust.md 3.1).
import { setTimeout as pause } from 'node:timers/promises';
import { type Appended, type Expected, Unavailable } from '../event-store';
import type { Storable } from '../storable';
import type { Tail } from '../tail';
import { commitBatch, type Pending } from './batch';
import { messageOf, outOfReach } from './faults';
import { Heads } from './heads';
import { describeLoss, dropSession, openSession, type Session, type SessionOptions } from './session';

const batchEvents = 1_000;
const batchBytes = 4_194_304;
// What may wait in memory. Beyond it callers are told at once, instead of finding out by a time-out.
const queueAppends = 10_000;
const queueBytes = 67_108_864;
// A restart of the server takes a second or two and is worth waiting for; a longer outage is worth a clear answer.
const patienceMs = 5_000;
const firstPauseMs = 50;
const longestPauseMs = 1_000;
// Long enough for the server to notice that our own lost connection is dead, and to free its lock.
const retakeLockMs = 30_000;

export type WriterOptions = SessionOptions & {
  readonly now: (() => string) | undefined;
  /** Told once, when this process can never write again: the process should end. */
  readonly onFatal: ((error: Error) => void) | undefined;
};

export class Writer {
  private session: Session | undefined;
  private readonly heads = new Heads();
  private queue: Pending[] = [];
  private queuedBytes = 0;
  private working: Promise<void> | undefined;
  private reconnecting: Promise<void> | undefined;
  /** Why appends are refused at once; undefined while they are taken. */
  private refusal: string | undefined;
  private readonly closing = new AbortController();

  private constructor(
    private readonly options: WriterOptions,
    private readonly tail: Tail,
  ) {}

  /** @throws StoreInUse, Unavailable, Error with the remedy when the server is not fit to keep a history */
  static async open(options: WriterOptions, tail: Tail): Promise<Writer> {
    const writer = new Writer(options, tail);
    await writer.connect(options.lockWaitMs);
    return writer;
  }

  /** Is the writer in touch with its database? */
  get inTouch(): boolean {
    return this.session !== undefined;
  }

  private get closed(): boolean {
    return this.closing.signal.aborted;
  }

  append(written: Storable, expected: Expected, at?: string): Promise<Appended> {
    if (this.refusal !== undefined) return Promise.reject(new Unavailable(this.refusal));
    if (this.queue.length >= queueAppends || this.queuedBytes + written.bytes > queueBytes) {
      return Promise.reject(new Unavailable(`${this.queue.length} appends are waiting already; try again later`));
    }
    return new Promise((resolve, reject) => {
      this.queue.push({ written, expected, at, resolve, reject });
      this.queuedBytes += written.bytes;
      this.work();
    });
  }

  /** Writes what is queued, then lets go of the lock. */
  async close(): Promise<void> {
    this.closing.abort();
    this.refusal ??= 'the store is closed';
    await this.reconnecting;
    await this.working;
    this.refuseQueued('the store is closed');
    const { session } = this;
    this.session = undefined;
    if (session === undefined) return;
    session.lost = true;
    await session.client.end();
  }

  private work(): void {
    this.working ??= this.drain().finally(() => {
      this.working = undefined;
      // An append may have come in between the last look at the queue and here.
      if (this.session !== undefined && this.queue.length > 0) this.work();
    });
  }

  private async drain(): Promise<void> {
    // One turn of the event loop, so that appends of the same turn share a commit.
    await turn();
    while (this.session !== undefined && this.queue.length > 0) {
      const { session } = this;
      const batch = this.takeBatch();
      try {
        const at = batch[0]?.at;
        const now = at === undefined ? this.options.now : () => at;
        const { events, sizes, tell } = await commitBatch(session, this.heads, batch, now);
        // Subscribers first: whoever is told his position may ask a view that has passed it.
        this.tail.push(events, sizes);
        tell();
      } catch (error) {
        this.lose(session, error);
        for (const { reject } of batch) reject(new Unavailable(describeLoss(error), { cause: error }));
      }
      await turn();
    }
  }

  private takeBatch(): Pending[] {
    let events = 0;
    let bytes = 0;
    let count = 0;
    for (const { written, at } of this.queue) {
      events += written.events.length;
      bytes += written.bytes;
      const alone = at !== undefined || this.queue[0]?.at !== undefined;
      if (count > 0 && (alone || events > batchEvents || bytes > batchBytes)) break;
      count++;
      this.queuedBytes -= written.bytes;
    }
    return this.queue.splice(0, count);
  }

  /** Forgets everything that is not certain any more, and starts over as a freshly opened store would. */
  private lose(session: Session, error: unknown): void {
    if (this.session !== session) return;
    this.session = undefined;
    this.heads.clear();
    this.tail.lose();
    dropSession(session);
    if (!this.closed) this.reconnecting = this.reconnect(error).finally(() => (this.reconnecting = undefined));
  }

  private async reconnect(cause: unknown): Promise<void> {
    const since = performance.now();
    let reason = cause;
    for (let pauseMs = firstPauseMs; !this.closed; pauseMs = Math.min(2 * pauseMs, longestPauseMs)) {
      try {
        await this.connect(retakeLockMs);
        return;
      } catch (error) {
        if (this.closed) return;
        if (!outOfReach(error)) return this.die(error as Error);
        reason = error;
      }
      if (performance.now() - since > patienceMs) {
        this.refusal = `PostgreSQL is out of reach (${messageOf(reason)}); still trying`;
        this.refuseQueued(this.refusal);
      }
      await pause(pauseMs);
    }
  }

  private async connect(lockWaitMs: number): Promise<void> {
    const onLost = (lost: Session, error: Error) => this.lose(lost, error);
    const session = await openSession({ ...this.options, lockWaitMs }, onLost, this.closing.signal);
    this.session = session;
    if (this.closed) return;
    this.refusal = undefined;
    this.tail.begin(session.end);
    if (this.queue.length > 0) this.work();
  }

  /** Another process has taken over, or a person must act: this one must not go on as if nothing had happened. */
  private die(error: Error): void {
    this.refusal = `this process cannot write any more: ${error.message}`;
    this.refuseQueued(this.refusal);
    this.options.onFatal?.(error);
  }

  private refuseQueued(reason: string): void {
    const refused = this.queue;
    this.queue = [];
    this.queuedBytes = 0;
    for (const { reject } of refused) reject(new Unavailable(reason));
  }
}

function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
