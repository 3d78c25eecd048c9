// Runs one client session after the other until told to end: a session that fails is followed by another one after a
// pause that grows, so that dead brokers cost next to nothing, and a fresh client, so that nothing stuck is kept.
import { setTimeout as pause } from 'node:timers/promises';
import type { LogSink } from '../log-sink';
import { UnfitTopic } from './topics';

export type LinkState = {
  readonly connected: boolean;
  /** Why not; empty while connected. It may name hosts: for the service's own record. */
  readonly message: string;
  /** The brokers are there, but their topics cannot carry a log. */
  readonly unfit: boolean;
  /** Clients given up so far. */
  readonly rebuilt: number;
};

const firstPauseMs = 250;
const longestPauseMs = 5_000;
// Settings of a topic are changed by people.
const unfitPauseMs = 15_000;
const stopMs = 2_000;

export class Sessions {
  private readonly ended = new AbortController();
  private running: Promise<void> | undefined;
  private seen: LinkState = { connected: false, message: 'not connected yet', unfit: false, rebuilt: 0 };

  constructor(
    private readonly parts: {
      /** For log lines. */
      readonly name: string;
      readonly log: LogSink;
      readonly onState?: () => void;
      /** Runs until it fails or the signal aborts; calls `up` once it works. */
      readonly session: (signal: AbortSignal, up: () => void) => Promise<void>;
    },
  ) {}

  state(): LinkState {
    return this.seen;
  }

  start(): void {
    this.running ??= this.run();
  }

  /** Waits a little for an orderly end; what hangs is left to the end of the process. */
  async stop(): Promise<void> {
    this.ended.abort();
    const late = new Promise<void>((resolve) => setTimeout(resolve, stopMs).unref());
    await Promise.race([this.running, late]);
  }

  private async run(): Promise<void> {
    const { signal } = this.ended;
    const { name, log, session, onState } = this.parts;
    let pauseMs = firstPauseMs;
    const become = (connected: boolean, message: string, unfit = false, rebuilt = this.seen.rebuilt): void => {
      const changed = connected !== this.seen.connected || message !== this.seen.message;
      this.seen = { connected, message, unfit, rebuilt };
      if (changed) onState?.();
    };
    while (!signal.aborted) {
      const up = (): void => {
        pauseMs = firstPauseMs;
        log.info({ kafka: name }, 'Kafka is connected');
        become(true, '');
      };
      const before = this.seen;
      const fault = await session(signal, up).catch((error: Error) => error);
      if (signal.aborted) break;
      const message = fault?.message ?? 'the connection ended';
      // Told when something changed, not at every attempt.
      if (before.message !== message) {
        if (fault instanceof UnfitTopic) log.error({ kafka: name, faults: fault.faults }, message);
        else log.warn({ kafka: name, err: fault }, 'Kafka is out of reach; the HTTP tiles carry on');
      }
      const unfit = fault instanceof UnfitTopic;
      become(false, message, unfit, this.seen.rebuilt + 1);
      const waitMs = unfit ? unfitPauseMs : pauseMs;
      await pause(waitMs, undefined, { signal }).catch(() => undefined);
      pauseMs = Math.min(2 * pauseMs, longestPauseMs);
    }
    become(false, 'stopped');
  }
}
