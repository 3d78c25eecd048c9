// Feedback 反馈意见: a text's issues as found, edited by the clerk until "declared = found" is settled, then frozen.
// From then on every issue has its number and words for good (domain.md 9, rules 1 and 2).
import type { Decider } from '#kernel/decider';
import { demand } from '#kernel/decider';
import type { Calendar, CivilDate } from '#kernel/working-days';
import { isCivilDate } from '#kernel/working-days';
import type { OutlineLine } from '#contracts/api';
import type { RuleSet } from '#contracts/events';
import type { Deadlines } from './deadlines';
import { deadlinesOf } from './deadlines';

export type Declared = Readonly<Record<string, number | string>>;
export type FrozenLine = OutlineLine & { readonly unitName: string };

type Registered = {
  readonly roundId: string;
  readonly fileName: string;
  readonly fileSha256: string;
  readonly feedbackDate: CivilDate;
  readonly kind: string;
  readonly encoding: string;
  readonly declared: Declared;
  readonly notes: readonly string[];
  readonly lines: readonly OutlineLine[];
};

export type FeedbackEvent =
  | { type: 'FeedbackRegistered'; data: Registered }
  | { type: 'OutlineRevised'; data: { lines: readonly OutlineLine[] } }
  | {
      type: 'FeedbackFrozen';
      data: {
        roundId: string;
        feedbackDate: CivilDate;
        found: number;
        declared: Declared;
        difference: string;
        deadlines: Deadlines;
        lines: readonly FrozenLine[];
      };
    };

/** What the round says, folded from its own events by the caller: no read model stands in for it. */
export type RoundFacts = {
  readonly open: boolean;
  readonly organisations: readonly { readonly unitId: string; readonly unitName: string }[];
  readonly ruleSet?: RuleSet;
};

export type FeedbackCommand =
  | ({ type: 'RegisterFeedback'; round: RoundFacts } & Registered)
  | { type: 'ReviseOutline'; lines: readonly OutlineLine[] }
  | { type: 'FreezeFeedback'; difference: string; round: RoundFacts; calendar: Calendar };

export type FeedbackState = { readonly status: 'unknown' | 'editing' | 'frozen'; readonly registered?: Registered };

/** An append holds at most 1 MiB; the frozen outline must fit into one, beside names and deadlines. */
const maxOutlineBytes = 900_000;

export const feedback: Decider<FeedbackState, FeedbackCommand, FeedbackEvent> = {
  name: 'feedback',
  initial: { status: 'unknown' },
  decide(command, feedback, { today }) {
    const { status, registered } = feedback;
    if (command.type === 'RegisterFeedback') {
      const { type: _, round, ...data } = command;
      demand(status === 'unknown', 'feedback.exists');
      demandOpen(round);
      demand(isCivilDate(data.feedbackDate), 'date.none', { date: data.feedbackDate });
      demand(data.feedbackDate <= today, 'feedback.future', { date: data.feedbackDate });
      demandSize(data.lines);
      return [{ type: 'FeedbackRegistered', data }];
    }
    demand(registered, 'feedback.none');
    demand(status === 'editing', 'feedback.frozen');
    if (command.type === 'ReviseOutline') {
      demandSize(command.lines);
      return [{ type: 'OutlineRevised', data: { lines: command.lines } }];
    }
    return freeze(command, registered);
  },
  evolve(feedback, event) {
    switch (event.type) {
      case 'FeedbackRegistered':
        return { status: 'editing', registered: event.data };
      case 'OutlineRevised':
        return feedback.registered
          ? { ...feedback, registered: { ...feedback.registered, lines: event.data.lines } }
          : feedback;
      case 'FeedbackFrozen':
        return { ...feedback, status: 'frozen' };
    }
  },
};

function freeze(
  command: Extract<FeedbackCommand, { type: 'FreezeFeedback' }>,
  registered: Registered,
): FeedbackEvent[] {
  const { difference, round, calendar } = command;
  const { roundId, feedbackDate, declared, lines } = registered;
  demandOpen(round);
  demand(lines.length > 0, 'feedback.empty');
  const frozen = lines.map((line, n) => checked(line, n + 1, round));
  const seen = new Set<string>();
  for (const { number, unitId, unitName } of frozen) {
    demand(!seen.has(`${unitId}\n${number}`), 'feedback.numberTwice', { number, unitName });
    seen.add(`${unitId}\n${number}`);
  }
  const found = lines.length;
  const said = declared['issues'];
  const equal = said === undefined || Number(said) === found;
  demand(equal || difference.trim() !== '', 'feedback.difference', { declared: said ?? '', found });
  demandSize(frozen);
  const deadlines = deadlinesOf(round.ruleSet, feedbackDate, calendar);
  const data = { roundId, feedbackDate, found, declared, difference, deadlines, lines: frozen };
  return [{ type: 'FeedbackFrozen', data }];
}

function checked(line: OutlineLine, place: number, round: RoundFacts): FrozenLine {
  demand(line.title.trim() !== '', 'feedback.noTitle', { place });
  demand(line.number.trim() !== '', 'feedback.noNumber', { place });
  demand(line.unitId !== '', 'feedback.noUnit', { number: line.number });
  const unit = round.organisations.find(({ unitId }) => unitId === line.unitId);
  demand(unit, 'feedback.unitUnknown', { number: line.number });
  // A sectoral issue is countersigned by the competent department, so it must be known which one.
  const named = line.kind !== 'sectoral' || line.competentDepartment.trim() !== '';
  demand(named, 'feedback.noDepartment', { number: line.number });
  return { ...line, unitName: unit.unitName };
}

function demandOpen(round: RoundFacts): asserts round is RoundFacts & { ruleSet: RuleSet } {
  demand(round.ruleSet, 'round.none');
  demand(round.open, 'round.closed');
}

function demandSize(lines: readonly OutlineLine[]): void {
  demand(new TextEncoder().encode(JSON.stringify(lines)).length <= maxOutlineBytes, 'feedback.tooLong');
}
