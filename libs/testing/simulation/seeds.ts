// Seeds on which something was found once, each with the reason why it is kept: they run with every test, for ever.

export type KeptSeed = { readonly seed: number; readonly why: string };

export const keptSeeds: readonly KeptSeed[] = [
  { seed: 1, why: 'a log lies to one peer, whose witness has cosigned the other history before it finds out' },
  { seed: 10, why: 'a log that lied must not start again once a witness holds what it signed elsewhere' },
  { seed: 21, why: 'two people at one step of an issue: a proposal that nobody signs must stay inside' },
  { seed: 51, why: 'a row damaged on its way to the disk, at the moment when the log is asked to lie' },
];
