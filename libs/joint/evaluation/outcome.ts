// What came of an opening, for whoever holds the logs: the three agencies, the auditor, a reader years later. Each checks the
// convener's two sets against the parties' own logs instead of believing them.
import type { JsonObject } from '#kernel/canonical-json';
import type { Agency } from '#kernel/envelope';
import { commitTo, objectionTo } from './commitment';
import type { Closing, Terms } from './commitment';
import type { Conclusion } from './opening';

/** What the logs say of one opening. Of commitments and values the first in each party's log. */
export type OpeningFacts = {
  readonly openingId: string;
  readonly terms?: Terms;
  readonly commits: { readonly [agency in Agency]?: string };
  readonly closing?: Closing;
  readonly values: { readonly [agency in Agency]?: { readonly value: JsonObject; readonly salt: string } };
  readonly conclusion?: Conclusion;
};

export type Outcome =
  | { readonly status: 'open' | 'closed' }
  | {
      readonly status: 'concluded';
      readonly values: { readonly [agency in Agency]?: JsonObject };
      readonly leftOut: readonly Agency[];
      readonly withheld: readonly Agency[];
      readonly wrong: readonly Agency[];
    }
  /** The convener's words and a party's log contradict each other; whose, and in what. */
  | { readonly status: 'broken'; readonly agency: Agency | 'convener'; readonly by: 'closing' | 'commit' | 'value' };

/** Parts of the logs that have not arrived leave it open; what has arrived is never taken back. */
export function outcomeOf({ openingId, terms, commits, closing, values, conclusion }: OpeningFacts): Outcome {
  if (!terms || !closing) return { status: 'open' };
  const bound = (Object.keys(closing.commits) as Agency[]).sort();
  const [first = 'inspection'] = bound;
  if (objectionTo(terms, closing, { agency: first, commit: closing.commits[first] })) {
    return { status: 'broken', agency: 'convener', by: 'closing' };
  }
  for (const agency of bound) {
    const { [agency]: commit } = commits;
    if (commit === undefined) return { status: 'closed' };
    if (commit !== closing.commits[agency]) return { status: 'broken', agency, by: 'commit' };
  }
  if (!conclusion) return { status: 'closed' };
  const { counted, withheld, wrong } = conclusion;
  if ([...counted, ...withheld, ...wrong].sort().join() !== bound.join()) {
    return { status: 'broken', agency: 'convener', by: 'value' };
  }
  const taken: { [agency in Agency]?: JsonObject } = {};
  // `wrong` is checked as well: a convener must not strike out a value that fits.
  for (const agency of [...counted, ...wrong]) {
    const { [agency]: shown } = values;
    if (!shown) return { status: 'closed' };
    const fits = commitTo(openingId, agency, shown.value, shown.salt) === closing.commits[agency];
    if (fits !== counted.includes(agency)) return { status: 'broken', agency, by: 'value' };
    if (fits) taken[agency] = shown.value;
  }
  return { status: 'concluded', values: taken, leftOut: closing.leftOut, withheld, wrong };
}
