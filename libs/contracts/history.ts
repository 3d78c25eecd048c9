// What the page 历史核验 asks and gets: records with their proofs, which the browser checks by itself, what this agency
// knew when, and what each agency holds of the others' logs. Texts are byte for byte what was signed; hashes are base64.
import { z } from 'zod';
import type { Agency } from '#kernel/envelope';
import type { IssueStatus, LedgerLine, TimelineEntry } from './answers';
import { ledgerQuery } from './api';

/** Which witnesses are enough for a log, by the names that the rule gives them. */
export type WitnessRule =
  | { readonly kind: 'none' }
  | { readonly kind: 'witness'; readonly name: string }
  | { readonly kind: 'group'; readonly needed: number; readonly members: readonly WitnessRule[] };

export type ProvenEntry = { readonly index: number; readonly text: string; readonly proof: readonly string[] };

/** One log: a signed checkpoint with the witnesses' lines, and what is to be proven in it. */
export type ProvenLog = {
  readonly agency: Agency;
  readonly origin: string;
  /** Empty while this agency has not been given the log's key. */
  readonly vkey: string;
  /** The notes by which its keys followed each other, when it has changed its key (docs/spec/keys.md). */
  readonly handovers?: readonly string[];
  /** Empty while the log has signed nothing. */
  readonly note: string;
  /** Those whose word counts for this log. */
  readonly witnesses: readonly {
    readonly name: string;
    readonly agency?: Agency;
    readonly vkey: string;
    readonly handovers?: readonly string[];
  }[];
  readonly rule: WitnessRule;
  readonly entries: readonly ProvenEntry[];
  /** What its agency says in it of keys of other logs (docs/spec/keys.md section 4). */
  readonly words?: readonly ProvenEntry[];
  /** The first kept checkpoint under a witness's word that holds the first of the entries; proven to lead to `note`. */
  readonly first?: { readonly note: string; readonly proof: readonly string[] };
  /** Proof between the size that the reader said he has seen and that of `note`, from the smaller to the larger. */
  readonly since?: { readonly size: number; readonly proof: readonly string[] };
  /** How many entries this agency holds of it, which may be more than the checkpoint speaks of. */
  readonly held: number;
  /** The log was caught contradicting itself. */
  readonly stopped: boolean;
};

/** What a line of the ledger says that may have been otherwise before. */
export type KnownFacts = Pick<
  LedgerLine,
  'status' | 'tracks' | 'due' | 'daysLeft' | 'light' | 'person' | 'measures' | 'evidence' | 'attempt' | 'returns'
>;

/** One record of an issue, in the order in which this agency came to know of them. */
export type KnownStep = TimelineEntry & {
  /** When this agency knew of it: its own recording, or the verified arrival of a peer's. RFC 3339 UTC. */
  readonly knownAt: string;
  /** Recorded before something that this agency had already known, and known only a minute after its recording. */
  readonly late: boolean;
  /** What the agency knew from then on, as of that day; absent until it knew of the registration. */
  readonly facts?: KnownFacts;
  /** Its place in the order of recording over all three logs, from 0. */
  readonly nth: number;
  /** What the three logs together said from its recording on, as of that day; absent until the registration. */
  readonly recorded?: KnownFacts;
};

export type IssueHistory = {
  readonly issueId: string;
  readonly number: string;
  readonly title: string;
  readonly unitName: string;
  readonly logs: readonly ProvenLog[];
  /** Whose log an origin is, of all logs of the region. */
  readonly agencies: Readonly<Record<string, Agency>>;
  /** Events of the issue that are not in a log yet. */
  readonly unlogged: number;
  readonly steps: readonly KnownStep[];
  /** What is known, as of today. */
  readonly now: KnownFacts;
};
/** The logs by themselves, without any record. */
export type LogHistory = { readonly logs: readonly ProvenLog[] };

/** Largest size of each log that the reader has verified before: `origin:size`, several behind commas. */
export const historyQuery = z.strictObject({
  seen: z
    .string()
    .max(1_000)
    .regex(/^[^\s,]+:[1-9]\d{0,14}(,[^\s,]+:[1-9]\d{0,14}){0,9}$/)
    .optional(),
  after: ledgerQuery.shape.after,
});
export type HistoryQuery = z.infer<typeof historyQuery>;

/** What one agency holds of one log, as far as it has told by cosigning, or as it stands here. */
export type Holding = {
  readonly name: string;
  readonly agency?: Agency;
  readonly size: number;
  /** base64; empty for size 0. */
  readonly root: string;
  /** RFC 3339 UTC; empty before the first time. */
  readonly at: string;
  /** Compared with this agency's own tree of the same size; `unknown` while it does not go that far. */
  readonly verdict: 'same' | 'differs' | 'unknown';
  /** Where it differs: entries below `from` are the same, and the first other one is below `to`. */
  readonly difference?: { readonly from: number; readonly to: number };
};
export type HeldLog = {
  readonly agency: Agency;
  readonly origin: string;
  readonly own: boolean;
  readonly size: number;
  readonly root: string;
  readonly at: string;
  readonly stopped: boolean;
  readonly holdings: readonly Holding[];
};
/** Two checkpoints of one log that contradict each other, kept as a file that proves it. */
export type ForkFile = {
  readonly digest: string;
  readonly name: string;
  readonly origin: string;
  readonly sizes: readonly number[];
  /** RFC 3339 UTC. */
  readonly keptAt: string;
};
export type Reconciliation = {
  readonly agency: Agency;
  readonly cutOff: string;
  readonly logs: readonly HeldLog[];
  readonly forks: readonly ForkFile[];
};

/** Totals by state of this agency's ledger, beside those folded anew from the entries of the three logs it holds. */
export type Totals = {
  /** Entries of each log, by origin, that both stand for. */
  readonly sizes: Readonly<Record<string, number>>;
  /** When it was folded, RFC 3339 UTC. */
  readonly at: string;
  readonly states: readonly { readonly status: IssueStatus; readonly ledger: number; readonly logs: number }[];
  /** Entries that this version of the code sets aside. */
  readonly setAside: number;
  /** Issues of which the two say different things. */
  readonly differences: number;
  /** The one whose newest record is the oldest. */
  readonly first?: {
    readonly issueId: string;
    readonly number: string;
    readonly field: string;
    readonly ledger: string;
    readonly logs: string;
    /** Where the newest record about it stands; absent where no log tells of it. */
    readonly agency?: Agency;
    readonly origin?: string;
    readonly index?: number;
  };
};

/** What one agency came to when it folded the logs anew to the sizes that another had named. */
export type TotalsAnswer = {
  readonly by: Agency;
  /** Absent while it has not said anything yet; empty = the same; else the first record that differs. */
  readonly apart?: readonly {
    readonly issueId?: string;
    readonly number?: string;
    readonly origin?: string;
    readonly index?: number;
  }[];
};
/** What an agency has said of its ledger. */
export type StatedTotalsLine = {
  readonly id: string;
  readonly agency: Agency;
  /** YYYY-MM-DD */
  readonly day: string;
  readonly at: string;
  readonly sizes: Readonly<Record<string, number>>;
  readonly states: Readonly<Record<string, number>>;
  readonly answers: readonly TotalsAnswer[];
};
export type ExchangedTotals = {
  /** The newest of each agency that has said any. */
  readonly newest: readonly StatedTotalsLine[];
  /** Those of the last days of which somebody came to another result, the newest first. */
  readonly apart: readonly StatedTotalsLine[];
  /** Days that were looked at. */
  readonly days: number;
};
