// How often somebody may do something: a token bucket a name. In process, because one process serves an agency's API;
// losing the counts at a restart harms nobody.

type Level = { tokens: number; at: number };

export class Buckets {
  private readonly levels = new Map<string, Level>();

  /**
   * @param capacity so many at once, and so many per `windowMs` in the long run
   * @param milliseconds the clock
   */
  constructor(
    private readonly capacity: number,
    private readonly windowMs: number,
    private readonly milliseconds: () => number,
  ) {}

  /** Takes one. @returns 0 when there was one, else seconds (at least 1) until there is */
  take(name: string): number {
    const wait = this.wait(name);
    if (wait > 0) return wait;
    const level = this.level(name);
    this.levels.set(name, { ...level, tokens: level.tokens - 1 });
    return 0;
  }

  /** As `take`, without taking. */
  wait(name: string): number {
    const { tokens } = this.level(name);
    if (tokens >= 1) return 0;
    return Math.max(1, Math.ceil(((1 - tokens) * this.windowMs) / this.capacity / 1000));
  }

  private level(name: string): Level {
    const at = this.milliseconds();
    if (this.levels.size > 10_000) this.forgetFull(at);
    const known = this.levels.get(name);
    if (!known) return { tokens: this.capacity, at };
    const gained = (Math.max(at - known.at, 0) * this.capacity) / this.windowMs;
    return { tokens: Math.min(this.capacity, known.tokens + gained), at };
  }

  /** A bucket that has filled up again is the same as none. */
  private forgetFull(at: number): void {
    for (const [name, level] of this.levels) if (at - level.at >= this.windowMs) this.levels.delete(name);
  }
}
