// The convener's part in an opening 共同启封: it names the parties and the days, notes what arrives from their logs, closes
// over all commitments, and concludes over all values. One event of one owner fixes each of the two sets, so there can
// never be two results; who is left out after its day is left out by name, with a reason, for everybody to see.
import type { JsonObject } from '#kernel/canonical-json';
import type { Decider } from '#kernel/decider';
import { demand } from '#kernel/decider';
import type { Agency } from '#kernel/envelope';
import type { CivilDate } from '#kernel/working-days';
import { isCivilDate } from '#kernel/working-days';
import { commitTo } from './commitment';
import type { Closing, Terms } from './commitment';

type Days = {
  /** Last civil day for values, once closed. */
  readonly revealDue: CivilDate;
};
/** Whose values count, and whose do not: `withheld` never came, `wrong` did not fit its commitment. */
export type Conclusion = {
  readonly counted: readonly Agency[];
  readonly withheld: readonly Agency[];
  readonly wrong: readonly Agency[];
  readonly reason: string;
};
export type Reveal = { readonly agency: Agency; readonly value: JsonObject; readonly salt: string };

export type OpeningEvent =
  | { type: 'Opened'; data: Terms & Days }
  | { type: 'CommitNoted'; data: { agency: Agency; commit: string } }
  | { type: 'Closed'; data: Closing & { reason: string } }
  | { type: 'RevealNoted'; data: { agency: Agency; fits: boolean } }
  | { type: 'CameLate'; data: { agency: Agency; what: 'commit' | 'reveal' } }
  | { type: 'Concluded'; data: Conclusion };

export type OpeningCommand =
  | ({ type: 'Open' } & Terms & Days)
  | { type: 'NoteCommit'; agency: Agency; commit: string }
  | { type: 'CloseWithout'; reason: string }
  | ({ type: 'NoteReveal'; openingId: string } & Reveal)
  | { type: 'ConcludeWithout'; reason: string };

type Reveals = { readonly [agency in Agency]?: boolean };
export type OpeningState = {
  readonly status: 'unknown' | 'open' | 'closed' | 'concluded';
  readonly terms?: Terms & Days;
  readonly commits: Closing['commits'];
  /** Whether the first value that came from a party fits its commitment. */
  readonly reveals: Reveals;
  readonly late: readonly string[];
};

export type Opening = Decider<OpeningState, OpeningCommand, OpeningEvent>;

/** @param convener the agency that owns the matter: the inspection office for an evaluation round */
export function openingOf(convener: Agency): Opening {
  return {
    name: 'opening',
    initial: { status: 'unknown', commits: {}, reveals: {}, late: [] },
    decide(command, state, { by, today }) {
      if (command.type === 'Open') {
        const { type: _, ...data } = command;
        demand(by.agency === convener, 'opening.notConvener');
        demand(state.status === 'unknown', 'opening.exists');
        demand(isCivilDate(data.due) && isCivilDate(data.revealDue), 'date.none', { date: data.due });
        demand(data.due >= today && data.revealDue >= data.due, 'opening.dueOrder');
        demand(data.parties.length >= 2 && new Set(data.parties).size === data.parties.length, 'opening.parties');
        return [{ type: 'Opened', data }];
      }
      const { terms } = state;
      demand(terms, 'opening.none');
      switch (command.type) {
        case 'NoteCommit':
          return noteCommit(command, { ...state, terms }, today);
        case 'NoteReveal':
          return noteReveal(command, { ...state, terms });
        case 'CloseWithout': {
          demand(by.agency === convener, 'opening.notConvener');
          demand(state.status === 'open', 'opening.notOpen');
          demand(today > terms.due, 'opening.beforeDue', { due: terms.due });
          demand(command.reason.trim() !== '', 'opening.noReason');
          const closing = closed({ ...state, terms }, state.commits, today, command.reason);
          // Nobody committed: there is nothing to wait for.
          return Object.keys(state.commits).length ? [closing] : [closing, concluded(state, {}, command.reason)];
        }
        case 'ConcludeWithout': {
          demand(by.agency === convener, 'opening.notConvener');
          demand(state.status === 'closed', 'opening.notClosed');
          demand(today > terms.revealDue, 'opening.beforeDue', { due: terms.revealDue });
          demand(command.reason.trim() !== '', 'opening.noReason');
          return [concluded(state, state.reveals, command.reason)];
        }
      }
    },
    evolve(state, event) {
      switch (event.type) {
        case 'Opened':
          return { ...state, status: 'open', terms: event.data };
        case 'CommitNoted':
          return { ...state, commits: { ...state.commits, [event.data.agency]: event.data.commit } };
        case 'Closed':
          return { ...state, status: 'closed', commits: event.data.commits };
        case 'RevealNoted':
          return { ...state, reveals: { ...state.reveals, [event.data.agency]: event.data.fits } };
        case 'CameLate':
          return { ...state, late: [...state.late, lateKey(event.data)] };
        case 'Concluded':
          return { ...state, status: 'concluded' };
      }
    },
  };
}

type Running = OpeningState & { readonly terms: Terms & Days };

function noteCommit(
  { agency, commit }: { agency: Agency; commit: string },
  state: Running,
  today: CivilDate,
): readonly OpeningEvent[] {
  // The first commitment counts; entries arrive at least once.
  if (!state.terms.parties.includes(agency) || state.commits[agency]) return [];
  if (state.status !== 'open') return cameLate(state, { agency, what: 'commit' });
  const commits = { ...state.commits, [agency]: commit };
  const noted: OpeningEvent = { type: 'CommitNoted', data: { agency, commit } };
  return Object.keys(commits).length < state.terms.parties.length
    ? [noted]
    : [noted, closed(state, commits, today, '')];
}

function noteReveal(
  { openingId, agency, value, salt }: { openingId: string } & Reveal,
  state: Running,
): readonly OpeningEvent[] {
  const commit = state.commits[agency];
  // Nothing can be revealed to an opening that was not closed over it; what claims so is not taken in.
  if (state.status === 'open' || state.reveals[agency] !== undefined) return [];
  if (commit === undefined) return [];
  if (state.status === 'concluded') return cameLate(state, { agency, what: 'reveal' });
  const fits = commitTo(openingId, agency, value, salt) === commit;
  const reveals = { ...state.reveals, [agency]: fits };
  const noted: OpeningEvent = { type: 'RevealNoted', data: { agency, fits } };
  return Object.keys(reveals).length < Object.keys(state.commits).length
    ? [noted]
    : [noted, concluded(state, reveals, '')];
}

function cameLate(state: OpeningState, data: { agency: Agency; what: 'commit' | 'reveal' }): readonly OpeningEvent[] {
  return state.late.includes(lateKey(data)) ? [] : [{ type: 'CameLate', data }];
}

function lateKey({ agency, what }: { agency: Agency; what: string }): string {
  return `${agency} ${what}`;
}

function closed({ terms }: Running, commits: Closing['commits'], on: CivilDate, reason: string): OpeningEvent {
  const leftOut = terms.parties.filter((agency) => !commits[agency]);
  return { type: 'Closed', data: { commits, leftOut, on, reason } };
}

function concluded({ commits }: OpeningState, reveals: Reveals, reason: string): OpeningEvent {
  const bound = (Object.keys(commits) as Agency[]).sort();
  return {
    type: 'Concluded',
    data: {
      counted: bound.filter((agency) => reveals[agency] === true),
      wrong: bound.filter((agency) => reveals[agency] === false),
      withheld: bound.filter((agency) => reveals[agency] === undefined),
      reason,
    },
  };
}
