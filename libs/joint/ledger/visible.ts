// Who may see which lines: the one place where read models are cut to an account's units. Whatever is listed, counted,
// searched, downloaded or opened starts from this condition; what is not visible does not exist for the reader.
import type { RoundLine } from '#contracts/answers';

/** The part of a person that decides: every unit, or these. */
export type Seer = { readonly sees: 'all' | readonly string[] };

/** A condition over the ledger's table and its parameters, numbered from `$1`. */
export type Condition = { readonly where: string; readonly parameters: readonly unknown[] };

export function visibleTo({ sees }: Seer): Condition {
  const registered = 'known = 1';
  return sees === 'all'
    ? { where: registered, parameters: [] }
    : { where: `${registered} and unit_id = any($1)`, parameters: [sees] };
}

/** Rounds that an account has to do with, without other organisations and without the agencies' receipts. */
export function visibleRounds(rounds: readonly RoundLine[], { sees }: Seer): RoundLine[] {
  if (sees === 'all') return [...rounds];
  return rounds.flatMap((round) => {
    const organisations = round.organisations.filter(({ unitId }) => sees.includes(unitId));
    return organisations.length > 0 ? [{ ...round, organisations, receipts: [] }] : [];
  });
}
