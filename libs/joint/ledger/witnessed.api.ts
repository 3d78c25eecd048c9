// Which issues the witnesses stand by, read from where their events lie in the signed logs.
import type { WitnessStatus } from '#contracts/witnesses';
import type { Reads } from '#chassis/reads';
import { closing, timeline } from './timeline';
import { leastOf, statusAt } from './witnessed';

/** The last place in one log of an issue's events; nulls while they have none. */
export type IssuePlace = {
  readonly issueId: string;
  readonly origin: string | null;
  readonly index: string | number | null;
};

/**
 * Selects the places of issues.
 * @param issues what `in` takes: a subquery of ids
 * @param own placeholder of the own log's origin
 */
export function placesOf(reads: Reads, issues: string, own: string): string {
  return `select t.issue_id as "issueId", max(coalesce(l.index, i.index)) as index,
       case when l.index is not null then ${own} else i.origin end as origin
     from ${reads.table(timeline)} t
       left join log.entry l on l.id = t.id::uuid
       left join inbox.entry i on i.id = t.id::uuid and l.id is null
     where t.issue_id in (${issues}) group by 1, 3`;
}

/** Of each issue, how far its least witnessed event is witnessed. */
export async function witnessedIssues(reads: Reads, ids: readonly string[]): Promise<Map<string, WitnessStatus>> {
  if (ids.length === 0) return new Map();
  const sql = placesOf(reads, 'select unnest($1::text[])', '$2');
  return statusesOf(reads, await reads.query<IssuePlace>(sql, [ids, reads.origins()[0]]));
}

/** Of single events, by id; those in no log yet are missing. */
export async function witnessedEvents(reads: Reads, ids: readonly string[]): Promise<Map<string, WitnessStatus>> {
  if (ids.length === 0) return new Map();
  const rows = await reads.query<{ id: string; origin: string; index: string }>(
    `select i.id, i.origin, i.index from inbox.entry i where i.id = any($1::uuid[])
     union all
     select l.id, $2 as origin, l.index from log.entry l where l.id = any($1::uuid[])`,
    [ids, reads.origins()[0]],
  );
  const places = rows.map(({ id, origin, index }) => ({ issueId: id, origin, index }));
  return statusesOf(reads, places);
}

export function statusesOf(reads: Reads, places: readonly IssuePlace[]): Map<string, WitnessStatus> {
  const reaches = new Map(reads.origins().map((origin) => [origin, reads.standing.reach(origin)]));
  const reachOf = (origin: string) => reaches.get(origin) ?? reads.standing.reach(origin);
  const statuses = new Map<string, WitnessStatus[]>();
  for (const { issueId, origin, index } of places) {
    const place = origin === null || index === null ? undefined : { origin, index: Number(index) };
    statuses.set(issueId, [...(statuses.get(issueId) ?? []), statusAt(place, reachOf)]);
  }
  return new Map([...statuses].map(([id, each]) => [id, leastOf(each)]));
}

/**
 * A subquery of the ids of issues whose closing is not final.
 * @param bind adds a parameter and gives its placeholder
 */
export function closingsNotFinal(reads: Reads, bind: (value: unknown) => string): string {
  const origins = reads.origins();
  const final = origins.map((origin) => Math.min(reads.standing.reach(origin).final, Number.MAX_SAFE_INTEGER));
  const reach = `unnest(${bind(origins)}::text[], ${bind(final)}::bigint[]) as reach (origin, size)`;
  return `select t.issue_id from ${reads.table(timeline)} t where t.type = '${closing}' and not exists (
      select 1 from log.entry l join ${reach} on reach.origin = ${bind(origins[0])}
      where l.id = t.id::uuid and l.index < reach.size)
    and not exists (
      select 1 from inbox.entry i join ${reach} on reach.origin = i.origin
      where i.id = t.id::uuid and i.index < reach.size)`;
}
