// A round 轮次 of inspection: its keys, the organisations inspected in it and the rule set its time limits come from.
import type { Decider } from '#kernel/decider';
import { demand } from '#kernel/decider';
import type { PublishedData, RuleSet } from '#contracts/events';

export type Tier = PublishedData<'inspection.round-opened.v1'>['tier'];
export type Organisation = { readonly unitId: string; readonly unitName: string };

export type RoundEvent =
  | {
      type: 'RoundOpened';
      // The rule set is copied: a later change of the rules moves no deadline of this round (contexts.md I6).
      data: { name: string; term: string; year: number; tier: Tier; ruleSet: RuleSet };
    }
  | { type: 'OrganisationEnrolled'; data: Organisation }
  | { type: 'RoundClosed'; data: Record<string, never> };

export type RoundCommand =
  | { type: 'OpenRound'; name: string; term: string; year: number; tier: Tier; ruleSet: RuleSet }
  | { type: 'EnrolOrganisation'; unitId: string; unitName: string }
  | { type: 'CloseRound' };

export type RoundState = {
  readonly status: 'unknown' | 'open' | 'closed';
  readonly ruleSet?: RuleSet;
  readonly organisations: readonly Organisation[];
};

export const round: Decider<RoundState, RoundCommand, RoundEvent> = {
  name: 'round',
  initial: { status: 'unknown', organisations: [] },
  decide(command, round) {
    if (command.type === 'OpenRound') {
      demand(round.status === 'unknown', 'round.exists');
      const { name, term, year, tier, ruleSet } = command;
      return [{ type: 'RoundOpened', data: { name, term, year, tier, ruleSet } }];
    }
    demand(round.status !== 'unknown', 'round.none');
    demand(round.status === 'open', 'round.closed');
    if (command.type === 'CloseRound') return [{ type: 'RoundClosed', data: {} }];
    const { unitId, unitName } = command;
    const known = (each: Organisation) => each.unitId === unitId || each.unitName === unitName;
    demand(!round.organisations.some(known), 'round.enrolled', { unitName });
    return [{ type: 'OrganisationEnrolled', data: { unitId, unitName } }];
  },
  evolve(round, event) {
    switch (event.type) {
      case 'RoundOpened':
        return { ...round, status: 'open', ruleSet: event.data.ruleSet };
      case 'OrganisationEnrolled':
        return { ...round, organisations: [...round.organisations, event.data] };
      case 'RoundClosed':
        return { ...round, status: 'closed' };
    }
  },
};
