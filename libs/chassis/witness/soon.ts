// Work that many hints ask for and one run serves: it waits a moment for more of them, runs, and keeps a distance to
// the next run, so that a burst of a thousand hints costs a few runs and none of them stands in a hot path.
import { performance } from 'node:perf_hooks';

export class Soon {
  private timer: NodeJS.Timeout | undefined;
  private running: Promise<void> | undefined;
  private again = false;
  private ended = false;
  private last = -Infinity;

  /**
   * @param firstMs from a hint to the run
   * @param apartMs from the end of a run to the next
   * @param work must not reject
   */
  constructor(
    private readonly firstMs: number,
    private readonly apartMs: number,
    private readonly work: () => Promise<void>,
  ) {}

  hint(): void {
    if (this.ended || this.timer) return;
    if (this.running) {
      this.again = true;
      return;
    }
    const wait = Math.max(this.firstMs, this.last + this.apartMs - performance.now());
    this.timer = setTimeout(() => this.run(), wait);
  }

  /** Resolves when nothing runs any more. */
  async stop(): Promise<void> {
    this.ended = true;
    clearTimeout(this.timer);
    await this.running;
  }

  private run(): void {
    this.timer = undefined;
    this.running = this.work().finally(() => {
      this.running = undefined;
      this.last = performance.now();
      if (this.again) {
        this.again = false;
        this.hint();
      }
    });
  }
}
