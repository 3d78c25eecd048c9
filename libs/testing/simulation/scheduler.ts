// One thread, one order, chosen by the seed. Whatever waits for a disk, a database, a network or its turn waits here, and
// one of all that wait goes on at a time; before the next is chosen, what the last one set off has run as far as it can.
// Nothing else makes anybody wait but setImmediate, whose order is fixed: so the order of everything is.
import { setImmediate as turn } from 'node:timers/promises';
import type { Random } from './random';

/** One start of a program: when it dies, whatever it was doing is never heard of again. */
export class Program {
  alive = true;
  /** It is starting: while it does, others have little to do with it, and its calls come sooner. */
  hasty = false;
  readonly onDeath = new Set<() => void>();

  constructor(readonly name: string) {}
}

type Call = {
  readonly program: Program;
  readonly label: string;
  readonly carryOut: () => void;
};

/** Something that a program does again and again, whenever it gets its turn. */
export type Task = {
  readonly program: Program;
  readonly label: string;
  /** How often it is chosen, compared with others. */
  readonly weight: number;
  readonly work: () => Promise<void>;
  /** Is there anything to do, as a hint would say? Without one it is chosen seldom, as whoever looks by himself. */
  readonly news?: () => boolean;
};

type Standing = Task & { busy: boolean };

/** A call that waits is chosen as often as tasks of this weight. */
const callWeight = 8;
/** The relay gives others a turn so often in a row at most, in logs as small as these. */
const turnsToEnd = 12;
const firstMoment = Date.UTC(2026, 2, 2, 1);

export class Scheduler {
  /** Milliseconds since 1970; only steps move it. */
  milliseconds = firstMoment;
  steps = 0;
  private calls: Call[] = [];
  private tasks: Standing[] = [];
  private sleepers: (Call & { readonly due: number })[] = [];
  private digest = 0x811c9dc5;
  readonly trace: string[] = [];

  constructor(
    private readonly random: Random,
    private readonly traced: boolean,
  ) {}

  /** Told of everything that happens: two runs of one seed give the same hash. */
  note(what: string): void {
    if (this.traced) this.trace.push(`${this.steps} ${what}`);
    for (let at = 0; at < what.length; at++) this.digest = Math.imul(this.digest ^ what.charCodeAt(at), 0x01000193);
  }

  hash(): string {
    return (this.digest >>> 0).toString(16).padStart(8, '0');
  }

