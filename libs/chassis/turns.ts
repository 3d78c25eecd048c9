// One after the other, by name: what concerns one stream or one file in this process never collides with itself.

export class Turns {
  private readonly last = new Map<string, Promise<unknown>>();

  /** Runs `work` once everything asked before under this name has ended, well or badly. */
  async inTurn<T>(name: string, work: () => Promise<T>): Promise<T> {
    const before = this.last.get(name);
    const mine = (before ?? Promise.resolve()).then(work, work);
    this.last.set(name, mine);
    try {
      return await mine;
    } finally {
      if (this.last.get(name) === mine) this.last.delete(name);
    }
  }
}
