// Tests of rule books read like the regulation: given a history, when something is asked, then it happens or is refused.
import type { Decider, Given } from '#kernel/decider';
import { fold, Refused } from '#kernel/decider';

/** `history(decider, events…).when(command, given).then(events…)` or `.refuses(code)`. */
export function history<State, Command extends { type: string }, Event extends { type: string; data: object }>(
  decider: Decider<State, Command, Event>,
  ...events: Event[]
) {
  return {
    when(command: Command, given: Given) {
      const ask = () => decider.decide(command, fold(decider, events), given);
      return {
        then: (...expected: Event[]) => expect(ask()).toEqual(expected),
        thenLike: (...expected: object[]) => expect(ask()).toMatchObject(expected),
        refuses: (code: string) => {
          let refusal: unknown;
          try {
            ask();
          } catch (error) {
            refusal = error;
          }
          expect(refusal).toBeInstanceOf(Refused);
          expect((refusal as Refused).code).toBe(code);
        },
      };
    },
  };
}
