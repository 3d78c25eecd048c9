// What lies between the agencies: it may lose, damage, cut short, age and hold back whatever passes, and knows no rule.
import type { Random } from './random';
import type { Program, Scheduler } from './scheduler';
import { flipped } from './disk';

/** Nobody answered, or the answer did not arrive: what became of the request is unknown. */
export class Unreachable extends Error {
  override readonly name = 'Unreachable';
}

export type Weather = { readonly loss: number; readonly damage: number };

export class Network {
  weather: Weather = { loss: 0, damage: 0 };
  private readonly cut = new Set<string>();

  constructor(
    private readonly scheduler: Scheduler,
    private readonly random: Random,
  ) {}

  /** One direction of a link. */
  separate(from: string, to: string): void {
    this.cut.add(`${from}>${to}`);
  }

  /** Is a link whole both ways, and does it lose nothing? */
  joins(one: string, other: string): boolean {
    return !this.cut.has(`${one}>${other}`) && !this.cut.has(`${other}>${one}`);
  }

  heal(): void {
    this.cut.clear();
    this.weather = { loss: 0, damage: 0 };
  }

  /**
   * Asks somebody else; `answer` runs there, once, or twice when the request is repeated on the way.
   * @throws Unreachable, and what `answer` throws
   */
  ask<T>(program: Program, [from, to]: readonly [string, string], label: string, answer: () => T): Promise<T> {
    return this.scheduler.call(program, `asks ${to} ${label}`, () => {
      if (this.cut.has(`${from}>${to}`) || this.random.chance(this.weather.loss))
        throw new Unreachable(`${to} is away`);
      if (this.random.chance(this.weather.loss)) answer();
      const answered = answer();
      const lost = this.cut.has(`${to}>${from}`) || this.random.chance(this.weather.loss);
      if (lost) throw new Unreachable(`the answer of ${to} was lost`);
      return answered;
    });
  }

  /** What arrives of some bytes. */
  damaged(bytes: Uint8Array): Uint8Array {
    if (!this.random.chance(this.weather.damage)) return bytes;
    return this.random.chance(0.5) ? flipped(bytes, this.random) : bytes.slice(0, this.random.below(bytes.length + 1));
  }
}
