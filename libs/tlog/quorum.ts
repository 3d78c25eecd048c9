// How many witnesses are enough, and what "enough" is worth. Whoever shows two histories needs two sets of witnesses that
// each satisfy the rule, and every witness that stands in both sets must have lied: that overlap is the whole protection.

/** A rule over witnesses by name; a name stands in one place only, so groups never overlap. */
export type Rule =
  | { readonly kind: 'none' }
  | { readonly kind: 'witness'; readonly name: string }
  | { readonly kind: 'group'; readonly needed: number; readonly members: readonly Rule[] };

export interface Strength {
  /** Number of witnesses that the rule names. */
  readonly witnesses: number;
  /** Can the rule be satisfied at all? */
  readonly possible: boolean;
  /** Witnesses that any two satisfying sets share at least; 2k − n for a plain k of n. */
  readonly shared: number;
  /** Witnesses that may be down at the same time, whichever they are. */
  readonly outages: number;
}

export function satisfies(rule: Rule, has: (name: string) => boolean): boolean {
  if (rule.kind === 'none') return true;
  if (rule.kind === 'witness') return has(rule.name);
  return rule.members.filter((member) => satisfies(member, has)).length >= rule.needed;
}

/** The rule without some witnesses; thresholds stay, so leaving one out never makes a rule easier. */
export function without(rule: Rule, gone: (name: string) => boolean): Rule {
  if (rule.kind !== 'group') return rule;
  const stays = (member: Rule) => member.kind !== 'witness' || !gone(member.name);
  return { ...rule, members: rule.members.filter(stays).map((member) => without(member, gone)) };
}

/** The largest size that a satisfying set has cosigned, each witness having cosigned all smaller ones. */
export function reachOf(rule: Rule, sizes: ReadonlyMap<string, number>): number {
  if (rule.kind === 'none') return Number.MAX_SAFE_INTEGER;
  const steps = [...new Set(sizes.values())].sort((a, b) => b - a);
  return steps.find((size) => satisfies(rule, (name) => (sizes.get(name) ?? 0) >= size)) ?? 0;
}

export function strengthOf(rule: Rule): Strength {
  if (rule.kind === 'none') return { witnesses: 0, possible: true, shared: 0, outages: 0 };
  if (rule.kind === 'witness') return { witnesses: 1, possible: true, shared: 1, outages: 0 };
  const members = rule.members.map(strengthOf);
  const possible = members.filter((member) => member.possible);
  const witnesses = members.reduce((sum, member) => sum + member.witnesses, 0);
  if (possible.length < rule.needed) return { witnesses, possible: false, shared: 0, outages: 0 };
  // Two choices of k members share at least 2k − m of them, and within each of those what its own sets share. Whoever
  // attacks, or whatever breaks, takes the cheapest members first.
  const sumOfLeast = (values: number[], count: number) =>
    values
      .sort((a, b) => a - b)
      .slice(0, Math.max(0, count))
      .reduce((sum, value) => sum + value, 0);
  const shared = sumOfLeast(
    possible.map((member) => member.shared),
    2 * rule.needed - possible.length,
  );
  const broken = sumOfLeast(
    possible.map((member) => member.outages + 1),
    possible.length - rule.needed + 1,
  );
  return { witnesses, possible: true, shared, outages: broken - 1 };
}
