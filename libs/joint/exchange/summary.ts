// A ledger in a few hundred bytes: how many issues stand in each state, and a digest for each of 256 groups of issues, so
// that two ledgers are compared without showing them, and a difference leads to the issues that it concerns.
import type { IssueStatus } from '#contracts/answers';
import { canonicalize } from '#kernel/canonical-json';
import { toHex, utf8 } from '#tlog/bytes';
import { sha256 } from '#tlog/sha256';
import type { Recount, TotalledRow } from '../history/totals';
import { statusWords } from '#contracts/words.zh';

/** What an agency says of its ledger at stated sizes of the logs. */
export type Summary = {
  readonly states: Readonly<Record<string, number>>;
  /** By the first byte of SHA-256 of the issue's id, two hex digits; groups without an issue are left out. */
  readonly groups: Readonly<Record<string, string>>;
};

/** The first record that a difference concerns; `issueId` is absent when no log tells of any issue of the group. */
export type Apart = {
  readonly issueId?: string;
  readonly number?: string;
  readonly origin?: string;
  readonly index?: number;
};

const digestLength = 16;

/** @param rows of a ledger; those that are only announced do not count */
export function summaryOf(rows: readonly TotalledRow[]): Summary {
  const known = rows.filter((row) => row.known !== 0);
  const count = (status: IssueStatus) => known.filter((row) => row.status === status).length;
  const states = Object.fromEntries(
    (Object.keys(statusWords) as IssueStatus[]).map((status) => [status, count(status)]),
  );
  const byGroup = new Map<string, TotalledRow[]>();
  for (const row of known) byGroup.set(groupOf(row.id), [...(byGroup.get(groupOf(row.id)) ?? []), row]);
  const names = [...byGroup.keys()].sort();
  return { states, groups: Object.fromEntries(names.map((name) => [name, digestOf(byGroup.get(name) ?? [])])) };
}

/** @returns undefined when the two say the same */
export function apartOf(said: Summary, recount: Recount): Apart | undefined {
  const rows = [...recount.rows.values()].filter((row) => row.known !== 0);
  const own = summaryOf(rows);
  const names = new Set([...Object.keys(said.groups), ...Object.keys(own.groups)]);
  const groups = [...names].filter((name) => said.groups[name] !== own.groups[name]);
  const states = new Set([...Object.keys(said.states), ...Object.keys(own.states)]);
  const counted = [...states].every((state) => (said.states[state] ?? 0) === (own.states[state] ?? 0));
  if (groups.length === 0 && counted) return undefined;
  const candidates = rows
    .filter(({ id }) => groups.includes(groupOf(id)))
    .map(({ id, number }) => ({ id, number, last: recount.last.get(id) }))
    .sort((a, b) => ((a.last?.at ?? '') < (b.last?.at ?? '') ? -1 : 1));
  const [first] = candidates;
  if (!first) return {};
  const { id: issueId, number, last } = first;
  return { issueId, number, ...(last && { origin: last.origin, index: last.index }) };
}

function groupOf(id: string): string {
  return toHex(sha256(utf8(id))).slice(0, 2);
}

function digestOf(rows: readonly TotalledRow[]): string {
  const lines = [...rows].sort((a, b) => (a.id < b.id ? -1 : 1)).map((row) => `${canonicalize(fieldsOf(row))}\n`);
  return toHex(sha256(utf8(lines.join('')))).slice(0, digestLength);
}

function fieldsOf({ id, number, status, due, measures, evidence, attempt, returns, closedOn }: TotalledRow) {
  return { id, number, status, due, measures, evidence, attempt, returns, closedOn };
}
