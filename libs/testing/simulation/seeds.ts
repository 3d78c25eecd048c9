// Seeds on which something was found once, each with the reason why it is kept: they run with every test, for ever.

export type KeptSeed = { readonly seed: number; readonly why: string };

export const keptSeeds: readonly KeptSeed[] = [
  { seed: 1, why: 'a log lies to one peer, whose witness has cosigned the other history before it finds out' },
  { seed: 10, why: 'a log that lied must not start again once a witness holds what it signed elsewhere' },
  { seed: 21, why: 'two people at one step of an issue: a proposal that nobody signs must stay inside' },
  { seed: 51, why: 'a row damaged on its way to the disk, at the moment when the log is asked to lie' },
  {
    seed: 82,
    why: 'a bundle damaged where it holds older entries: read back before it is signed, not found at the next start',
  },
  { seed: 327, why: 'the same, in the newest bundle of a log at rest' },
  { seed: 444, why: 'two logs read each further than the other: no skew, since neither says anything about the other' },
  { seed: 624, why: 'the network fails while the proof of a fork is fetched: the two notes are kept all the same' },
];
