// What changed in the ledger between two states of the logs, and which entries did it: the state then is folded as the
// agencies fold it, and every later entry is charged with what it moves.
import type { Agency, Basis } from '#kernel/envelope';
import type { IssueStatus } from '#contracts/answers';
import { ledger } from '#joint/ledger/ledger';
import type { LedgerRow } from '#joint/ledger/ledger';
import { timeline } from '#joint/ledger/timeline';
import { causally } from './causal-order';
import type { Spoken } from './speaker';

/** An entry that changed something. */
export interface Act {
  readonly address: Basis;
  readonly at: string;
  readonly agency: Agency;
  readonly label: string;
  readonly who: string;
}

export interface ChangedIssue {
  readonly issueId: string;
  readonly number: string;
  readonly title: string;
  readonly unitName: string;
  /** Missing for an issue that was not in the ledger then. */
  readonly then?: { readonly status: IssueStatus; readonly due: string };
  /** Missing where only a verifier has spoken and nobody has registered it. */
  readonly now?: { readonly status: IssueStatus; readonly due: string };
  readonly acts: readonly Act[];
}

export const figureNames = [
  ...([
    'issues',
    'registered',
    'claimed',
    'rectifying',
    'closeOutRequested',
    'substantiallyDone',
    'closedOut',
  ] as const),
  ...(['measures', 'evidence', 'returns'] as const),
] as const;
export type FigureName = (typeof figureNames)[number];
type Figures = Record<FigureName, number>;

export interface Figure {
  readonly name: FigureName;
  readonly then: number;
  readonly now: number;
  /** What moved it, each by how much. */
  readonly why: readonly (Act & { readonly by: number })[];
}

export interface Changes {
  readonly issues: readonly ChangedIssue[];
  readonly figures: readonly Figure[];
}

export class LedgerChanges {
  private readonly rows = new Map<string, LedgerRow>();
  private readonly later: Spoken[] = [];

  /** An entry of the state then; those of one log in its order. */
  before(spoken: Spoken): void {
    if (spoken.published) this.fold(spoken.published);
  }

  /** An entry that came after; each once, those of one log in its order. */
  after(spoken: Spoken): void {
    if (spoken.published) this.later.push(spoken);
  }

  /** To be asked once. */
  made(): Changes {
    const then = sum([...this.rows.values()]);
    const why = new Map(figureNames.map((name) => [name, [] as Figure['why'][number][]]));
    const touched = new Map<string, { readonly before: LedgerRow | undefined; readonly acts: Act[] }>();
    const { order } = causally(this.later.map((spoken) => ({ ...spoken, ...spoken.address })));
    for (const spoken of order) {
      const act = actOf(spoken);
      for (const { id, before, after } of this.fold(spoken.published!)) {
        const issue = touched.get(id) ?? { before, acts: [] };
        touched.set(id, issue);
        issue.acts.push(act);
        const [was, is] = [figuresOf(before), figuresOf(after)];
        for (const name of figureNames)
          if (was[name] !== is[name]) why.get(name)!.push({ ...act, by: is[name] - was[name] });
      }
    }
    const now = sum([...this.rows.values()]);
    const issues = [...touched]
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([id, { before, acts }]) => this.issue(id, before, acts));
    return {
      issues,
      figures: figureNames.map((name) => ({ name, then: then[name], now: now[name], why: why.get(name)! })),
    };
  }

  private issue(issueId: string, before: LedgerRow | undefined, acts: readonly Act[]): ChangedIssue {
    const row = this.rows.get(issueId)!;
    const { number, title, unitName } = row;
    const factsOf = ({ status, due }: LedgerRow) => ({ status, due });
    return {
      ...{ issueId, number, title, unitName, acts },
      ...(before?.known === 1 && { then: factsOf(before) }),
      ...(row.known === 1 && { now: factsOf(row) }),
    };
  }

  private fold(event: NonNullable<Spoken['published']>) {
    return ledger.keys(event).map((id) => {
      const before = this.rows.get(id);
      const after = ledger.evolve(before, event, id)!;
      this.rows.set(id, after);
      return { id, before, after };
    });
  }
}

function actOf({ address, published }: Spoken): Act {
  const { id, at, agency, type } = published!;
  const row = timeline.evolve(undefined, published!, id);
  return { address, at, agency, label: row?.label ?? type, who: row?.who ?? '' };
}

function figuresOf(row: LedgerRow | undefined): Figures {
  const all: Figures = {
    ...{
      issues: 0,
      registered: 0,
      claimed: 0,
      rectifying: 0,
      closeOutRequested: 0,
      substantiallyDone: 0,
      closedOut: 0,
    },
    ...{ measures: 0, evidence: 0, returns: 0 },
  };
  if (row?.known !== 1) return all;
  const { status, measures, evidence, returns } = row;
  return { ...all, measures, evidence, returns, issues: 1, [status]: 1 };
}

function sum(rows: readonly LedgerRow[]): Figures {
  const all = figuresOf(undefined);
  for (const row of rows) {
    const figures = figuresOf(row);
    for (const name of figureNames) all[name] += figures[name];
  }
  return all;
}
