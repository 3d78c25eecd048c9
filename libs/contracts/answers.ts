// What the consoles get back: the answer types of the HTTP interface (paths and requests: `api.ts`).
import type { Agency } from '#kernel/envelope';
import type { IssueAction, LedgerQuery, OutlineLine, VerificationAction } from './api';
import type { IssueClass, IssueKind, IssueSpecial, RuleSet } from './events';
import type { Role } from './roles';
import type { WitnessStatus } from './witnesses';

/** Answer to every accepted command. `position` goes into `?after=` of the next read: users see what they just did. */
export type Done = { readonly id: string; readonly position: string; readonly revision: number };

/** Answer to everything refused (RFC 9457 problem details). `message` is a Chinese sentence with remedy. */
export type Problem = {
  readonly type: 'about:blank';
  readonly status: number;
  readonly code: string;
  readonly title: string;
  readonly message: string;
  readonly fields?: readonly { readonly path: string; readonly message: string }[];
  /** Number to name when asking for help. */
  readonly reference: string;
};

export type Console = { readonly agency: Agency; readonly name: string; readonly marking: string };
export type Me = {
  readonly id: string;
  readonly login: string;
  readonly name: string;
  readonly role: Role;
  readonly roleLabel: string;
  readonly agency: Agency;
  readonly unitId?: string;
  readonly unitName?: string;
};

export type IssueStatus =
  'registered' | 'claimed' | 'rectifying' | 'closeOutRequested' | 'substantiallyDone' | 'closedOut';
/** `none`: no date near. green ≤ 20 days, yellow ≤ 10 days, red: overdue; closed: nothing left to do. */
export type Light = 'none' | 'green' | 'yellow' | 'red' | 'closed';

/** Three tracks that never mix (contexts.md F3): said by the unit, verified by an agency, sampled on site. */
export type Tracks = {
  readonly unit: 'open' | 'reportedDone';
  readonly agency: 'none' | 'waiting' | 'returned' | 'substantiallyDone' | 'accepted';
  readonly site: 'notSampled' | 'true' | 'false';
};

export type LedgerLine = {
  readonly issueId: string;
  readonly roundId: string;
  readonly roundName: string;
  readonly unitId: string;
  readonly unitName: string;
  readonly number: string;
  readonly title: string;
  readonly group: string;
  readonly class: IssueClass;
  readonly kind: IssueKind;
  readonly special: IssueSpecial;
  readonly status: IssueStatus;
  readonly tracks: Tracks;
  readonly due: string;
  readonly daysLeft: number;
  readonly light: Light;
  readonly leadLeader: string;
  readonly department: string;
  readonly person: string;
  readonly measures: number;
  readonly evidence: number;
  readonly returns: number;
  readonly attempt: number;
  readonly closedOn: string;
  /** Of the least witnessed event of the issue. */
  readonly witness: WitnessStatus;
};

/** `total` is exact up to 1,000 and then 1001, shown as 1000+. `cutOff`: recorded time the view has reached, RFC 3339. */
export type LedgerPage = {
  readonly lines: readonly LedgerLine[];
  readonly next?: string;
  readonly total: number;
  readonly cutOff: string;
};

/** A figure is never alone: formula in words, what it counts, and the list behind it (a ledger query). */
export type Figure = {
  readonly label: string;
  readonly value: number;
  readonly text: string;
  readonly formula: string;
  readonly list: LedgerQuery;
  /** What is shown beside the figure and not counted in it, such as 待见证 2. */
  readonly beside?: string;
};
export type Overview = {
  readonly cutOff: string;
  readonly total: number;
  /** By the ledger's status; those not yet final are in `closedOutPending` as well, and figures count without them. */
  readonly closedOut: number;
  readonly closedOutPending: number;
  readonly substantiallyDone: number;
  readonly open: number;
  readonly figures: readonly Figure[];
  readonly units: readonly {
    readonly unitId: string;
    readonly unitName: string;
    readonly total: number;
    readonly closedOut: number;
    readonly closedOutPending: number;
    readonly substantiallyDone: number;
    readonly open: number;
    readonly overdue: number;
  }[];
  readonly peers: readonly {
    readonly agency: Agency;
    readonly origin: string;
    readonly size: number;
    readonly state: 'following' | 'unreachable' | 'stopped';
    readonly verifiedAt: string;
    readonly message: string;
    /** Entries of this agency's own log that the peer has cosigned. */
    readonly cosigned: number;
  }[];
  /** What the rule of witnesses is worth for the own log; weak: one witness in league could pass off two histories. */
  readonly witnessing: { readonly weak: boolean; readonly sentence: string };
};

/** An action the page may offer. When not open, `why` says so before the click. */
export type Action<Name extends string = string> = {
  readonly action: Name;
  readonly open: boolean;
  readonly code?: string;
  readonly why?: string;
};

