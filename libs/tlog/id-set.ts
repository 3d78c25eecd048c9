// The ids of a whole log. A single Set of V8 throws at 16.7 million members, and a province's term has more events.
export class IdSet {
  private readonly sets = Array.from({ length: 16 }, () => new Set<string>());

  /** False when the id was there already. */
  add(id: string): boolean {
    const set = this.sets[id.charCodeAt(id.length - 1) & 15]!;
    return set.size < set.add(id).size;
  }
}
