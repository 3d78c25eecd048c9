// The ledger 台账: one row an issue, the same function in all three agencies and in an auditor's replay.
import type { Published } from '#kernel/envelope';
import type { View } from '#kernel/view';
import type { IssueStatus, Tracks } from '#contracts/answers';
import type { IssueClass, IssueKind, IssueSpecial } from '#contracts/events';
import type { Authority } from '../close-out';
import type { Shown } from '../shown';
import { shown } from '../shown';
import { gramsOf, searchable } from './grams';
import type { AuthorityPart, OfficePart, Parts } from './parts';
import { authorityPart, officePart, standing } from './parts';

export type LedgerRow = {
  /** The issue's id; ids of one feedback sort in the order of its text. */
  readonly id: string;
  /** 1 once the inspection office's registration is here; until then a verifier's event has merely come early. */
  readonly known: number;
  readonly roundId: string;
  readonly feedbackId: string;
  readonly unitId: string;
  readonly unitName: string;
  readonly number: string;
  readonly title: string;
  readonly topic: string;
  readonly class: IssueClass;
  readonly kind: IssueKind;
  readonly special: IssueSpecial;
  readonly status: IssueStatus;
  readonly due: string;
  readonly leadLeader: string;
  readonly department: string;
  readonly person: string;
  readonly measures: number;
  readonly evidence: number;
  readonly returns: number;
  readonly attempt: number;
  readonly closedOn: string;
  readonly verifier: Authority;
  /** Recorded time of the verifier's last verdict; empty while there is none. */
  readonly verdictAt: string;
  /** What the verifier's verdict on the request at hand was; empty while there is none. */
  readonly decided: '' | Verdict['kind'];
  readonly words: string;
  readonly grams: readonly string[];
  readonly parts: Parts;
};

type Verdict = NonNullable<AuthorityPart['verdict']>;

/** What a line of a list is made of: without texts for search and without the parts, which are the dearest to read. */
export type ListedRow = Omit<
  LedgerRow,
  'known' | 'feedbackId' | 'verifier' | 'verdictAt' | 'words' | 'grams' | 'parts'
>;

export const ledger: View<LedgerRow> = {
  name: 'ledger',
  version: 4,
  columns: {
    id: 'text',
    known: 'integer',
    roundId: 'text',
    feedbackId: 'text',
    unitId: 'text',
    unitName: 'text',
    number: 'text',
    title: 'text',
    topic: 'text',
    class: 'text',
    kind: 'text',
    special: 'text',
    status: 'text',
    due: 'text',
    leadLeader: 'text',
    department: 'text',
    person: 'text',
    measures: 'integer',
    evidence: 'integer',
    returns: 'integer',
    attempt: 'integer',
    closedOn: 'text',
    verifier: 'text',
    verdictAt: 'text',
    decided: 'text',
    words: 'text',
    grams: 'texts',
    parts: 'json',
  },
  indexes: [
    // One for each order of a list, with all that a list is filtered by: pages are found without touching other rows.
    '(due, id) include (unit_id, round_id, status, class, special, known)',
    '(unit_id, id) include (due, round_id, status, class, special, known)',
    '(id) include (due, unit_id, round_id, status, class, special, known)',
    '(status, due, id) include (unit_id, round_id, class, special, known)',
    '(unit_id, due, id)',
    '(round_id, due, id)',
    '(verifier, verdict_at)',
    // All that lists and the overview count by, so that counting need not touch the rows.
    '(unit_id, status, due) include (round_id, class, special, unit_name, known)',
    'using gin (grams)',
    'using gin (words public.gin_trgm_ops)',
  ],
  keys(event) {
    const known = shown(event);
    return known && 'issueId' in known.data ? [known.data.issueId] : [];
  },
  evolve(row, event: Published, id) {
    const known = shown(event);
    if (!known) return row;
    const parts = withEvent(row?.parts ?? {}, known);
    return parts.inspection ? registeredRow(id, parts.inspection, parts, row) : unknownRow(id, parts);
  },
};

function withEvent(parts: Parts, event: Shown): Parts {
  switch (event.agency) {
    case 'inspection': {
      const inspection = officePart(parts.inspection, event);
      return inspection ? { ...parts, inspection } : parts;
    }
    case 'commission':
    case 'organization':
      return { ...parts, [event.agency]: authorityPart(parts[event.agency], event) };
  }
}

function registeredRow(id: string, part: OfficePart, parts: Parts, before: LedgerRow | undefined): LedgerRow {
  const { registered, claim } = part;
  const { kind, special, verifier } = standing(part);
  const { roundId, feedbackId, unitId, unitName, number, title, text, group } = registered;
  const { leadLeader = '', department = '', person = '' } = claim ?? {};
  const verdict = parts[verifier]?.verdict;
  return {
    id,
    known: 1,
    ...{ roundId, feedbackId, unitId, unitName, number, title, topic: group },
    class: part.class,
    kind,
    special,
    status: part.status,
    due: part.due,
    ...{ leadLeader, department, person },
    measures: part.measures.length,
    evidence: part.evidence.length,
    returns: part.returns,
    attempt: part.attempt,
    closedOn: part.closedOn,
    verifier,
    verdictAt: verdict?.at ?? '',
    decided: verdict && verdict.attempt >= part.attempt ? verdict.kind : '',
    ...(saidOf(before, part) ?? searchedBy([number, title, text, group, unitName, leadLeader, department, person])),
    parts,
  };
}

type Searched = Pick<LedgerRow, 'words' | 'grams'>;

function searchedBy(words: readonly string[]): Searched {
  const said = words.join('\n');
  return { words: searchable(said), grams: gramsOf(said) };
}

/** Most events change nothing that is searched, and the pairs of a text are the dearest part of its row. */
function saidOf(before: LedgerRow | undefined, { registered, claim }: OfficePart): Searched | undefined {
  if (before?.parts.inspection?.registered !== registered) return undefined;
  const { leadLeader = '', department = '', person = '' } = claim ?? {};
  const same = before.leadLeader === leadLeader && before.department === department && before.person === person;
  return same ? { words: before.words, grams: before.grams } : undefined;
}

function unknownRow(id: string, parts: Parts): LedgerRow {
  return {
    id,
    known: 0,
    ...{ roundId: '', feedbackId: '', unitId: '', unitName: '', number: '', title: '', topic: '' },
    ...{ class: 'timeLimited', kind: 'single', special: 'none', status: 'registered' },
    ...{ due: '', leadLeader: '', department: '', person: '', closedOn: '', verdictAt: '', decided: '', words: '' },
    ...{ measures: 0, evidence: 0, returns: 0, attempt: 0 },
    verifier: 'commission',
    grams: [],
    parts,
  };
}

/** Said by the unit, verified by an agency, sampled on site: three tracks that never mix (contexts.md F3). */
export function tracksOf({ status, attempt, decided }: Pick<LedgerRow, 'status' | 'attempt' | 'decided'>): Tracks {
  const reported = status === 'closeOutRequested' || status === 'substantiallyDone' || status === 'closedOut';
  return {
    unit: reported ? 'reportedDone' : 'open',
    agency: decided || (attempt > 0 ? 'waiting' : 'none'),
    site: 'notSampled',
  };
}
