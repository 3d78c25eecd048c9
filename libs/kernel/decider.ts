// A rule book is two pure functions: decide says what happens, evolve says what that means for the state.
// The same functions run behind the API, in tests, as a dry run that greys a button with its reason, and in replays.
import type { Actor } from './envelope';

/** What the shell supplies: decide itself has no clock, no randomness and no configuration. */
export type Given = {
  readonly by: Actor;
  /** Time of decision, RFC 3339 UTC. */
  readonly at: string;
  /** The civil date of that time in Asia/Shanghai, YYYY-MM-DD. */
  readonly today: string;
};

export interface Decider<State, Command extends { type: string }, Event extends { type: string; data: object }> {
  /** Stream category: the aggregate `id` lives in stream `<name>-<id>`. */
  readonly name: string;
  readonly initial: State;
  /** @throws Refused when a rule forbids the command. Must not throw anything else. */
  decide(command: Command, state: State, given: Given): readonly Event[];
  /** Must not fail. Returns undefined only for an event type it does not know, which parks the stream. */
  evolve(state: State, event: Event): State;
  /** The inspected organisation the aggregate belongs to; accounts of other units are refused. */
  unit?(state: State): string | undefined;
}

export type AnyDecider = Decider<any, any, any>;

/** A rule forbids what was asked. `code` has a Chinese sentence with remedy in `libs/contracts/messages.zh.ts`. */
export class Refused extends Error {
  override readonly name = 'Refused';
  constructor(
    readonly code: string,
    readonly details: Readonly<Record<string, string | number>> = {},
  ) {
    super(code);
  }
}

/** An event type that the rule book does not know: the stream is parked, never skipped (trust.md 3.8). */
export class UnknownEventType extends Error {
  override readonly name = 'UnknownEventType';
  constructor(decider: string, type: string) {
    super(`${decider} does not know the event type ${type}; the stream is parked until the code knows it`);
  }
}

export function demand(
  condition: unknown,
  code: string,
  details?: Readonly<Record<string, string | number>>,
): asserts condition {
  if (!condition) throw new Refused(code, details);
}

/** State after a history. @throws UnknownEventType */
export function fold<State, Command extends { type: string }, Event extends { type: string; data: object }>(
  decider: Decider<State, Command, Event>,
  history: Iterable<Event>,
  from: State = decider.initial,
): State {
  let state: State | undefined = from;
  for (const event of history) {
    state = decider.evolve(state as State, event) as State | undefined;
    if (state === undefined) throw new UnknownEventType(decider.name, event.type);
  }
  return state;
}