export type TimelineEntry = {
  readonly id: string;
  readonly at: string;
  readonly agency: Agency;
  readonly type: string;
  readonly label: string;
  readonly who: string;
  readonly words: string;
  /** Where it stands in a signed log; absent for a moment after recording. */
  readonly origin?: string;
  readonly index?: number;
  readonly witness: WitnessStatus;
};
export type IssuePage = {
  readonly line: LedgerLine;
  readonly revision: number;
  readonly text: string;
  readonly feedbackDate: string;
  readonly deadlines: { readonly claim: string; readonly plan: string; readonly rectify: string };
  readonly claim?: {
    readonly leadLeader: string;
    readonly department: string;
    readonly person: string;
    readonly signed: boolean;
  };
  readonly measures: readonly {
    readonly measureId: string;
    readonly text: string;
    readonly leadLeader: string;
    readonly department: string;
    readonly person: string;
    readonly due: string;
  }[];
  readonly evidence: readonly {
    readonly sha256: string;
    readonly name: string;
    readonly bytes: number;
    readonly mediaType: string;
    readonly dated: string;
    readonly explanation: string;
    readonly attachedAt: string;
    readonly held: boolean;
  }[];
  readonly closeOut?: {
    readonly attempt: number;
    readonly result: string;
    readonly causeRemoved: string;
    readonly generalisation: string;
    /** What the competent agency said about this very request; absent while it says nothing. */
    readonly verdict?: {
      readonly kind: 'accepted' | 'substantiallyDone' | 'returned';
      readonly agency: Agency;
      readonly by: string;
      readonly at: string;
      readonly words: string;
    };
  };
  /** Those of the close-out shown, in order; `who` is empty while the signature is outstanding. */
  readonly signatures: readonly {
    readonly step: number;
    readonly role: string;
    readonly roleLabel: string;
    readonly who: string;
    readonly at: string;
  }[];
  readonly extension?: {
    readonly until: string;
    readonly reason: string;
    readonly state: 'requested' | 'granted' | 'refused';
  };
  readonly timeline: readonly TimelineEntry[];
  readonly verification: {
    readonly state: 'ok' | 'partial' | 'failed';
    readonly sentence: string;
    readonly how: string;
    readonly checked: number;
    readonly waiting: number;
  };
  readonly actions: readonly Action[];
};

export type RoundLine = {
  readonly roundId: string;
  readonly name: string;
  readonly term: string;
  readonly year: number;
  readonly tier: string;
  readonly closed: boolean;
  readonly ruleSet: RuleSet;
  readonly organisations: readonly { readonly unitId: string; readonly unitName: string }[];
  /** Receipts of the other agencies: how many issues of this round each holds. */
  readonly receipts: readonly {
    readonly agency: Agency;
    readonly feedbackId: string;
    readonly held: number;
    readonly at: string;
    readonly witness: WitnessStatus;
  }[];
};
export type RoundList = {
  readonly rounds: readonly RoundLine[];
  readonly ruleSets: readonly RuleSet[];
  readonly actions: readonly Action[];
};

export type FeedbackLine = {
  readonly feedbackId: string;
  readonly roundId: string;
  readonly fileName: string;
  readonly feedbackDate: string;
  readonly state: 'editing' | 'frozen';
  readonly found: number;
  readonly declaredIssues?: number;
  /** Of the freezing, or of the registration before it. */
  readonly witness: WitnessStatus;
};
/** Newest first. */
export type FeedbackList = readonly FeedbackLine[];
export type FeedbackPage = FeedbackLine & {
  readonly revision: number;
  readonly fileSha256: string;
  readonly kind: string;
  readonly encoding: string;
  readonly source: string;
  readonly declared: Readonly<Record<string, number | string>>;
  readonly notes: readonly string[];
  readonly lines: readonly OutlineLine[];
  readonly actions: readonly Action[];
};

export type Task = {
  readonly line: LedgerLine;
  readonly todo: string;
  readonly action: IssueAction | '';
  readonly since: string;
};
export type TaskList = { readonly tasks: readonly Task[]; readonly cutOff: string };

export type VerificationLine = {
  readonly line: LedgerLine;
  readonly attempt: number;
  readonly requestedAt: string;
  readonly receivedAt: string;
  readonly result: string;
  /** Of the verification's own record; -1 while the request has not been taken in. */
  readonly revision: number;
  readonly actions: readonly Action<VerificationAction>[];
};
export type VerificationQueue = {
  readonly waiting: readonly VerificationLine[];
  readonly decided: readonly {
    readonly line: LedgerLine;
    readonly verdict: string;
    readonly at: string;
    readonly by: string;
  }[];
  readonly cutOff: string;
};

/** What this agency holds: equal digests at equal sizes mean equal read models (contexts.md I7). */
export type Agreement = {
  readonly sizes: Readonly<Record<string, number>>;
  readonly views: Readonly<Record<string, string>>;
  readonly lines: number;
};
