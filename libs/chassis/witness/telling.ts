// Whoever holds the proof that a log has signed two histories shows both notes to the other witnesses (`add-checkpoint`, from
// size 0): each compares them with what it stores, so that one of the two contradicts it, and has the proof as well.
import { hostOf } from '#tlog/policy';
import { MAX_NOTE_SIZE } from '#tlog/note';
import { writeAddCheckpoint } from '#tlog/witness';
import { postBytes } from '#stream/http-post';
import type { LogSink } from '#stream/log-sink';
import { setTimeout as pause } from 'node:timers/promises';
import type { Seat } from './roster';

/** Again, because a witness may be away, or may not yet store as many entries as the notes speak of. */
const delaysMs = [0, 2_000, 10_000, 60_000] as const;
const silenceMs = 3_000;

export class Telling {
  private readonly stopped = new AbortController();
  /** Logs that were told of since the start. */
  private readonly told = new Set<string>();
  private readonly running = new Set<Promise<void>>();

  constructor(
    private readonly seats: readonly Seat[],
    private readonly log: LogSink,
  ) {}

  /** Goes on beside whoever found it. */
  tell(origin: string, notes: readonly Uint8Array[]): void {
    if (this.told.has(origin) || this.stopped.signal.aborted) return;
    this.told.add(origin);
    const seats = this.seats.filter(({ keyName }) => hostOf(keyName) !== hostOf(origin));
    for (const { keyName, url } of seats) {
      if (url === undefined) continue;
      const telling = this.tellOne(url, notes).catch((error: Error) => {
        if (!this.stopped.signal.aborted) this.log.warn({ origin, witness: keyName, err: error }, 'not told of a fork');
      });
      this.running.add(telling);
      void telling.finally(() => this.running.delete(telling));
    }
  }

  async stop(): Promise<void> {
    this.stopped.abort();
    await Promise.all(this.running);
  }

  private async tellOne(url: string, notes: readonly Uint8Array[]): Promise<void> {
    const { signal } = this.stopped;
    let failure: unknown;
    for (const delay of delaysMs) {
      await pause(delay, undefined, { signal });
      try {
        failure = undefined;
        for (const note of notes) {
          const options = { type: 'text/plain', silenceMs, signal };
          await postBytes(`${url}/add-checkpoint`, writeAddCheckpoint(0n, [], note), MAX_NOTE_SIZE, options);
        }
      } catch (error) {
        failure = error;
      }
    }
    if (failure !== undefined) throw failure;
  }
}
