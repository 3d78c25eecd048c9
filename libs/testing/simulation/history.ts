// What the checker is given: what clients asked and were answered, and what lay in every place when all had come to rest.
// Plain data, so that any other run of the product (processes, a real network) can be judged by the same checker.
import type { Agency, Published } from '#kernel/envelope';

/** What one session asked and what came of it. `info`: nobody knows whether it happened. */
export type Happening = {
  readonly kind: 'invoke' | 'ok' | 'fail' | 'info';
  /** Pairs an invocation with its outcome. */
  readonly op: number;
  readonly session: string;
  readonly agency: Agency;
  readonly asked: Append | Read;
  /** Of an `ok` append that changed something: its last revision and position. */
  readonly revision?: number;
  readonly position?: number;
  /** Of an `ok` read: event ids by `<origin>\n<stream>`, as that session saw them. */
  readonly seen?: { readonly [key: string]: readonly string[] };
  /** Of a `fail`. */
  readonly why?: string;
};

export type Append = {
  readonly what: 'append';
  readonly stream: string;
  readonly command: string;
  readonly commandId: string;
  /** One wish of one person, however often it is sent. */
  readonly wish: string;
  /** False: whoever asks has no right to it. */
  readonly allowed: boolean;
  /** Revision that the author looked at. */
  readonly expected?: number;
};

/** `own`: a stream of the store itself; `view`: rows of a read model, not older than the position `after`. */
export type Read = {
  readonly what: 'read';
  readonly of: 'own' | 'view';
  readonly keys: readonly string[];
  readonly after?: number;
};

export type StoredEvent = {
  readonly position: number;
  readonly id: string;
  readonly stream: string;
  readonly revision: number;
  readonly commandId: string;
  /** Sizes of the others' logs that its author says he had seen. */
  readonly seen: { readonly [origin: string]: number };
  /** Number of the append that it came with. */
  readonly append: number;
  /** What its agency shows of it: the entry's exact text, and the event as views see it. */
  readonly entry?: string;
  readonly published?: Published;
};

/** `held`: entries of the log that the witness held when it signed. */
export type CosignedNote = {
  readonly held?: number;
  readonly origin: string;
  readonly witness: string;
  readonly note: Uint8Array;
};

export type HeldLog = {
  readonly origin: string;
  readonly entries: readonly Uint8Array[];
  /** Why it is not followed any more. */
  readonly stopped?: string;
  /** Files of evidence that say so (docs/spec/witness.md section 5). */
  readonly forks: readonly Uint8Array[];
};

export type Place = {
  readonly agency: Agency;
  readonly origin: string;
  /** Verifier key lines of its log and of its witness. */
  readonly vkey: string;
  readonly witnessVkey: string;
  readonly events: readonly StoredEvent[];
  readonly log: {
    readonly entries: readonly Uint8Array[];
    /** Every note that its key is known to have signed, whoever was shown it. */
    readonly notes: readonly Uint8Array[];
    readonly files: ReadonlyMap<string, Uint8Array>;
  };
  readonly inboxes: readonly HeldLog[];
  /** By view: its rows; `taken`: how much of each source all of them have taken in (`own`: position, else entries). */
  readonly views: { readonly [view: string]: ReadonlyMap<string, object> };
  readonly taken: { readonly [source: string]: number };
  /** What its witness cosigned, in that order. */
  readonly cosigned: readonly CosignedNote[];
  /** Of these, how many came before an older backup of its database was put back: there it may begin anew. */
  readonly cosignedBefore: number;
  /** Sizes of logs that it called final, with the lines that it had then. */
  readonly finals: readonly {
    readonly origin: string;
    readonly size: number;
    readonly cosigned: readonly CosignedNote[];
  }[];
  /** What its authors said they had seen, against what was held at that moment. */
  readonly knew: readonly { readonly id: string; readonly held: { readonly [origin: string]: number } }[];
  /** In the order in which its reactors acted: cause, and what was held then. */
  readonly acted: readonly {
    readonly on: string;
    readonly cause?: { origin: string; index: number };
    readonly held: { readonly [origin: string]: number };
  }[];
};

export type Run = {
  readonly history: readonly Happening[];
  readonly places: readonly Place[];
  /** What an outsider read and proved of each log. */
  readonly audited: readonly HeldLog[];
  /** Origins that were made to sign two histories. */
  readonly liars: readonly string[];
  /** Texts that must never leave the agency that they belong to. */
  readonly secrets: readonly { readonly agency: Agency; readonly text: string }[];
  /** All that was ever sent to somebody else, with whose it was. */
  readonly sent: readonly { readonly agency: Agency; readonly what: string; readonly bytes: Uint8Array }[];
};