  /** Asks something outside the program; carried out when the seed says so, and answered only if the program lives. */
  call<T>(program: Program, label: string, effect: () => T | Promise<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      if (!program.alive) return;
      const carryOut = (): void => {
        const settle = (answer: () => void): void => void (program.alive && answer());
        let result: T | Promise<T>;
        try {
          result = effect();
        } catch (error) {
          return settle(() => reject(error as Error));
        }
        Promise.resolve(result).then(
          (value) => settle(() => resolve(value)),
          (error: Error) => settle(() => reject(error)),
        );
      };
      this.calls.push({ program, label, carryOut });
    });
  }

  /** Resolves when so many milliseconds have gone by, and it gets its turn. */
  pause(program: Program, milliseconds: number): Promise<void> {
    return new Promise((resolve) => {
      if (!program.alive) return;
      const carryOut = (): void => void (program.alive && resolve());
      this.sleepers.push({ program, label: 'wakes', carryOut, due: this.milliseconds + milliseconds });
    });
  }

  /** Runs something within a program; when it dies first, `onDeath` answers in its place. */
  within<T>(program: Program, work: () => Promise<T>, onDeath: () => Error): Promise<T> {
    return new Promise((resolve, reject) => {
      if (!program.alive) return void reject(onDeath());
      const died = (): void => reject(onDeath());
      program.onDeath.add(died);
      const end = (answer: () => void): void => {
        if (!program.alive) return;
        program.onDeath.delete(died);
        answer();
      };
      work().then(
        (value) => end(() => resolve(value)),
        (error: Error) => end(() => reject(error)),
      );
    });
  }

  /** Something that nobody waits for. */
  later(program: Program, label: string, effect: () => unknown): void {
    const carryOut = (): void => void Promise.resolve(effect()).catch(() => undefined);
    this.calls.push({ program, label, carryOut });
  }

  repeat(task: Task): void {
    this.tasks.push({ ...task, busy: false });
  }

  /** @param reached probability that what was under way to disk or database arrives all the same */
  kill(program: Program, reached: number): void {
    program.alive = false;
    this.tasks = this.tasks.filter((task) => task.program !== program);
    const pending = this.calls.filter((call) => call.program === program);
    this.calls = this.calls.filter((call) => call.program !== program);
    this.sleepers = this.sleepers.filter((sleeper) => sleeper.program !== program);
    for (const call of pending) if (this.random.chance(reached)) call.carryOut();
    for (const died of [...program.onDeath]) died();
    program.onDeath.clear();
  }

  /** One thing more happens. @returns false when there is nothing left to happen */
  async step(): Promise<boolean> {
    this.steps++;
    this.milliseconds += 1 + this.random.below(40);
    this.rouse(this.milliseconds);
    const hasty = this.calls.findIndex(({ program }) => program.hasty);
    if (hasty >= 0 && this.random.chance(0.5)) {
      this.carryOut(hasty);
      await this.rest();
      return true;
    }
    const idle = this.tasks.filter((task) => !task.busy);
    const weights = idle.map(({ weight, news }) => (news === undefined || news() ? weight * callWeight : weight));
    const all = this.calls.length * callWeight * callWeight + weights.reduce((sum, weight) => sum + weight, 0);
    if (all === 0) return false;
    let at = this.random.below(all) - this.calls.length * callWeight * callWeight;
    if (at < 0) this.carryOut(this.random.below(this.calls.length));
    else this.begin(idle[weights.findIndex((weight) => (at -= weight) < 0)]!);
    await this.rest();
    return true;
  }

  /**
   * Lets every task work once, one after the other and to its end: for a world that is to come to rest.
   * @param all also those that have no news
   */
  async round(all: boolean): Promise<void> {
    await this.finish();
    for (const task of [...this.tasks]) {
      if (!task.program.alive || !(all || task.news?.() === true)) continue;
      this.steps++;
      this.milliseconds += 20;
      this.begin(task);
      await this.rest();
      await this.finish();
    }
  }

  /** Something that is done while nothing else is, from beginning to end. */
  async alone(work: () => Promise<void>): Promise<void> {
    const done = work();
    await this.finish();
    await done;
  }

  /** A program that has nothing more to do; what it waits for still comes. */
  end(program: Program): void {
    this.tasks = this.tasks.filter((task) => task.program !== program);
  }

  /** All that is under way ends. */
  private async finish(): Promise<void> {
    for (let quiet = 0; quiet < turnsToEnd; quiet++) {
      await this.rest();
      if (this.calls.length === 0 && this.sleepers.length > 0) this.rouse();
      if (this.calls.length === 0) continue;
      quiet = 0;
      this.steps++;
      this.milliseconds += 1;
      this.carryOut(0);
    }
  }

  /** Whoever has slept long enough waits for his turn; without a moment, time goes on to the next of them. */
  private rouse(until = Math.min(...this.sleepers.map(({ due }) => due))): void {
    if (this.sleepers.length === 0) return;
    this.milliseconds = Math.max(this.milliseconds, until);
    this.calls.push(...this.sleepers.filter(({ due }) => due <= until));
    this.sleepers = this.sleepers.filter(({ due }) => due > until);
  }

  private carryOut(nth: number): void {
    const [call] = this.calls.splice(nth, 1);
    this.note(`${call!.program.name} ${call!.label}`);
    call!.carryOut();
  }

  private begin(task: Standing): void {
    this.note(`${task.program.name} begins ${task.label}`);
    task.busy = true;
    const done = (): void => void (task.busy = false);
    // A task that fails has not caught what it must expect: the run is not worth going on with.
    this.within(task.program, task.work, () => new Error('died')).then(done, (error: Error) => {
      done();
      if (error.message !== 'died') this.fault ??= error;
    });
  }

  private fault: Error | undefined;

  private async rest(): Promise<void> {
    await turn();
    if (this.fault) throw this.fault;
  }
}
