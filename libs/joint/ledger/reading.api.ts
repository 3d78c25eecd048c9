// How the APIs of all three agencies read joint lines: visible ones only, with names and days filled in.
import { Refused } from '#kernel/decider';
import type { IssuePage, LedgerLine, RoundLine } from '#contracts/answers';
import type { Action } from '#contracts/answers';
import type { Addresses } from '#chassis/addresses';
import type { Files } from '#chassis/files';
import type { Person } from '#chassis/person';
import type { Reads } from '#chassis/reads';
import type { LedgerRow, ListedRow } from './ledger';
import { ledger } from './ledger';
import { lineOf } from './line';
import type { PageParts, Unpublished } from './page';
import { pageOf } from './page';
import { roundLineOf, rounds } from './rounds';
import { timeline } from './timeline';
import type { Condition } from './visible';
import { visibleRounds, visibleTo } from './visible';
import { witnessedIssues } from './witnessed.api';

type VisibleRow = PageParts['row'];

/** @throws Refused `record.none`, the same for what does not exist and for what the person may not see */
export async function visibleRow(reads: Reads, who: Person, issueId: string): Promise<VisibleRow> {
  const { where, parameters } = visibleTo(who);
  const place = parameters.length + 1;
  const [row] = await reads.rows(ledger, `${where} and id = $${place}`, [...parameters, issueId]);
  const office = row?.parts.inspection;
  if (!row || !office) throw new Refused('record.none');
  return { ...row, parts: { ...row.parts, inspection: office } };
}

/** Visible rows that also meet a condition, whose parameters are numbered from `$1`. */
export function visibleRows(reads: Reads, who: Person, condition: Condition, tail: string): Promise<LedgerRow[]> {
  const { where, parameters } = visibleTo(who);
  const moved = condition.where.replace(/\$(\d+)/g, (_, n: string) => `$${Number(n) + parameters.length}`);
  return reads.rows(ledger, `${where} and (${moved})`, [...parameters, ...condition.parameters], tail);
}

const listed = [
  ...(['id', 'known', 'roundId', 'feedbackId', 'unitId', 'unitName', 'number', 'title', 'topic'] as const),
  ...(['class', 'kind', 'special', 'status', 'due', 'leadLeader', 'department', 'person'] as const),
  ...(['measures', 'evidence', 'returns', 'attempt', 'closedOn', 'verifier'] as const),
];
const verdictOf = `, case when parts ? verifier then jsonb_build_object(verifier,
  jsonb_build_object('verdict', parts -> verifier -> 'verdict')) else '{}' end as parts`;

/** Rows of a list, without what only the page of one issue shows. */
export async function listedRows(reads: Reads, condition: Condition, tail: string): Promise<ListedRow[]> {
  const rows = await reads.some(ledger, listed, { ...condition, tail }, verdictOf);
  return rows as unknown as ListedRow[];
}

export async function linesOf(reads: Reads, rows: readonly ListedRow[], today: string): Promise<LedgerLine[]> {
  const [names, witnessed] = await Promise.all([
    roundNames(reads),
    witnessedIssues(
      reads,
      rows.map(({ id }) => id),
    ),
  ]);
  return rows.map((row) => lineOf(row, names.get(row.roundId) ?? '', today, witnessed.get(row.id) ?? 'recorded'));
}

/** Newest first. */
export async function roundLines(reads: Reads, who: Person): Promise<RoundLine[]> {
  const rows = await reads.rows(rounds, 'known = 1', [], 'order by year desc, id desc');
  const lines = rows.map(roundLineOf).filter((line) => line !== undefined);
  return visibleRounds(lines, who);
}

export type PageSources = { readonly reads: Reads; readonly files: Files; readonly addresses: Addresses };
export type PageFrom = {
  readonly today: string;
  readonly revision: number;
  readonly actions: readonly Action[];
  readonly unpublished?: Unpublished;
};

export async function issuePage(sources: PageSources, row: VisibleRow, from: PageFrom): Promise<IssuePage> {
  const { reads, files, addresses } = sources;
  const [names, entries, held] = await Promise.all([
    roundNames(reads),
    reads.rows(timeline, 'issue_id = $1', [row.id], 'order by at, turn, id'),
    heldOf(files, row),
  ]);
  const found = await addresses.find(entries.map(({ id }) => id));
  const first = entries[0] && found.get(entries[0].id);
  const since = first && (await reads.standing.firstWitnessed(first.origin, first.index));
  const standing = {
    reach: reads.standing.reach,
    since: since === undefined ? '' : new Date(since * 1000).toISOString(),
    peers: reads.standing.peers(),
  };
  const roundName = names.get(row.roundId) ?? '';
  const { unpublished = {} } = from;
  return pageOf({ ...from, row, roundName, timeline: entries, addresses: found, standing, held, unpublished });
}

async function heldOf(files: Files, row: VisibleRow): Promise<Set<string>> {
  const named = row.parts.inspection.evidence.map(({ sha256 }) => sha256);
  const here = await Promise.all(named.map((sha256) => files.has(sha256)));
  return new Set(named.filter((_, n) => here[n]));
}

/** Asked by every list: read once while the rounds stand still, and without their organisations. */
function roundNames(reads: Reads): Promise<Map<string, string>> {
  return reads.whileUnchanged([rounds], ['names'], async () => {
    const named = await reads.query<{ id: string; name: string }>(
      `select id, coalesce(opened ->> 'name', '') as name from ${reads.table(rounds)} where known = 1`,
    );
    return new Map(named.map(({ id, name }) => [id, name]));
  });
}
