// What a figure can be told on the command line; each has a default that a small machine finishes in minutes.
export type BenchOptions = {
  /** Size of what is measured, in events (or issues, for `ledger`). */
  readonly events?: number;
  /** Interleaved rounds; the median of them is reported. */
  readonly rounds?: number;
  /** Seconds of one measured stretch. */
  readonly seconds?: number;
  /** `audit`: mean size of an entry, in bytes. */
  readonly entryBytes?: number;
  /** `audit`: entries carry an SM3 digest, as those of the profile gm do. */
  readonly gm?: boolean;
  /** `loop`: also a shared database with NOTIFY and Emmett's consumer. */
  readonly peers?: boolean;
};
