// How the APIs of all three agencies read joint lines: visible ones only, with names and days filled in.
import { Refused } from '#kernel/decider';
import type { IssuePage, LedgerLine, RoundLine } from '#contracts/answers';
import type { Action } from '#contracts/answers';
import type { WitnessStatus } from '#contracts/witnesses';
import type { Addresses } from '#chassis/addresses';
import type { Files } from '#chassis/files';
import type { Person } from '#chassis/person';
import type { Reads } from '#chassis/reads';
import type { LedgerRow, ListedRow } from './ledger';
import { ledger } from './ledger';
import { lineOf } from './line';
import type { PageParts, Unpublished } from './page';
import { pageOf } from './page';
import type { Paged } from './query';
import { receiptEvents, roundLineOf, rounds } from './rounds';
import { timeline } from './timeline';
import type { Condition } from './visible';
import type { ExportedRow } from './workbook';
import { visibleRounds, visibleTo } from './visible';
import type { IssuePlace } from './witnessed.api';
import { placesOf, statusesOf, witnessedEvents, witnessedIssues } from './witnessed.api';

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
  ...(['id', 'roundId', 'unitId', 'unitName', 'number', 'title', 'topic', 'class', 'kind', 'special'] as const),
  ...(['status', 'due', 'leadLeader', 'department', 'person', 'measures', 'evidence', 'returns'] as const),
  ...(['attempt', 'closedOn', 'decided'] as const),
] satisfies (keyof ListedRow)[];

export type ListedPage = { readonly rows: readonly ListedRow[]; readonly places: readonly IssuePlace[] };

/**
 * Rows of a list, without what only the page of one issue shows, and where their events lie. One statement, and one
 * text as its answer: fifty rows of twenty columns cost the service more to take apart than to find.
 */
export async function listedPage(reads: Reads, { where, parameters, order, tail }: Paged): Promise<ListedPage> {
  const values = [...parameters];
  const own = `$${values.push(reads.origins()[0])}`;
  const table = reads.table(ledger);
  // The ids come out of an index alone; only then are rows touched, which lie anywhere and are large.
  const keys = `select id from ${table} where ${where} ${tail}`;
  const [page] = await reads.query<ListedPage>(
    `with page as materialized
       (select ${reads.columns(ledger, listed)} from ${table} where id in (${keys}) ${order})
     select (select coalesce(json_agg(page), '[]') from page) as rows,
       (select coalesce(json_agg(place), '[]') from
         (${placesOf(reads, 'select id from page', own)}) as place) as places`,
    values,
  );
  return page ?? { rows: [], places: [] };
}

const exported = (Object.keys(ledger.columns) as (keyof LedgerRow)[]).filter(
  (name): name is keyof ExportedRow => name !== 'words' && name !== 'grams',
);

/** Rows of a page as a file shows them: hundreds of pairs a line, only ever searched by, are the dearest to read. */
export function exportedRows(reads: Reads, page: Paged): Promise<ExportedRow[]> {
  return reads.some(ledger, exported, page);
}

/** Lines of rows from such a page. */
export async function listedLines(
  reads: Reads,
  rows: readonly ListedRow[],
  { places }: Pick<ListedPage, 'places'>,
  today: string,
): Promise<LedgerLine[]> {
  return linesWith(rows, await roundNames(reads), statusesOf(reads, places), today);
}

export async function linesOf(reads: Reads, rows: readonly ListedRow[], today: string): Promise<LedgerLine[]> {
  const ids = rows.map(({ id }) => id);
  const [names, witnessed] = await Promise.all([roundNames(reads), witnessedIssues(reads, ids)]);
  return linesWith(rows, names, witnessed, today);
}

function linesWith(
  rows: readonly ListedRow[],
  names: ReadonlyMap<string, string>,
  witnessed: ReadonlyMap<string, WitnessStatus>,
  today: string,
): LedgerLine[] {
  return rows.map((row) => lineOf(row, names.get(row.roundId) ?? '', today, witnessed.get(row.id) ?? 'recorded'));
}

/** How many lines meet a condition, up to a limit. Asked again with every page of a list: kept while no row changes. */
export async function countedUpTo(reads: Reads, { where, parameters }: Condition, limit: number): Promise<number> {
  const lines = `select 1 from ${reads.table(ledger)} where ${where} limit ${limit}`;
  const text = `select count(*) as total from (${lines}) as counted`;
  return reads.whileUnchanged([ledger], [text, parameters], async () => {
    const [counted] = await reads.query<{ total: string }>(text, parameters);
    return Number(counted?.total);
  });
}

/** Share of the lines from which a walk of them finds a word sooner than the index of pairs does. */
const commonShare = 0.1;

/** Words of one or two characters that stand on many lines, by PostgreSQL's statistics: to choose by. */
export function commonWords(reads: Reads): Promise<ReadonlySet<string>> {
  return reads.whileUnchanged([ledger], ['common words'], async () => {
    const common = await reads.query<{ word: string }>(
      `select word from pg_stats,
         unnest(most_common_elems::text::text[], most_common_elem_freqs) as common (word, share)
       where format('%I.%I', schemaname, tablename) = $1 and attname = 'grams' and share >= $2 and word is not null`,
      [reads.table(ledger), commonShare],
    );
    return new Set(common.map(({ word }) => word));
  });
}

/** Newest first. */
export async function roundLines(reads: Reads, who: Person): Promise<RoundLine[]> {
  const rows = await reads.rows(rounds, 'known = 1', [], 'order by year desc, id desc');
  const witnessed = await witnessedEvents(reads, rows.flatMap(receiptEvents));
  const lines = rows.map((row) => roundLineOf(row, witnessed)).filter((line) => line !== undefined);
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
