// How far the clocks of the witnesses are from the own one, as they show it themselves: a cosignature that was asked for a
// moment ago bears the time at which it was given. What lies on the way, or is old, says nothing of a clock.
import type { Agency } from '#kernel/envelope';

/** Beyond this, deadlines and the order of records in time become doubtful (trust.md 3.10, F7). */
export const mostSkewSeconds = 300;

export type ClockSkew = {
  readonly name: string;
  readonly agency?: Agency;
  /** Above zero = it is ahead of this agency's clock. */
  readonly seconds: number;
};

export class ClockSkews {
  private readonly newest = new Map<string, ClockSkew>();

  /**
   * @param time POSIX seconds stated by its cosignature
   * @param asked @param answered own clock, milliseconds since 1970, around it
   */
  observe(
    seat: { readonly name: string; readonly agency?: Agency },
    time: bigint,
    asked: number,
    answered: number,
  ): void {
    const { name, agency } = seat;
    const seconds = skewSeconds(Number(time), asked, answered);
    this.newest.set(name, { name, ...(agency && { agency }), seconds });
  }

  /** Those beyond the limit at their last answer. */
  large(): readonly ClockSkew[] {
    return [...this.newest.values()].filter(({ seconds }) => Math.abs(seconds) > mostSkewSeconds);
  }
}

/** Whole seconds by which a stated time lies outside the interval in which it was given; 0 within it. */
export function skewSeconds(time: number, asked: number, answered: number): number {
  // An own clock that was set while the answer was on its way gives an interval that ends before it begins.
  const [from, to] = [Math.min(asked, answered), Math.max(asked, answered)];
  // The stated second has begun at `time`.
  if (time + 1 <= from / 1000) return Math.ceil(time + 1 - from / 1000);
  return Math.max(0, Math.floor(time - to / 1000));
}
