// Duties of an agency by the clock: one loop each, that looks, does what is due, and rests.
import { setTimeout as pause } from 'node:timers/promises';
import { Refused } from '#kernel/decider';
import type { AnyDecider } from '#kernel/decider';
import type { Agency } from '#kernel/envelope';
import { outOfReach } from '#store/pg/faults';
import type { LogSink } from '#stream/log-sink';
import { Ask } from './ask';
import { civilDateAt } from './clock';
import type { Clock } from './clock';
import { uuidFrom } from './ids';
import type { Reads } from './reads';

/**
 * What an agency does by itself as time goes by. It finds out from what is stored whether anything is due, so that a
 * look too many changes nothing and a look too late loses nothing.
 */
export interface Duty {
  readonly name: string;
  /** Seconds between two looks. */
  readonly everySeconds: number;
  readonly look: (given: DutyGiven) => Promise<void>;
}

export type DutyGiven = {
  readonly agency: Agency;
  /** YYYY-MM-DD in Asia/Shanghai. */
  readonly today: string;
  readonly reads: Reads;
  /** The own log and the peers', with the entries that are held here. */
  readonly logs: () => readonly { readonly agency: Agency; readonly origin: string; readonly size: number }[];
  /** Asks as the service itself. @param about what makes two requests one: asked again, it is the same act */
  readonly ask: <C extends { type: string }>(
    decider: AnyDecider,
    id: string,
    command: C,
    about: string,
  ) => Promise<unknown>;
};

export type DutiesParts = Omit<DutyGiven, 'today' | 'ask'> & {
  readonly duties: readonly Duty[];
  readonly clock: Clock;
  readonly ask: (ask: Ask) => Promise<unknown>;
  readonly log: LogSink;
};

/** Refusals that mean "not now". */
const passing = new Set(['service.unavailable', 'revision.busy', 'view.behind']);

export class Duties {
  private readonly stopped = new AbortController();
  private readonly running: Promise<unknown>;

  constructor(private readonly parts: DutiesParts) {
    this.running = Promise.all(parts.duties.map((duty) => this.keep(duty)));
  }

  async stop(): Promise<void> {
    this.stopped.abort();
    await this.running;
  }

  private async keep({ name, everySeconds, look }: Duty): Promise<void> {
    const { agency, reads, logs, clock, log } = this.parts;
    const { signal } = this.stopped;
    const ask: DutyGiven['ask'] = (decider, id, command, about) => {
      const who = { agency, id: `system-${name}`, name: '系统', role: 'system' };
      return this.parts.ask(new Ask(decider, id, command, { who, commandId: uuidFrom(`${name}\n${id}\n${about}`) }));
    };
    while (!signal.aborted) {
      try {
        await look({ agency, reads, logs, today: civilDateAt(clock.now()), ask });
      } catch (error) {
        if (signal.aborted) return;
        const waits = error instanceof Refused ? passing.has(error.code) : outOfReach(error);
        // What is due stays due: a fault is told at each look until somebody has cured it.
        log[waits ? 'warn' : 'error']({ duty: name, err: error }, 'a duty waits and is looked at again');
      }
      await pause(everySeconds * 1_000, undefined, { signal }).catch(() => undefined);
    }
  }
}
