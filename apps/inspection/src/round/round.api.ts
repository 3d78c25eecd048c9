// Rounds over HTTP. The list is the joint one; this agency alone may open, enrol and close.
import { Controller, Get, Post } from '@nestjs/common';
import { CommandBus } from '@nestjs/cqrs';
import { demand } from '#kernel/decider';
import type { Done, RoundList } from '#contracts/answers';
import type { LedgerQuery, Sent } from '#contracts/api';
import { enrolOrganisation, ledgerQuery, openRound } from '#contracts/api';
import type { RuleSet } from '#contracts/events';
import { ruleSetById, ruleSets } from '#contracts/rule-sets';
import type { AskMeta } from '#chassis/ask';
import { Ask } from '#chassis/ask';
import { DryRun } from '#chassis/dry-run';
import type { Person } from '#chassis/person';
import { Reads } from '#chassis/reads';
import { Input, InputParam, InputQuery, May, Meta, Who } from '#chassis/route';
import { newId } from '#joint/new-id';
import { roundLines } from '#joint/ledger/reading.api';
import type { RoundCommand } from './round';
import { round } from './round';

const afterQuery = ledgerQuery.pick({ after: true });
type Opening = Sent<typeof openRound>;

/** Representative commands: what a page may offer does not depend on the words that are still to be typed. */
const [anyRuleSet] = ruleSets as [RuleSet];
const opening: RoundCommand = {
  type: 'OpenRound',
  name: '—',
  term: '—',
  year: 2025,
  tier: 'county',
  ruleSet: anyRuleSet,
};
const enrolling: RoundCommand = { type: 'EnrolOrganisation', unitId: '—', unitName: '—' };
const closing: RoundCommand = { type: 'CloseRound' };

@Controller('/api/rounds')
export class RoundApi {
  constructor(
    private readonly bus: CommandBus,
    private readonly dryRun: DryRun,
    private readonly reads: Reads,
  ) {}

  @Get()
  @May('round.read')
  async list(@Who() who: Person, @InputQuery(afterQuery) query: LedgerQuery): Promise<RoundList> {
    await this.reads.passed(query.after);
    const rounds = await roundLines(this.reads, who);
    const newest = rounds.find((each) => !each.closed);
    const { actions } = await this.dryRun.open(round, 'new', who, [{ action: 'openRound', command: opening }]);
    if (!newest) return { rounds, ruleSets, actions };
    const further = await this.dryRun.open(round, newest.roundId, who, [
      { action: 'enrolOrganisation', command: enrolling },
      { action: 'closeRound', command: closing },
    ]);
    return { rounds, ruleSets, actions: [...actions, ...further.actions] };
  }

  @Post()
  @May('round.OpenRound')
  open(@Input(openRound) input: Opening, @Meta() meta: AskMeta): Promise<Done> {
    const { ruleSetId, ...keys } = input;
    const ruleSet = ruleSetById(ruleSetId);
    demand(ruleSet, 'round.ruleSetUnknown', { ruleSetId });
    return this.bus.execute(new Ask(round, newId('r', meta.commandId), { type: 'OpenRound', ...keys, ruleSet }, meta));
  }

  @Post(':roundId/organisations')
  @May('round.EnrolOrganisation')
  async enrol(
    @InputParam('roundId') roundId: string,
    @Input(enrolOrganisation) input: Sent<typeof enrolOrganisation>,
    @Meta() meta: AskMeta,
  ): Promise<Done> {
    const unitId = input.unitId ?? newId('u', meta.commandId);
    const command = { type: 'EnrolOrganisation', unitId, unitName: input.unitName };
    // The answer names what was made: the organisation, not the round that it belongs to.
    return { ...(await this.bus.execute(new Ask(round, roundId, command, meta))), id: unitId };
  }

  @Post(':roundId/close')
  @May('round.CloseRound')
  close(@InputParam('roundId') roundId: string, @Meta() meta: AskMeta): Promise<Done> {
    return this.bus.execute(new Ask(round, roundId, { type: 'CloseRound' }, meta));
  }
}
