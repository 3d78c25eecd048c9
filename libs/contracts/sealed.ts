// What there is to see of sealed bodies without opening them.
import type { Agency } from '#kernel/envelope';

/** How many sealed bodies stand in each agency's log, as far as it is known here. */
export type SealedList = {
  readonly sealed: readonly { readonly agency: Agency; readonly count: number }[];
  readonly cutOff: string;
};
