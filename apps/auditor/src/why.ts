// Why an issue stands where it stands: each event about it in causal order, by whom, which rule let it pass, what its
// author knew of the others then, and who has witnessed it. Nothing of it is believed that the logs do not prove.
import type { Agency, Basis } from '#kernel/envelope';
import { conditions, grounds, passing } from '#contracts/grounds';
import type { PassingRule } from '#contracts/grounds';
import { isPublishedType } from '#contracts/events';
import { permissions } from '#contracts/roles';
import type { ActingRole } from '#contracts/roles';
import { labelOfType } from '#joint/ledger/event-words';
import { timeline } from '#joint/ledger/timeline';
import { fromHex } from '#tlog/bytes';
import { verifyInclusion } from '#tlog/merkle';
import { hostOf } from '#tlog/policy';
import { inclusionProofs } from '#tlog/prove';
import { aboutIssue } from './about-issue';
import type { AboutIssue, Registration, RoundOpened } from './about-issue';
import { causally, saw } from './causal-order';
import type { Placed } from './causal-order';
import { logLine } from './readings';
import type { LogLine, ReadLog } from './readings';
import type { Finding } from './sentences';
import { agencyOf } from './speaker';
import type { Spoken } from './speaker';
import { gravestOf } from './verify';
import type { AuditOptions } from './verify';

/** An entry about the issue in another log. */
export type Told = { readonly index: number; readonly label: string; readonly at: string };

/** What the author of an event knew of one other log. */
export interface Knew {
  readonly origin: string;
  readonly agency: Agency | undefined;
  /** Entries of that log that he had. */
  readonly size: number;
  /** The last of them about this issue. */
  readonly last?: Told;
  /** About this issue, recorded by then and not yet known to him. */
  readonly missed: readonly Told[];
}

export interface WitnessedBy {
  readonly name: string;
  readonly agency: Agency | undefined;
  /** RFC 3339 UTC, as the witness states it: no later than this the entry stood there. */
  readonly at: string;
  /** Size of the earliest checkpoint at hand that it signed and that covers the entry. */
  readonly size: number;
}

export interface WhyEvent {
  /** Recorded time, RFC 3339 UTC. */
  readonly at: string;
  readonly agency: Agency | undefined;
  readonly actor: { readonly name: string; readonly role: string };
  readonly type: string;
  readonly label: string;
  /** What it says, in the words of the ledger. */
  readonly words: string;
  /** The person whose decision the service itself recorded here. */
  readonly decidedBy?: string;
  /** Missing for a type unknown here. */
  readonly ground?: {
    readonly meaning: string;
    /** Missing for what the service tells of itself. */
    readonly rule?: PassingRule;
    readonly name: string;
    readonly conditions: readonly string[];
    /** May this role ask for it, by the rights of today? */
    readonly roleFits: boolean;
    /** Article or document of the terms, where a date is measured by them. */
    readonly article?: string;
  };
  readonly address: Basis;
  readonly cause?: Basis & { readonly label?: string };
  readonly knew: readonly Knew[];
  readonly witnessed: readonly WitnessedBy[];
}

export type WhyResult = {
  readonly ok: boolean;
  readonly logs: readonly LogLine[];
  readonly faults: readonly Finding[];
  /** Missing when a log did not verify. */
  readonly why?: {
    readonly issueId: string;
    readonly registration?: Registration;
    readonly ruleSet?: RoundOpened['ruleSet'];
    readonly events: readonly WhyEvent[];
  };
} & ({ readonly verdict: 'WHOLE' } | Finding);

type Line = Placed & Spoken;
const LAST_SECOND = 253_402_300_799n;

/** @throws PolicyFault or BadTarget for wrong usage; everything else is in the result */
export async function why(targets: readonly string[], name: string, options: AuditOptions = {}): Promise<WhyResult> {
  const about = await aboutIssue(targets, name, options);
  const { issueId, registration, round } = about;
  const logs = about.logs.map(logLine);
  const failed = gravestOf(about.faults);
  if (failed) return { ok: false, logs, faults: about.faults, ...failed };
  const lines = about.entries.map((spoken): Line => ({ ...spoken, ...spoken.address }));
  const { order, loop } = causally(lines);
  const faults = [...about.findings, ...(loop ? [circle(loop)] : []), ...(await falseCauses(order, about.logs))];
  const events = order.map((line) => eventOf(line, order, about));
  const made = { issueId, ...(registration && { registration }), ...(round && { ruleSet: round.ruleSet }), events };
  const worst = gravestOf(faults);
  return worst
    ? { ok: false, logs, ...worst, faults, why: made }
    : { ok: true, verdict: 'WHOLE', logs, faults, why: made };
}

function circle({ origin, index }: Line): Finding {
  const what = '与另一日志的条目互称已见过对方,两者不可能都真';
  return {
    verdict: 'INVALID',
    origin,
    index,
    what,
    reason: 'it and an entry of another log claim to have seen one another',
  };
}

/** A cause names its log, index and hash: each one that can be looked up is. */
async function falseCauses(order: readonly Line[], logs: readonly ReadLog[]): Promise<Finding[]> {
  const findings: Finding[] = [];
  for (const line of order) {
    const cause = causeOf(line);
    const log = logs.find(({ origin }) => origin === cause?.origin);
    if (!cause || !log) continue;
    const { origin, index } = line;
    if (cause.index >= log.size) {
      const what = `所依据的 ${cause.origin} 第 ${cause.index} 条不在给出的 ${log.size} 条之内,无法核对`;
      findings.push({
        verdict: 'PARTIAL',
        origin,
        index,
        what,
        reason: 'the entry that it answers is not in the log given',
      });
    } else if (!(await stands(cause, log))) {
      const what = `所依据的 ${cause.origin} 第 ${cause.index} 条与该日志所载不符`;
      findings.push({ verdict: 'INVALID', origin, index, what, reason: 'the entry that it answers is another one' });
    }
  }
  return findings;
}

async function stands({ index, hash }: Basis, { place, size, root }: ReadLog): Promise<boolean> {
  if (!/^[0-9a-f]{64}$/.test(hash)) return false;
  const [proof] = await inclusionProofs(place, BigInt(size), [BigInt(index)]);
  return verifyInclusion(BigInt(index), BigInt(size), fromHex(hash), proof!, root);
}

/** The act in another log that this one answers; a recorded verdict names it in its data as well. */
function causeOf({ entry, published }: Spoken): Basis | undefined {
  return entry.cause ?? (published?.data['basis'] as Basis | undefined);
}

function eventOf(line: Line, order: readonly Line[], { logs, round }: AboutIssue): WhyEvent {
  const { entry, address, published } = line;
  const { at, actor, type } = entry;
  const row = published && timeline.evolve(undefined, published, published.id);
  const cause = causeOf(line);
  const caused = cause && order.find(({ origin, index }) => origin === cause.origin && index === cause.index);
  const own = row && actor.role === 'system' && row.who !== '系统' ? { decidedBy: row.who } : {};
  const ground = published && groundOf(type, actor.role, round);
  return {
    at,
    agency: published?.agency ?? agencyOf(line.origin),
    actor: { name: actor.name, role: actor.role },
    type,
    label: row?.label ?? labelOfType(type) ?? type,
    words: row?.words ?? '',
    ...own,
    ...(ground && { ground }),
    address,
    ...(cause && {
      cause: { ...cause, ...(caused && { label: labelOfType(caused.entry.type) ?? caused.entry.type }) },
    }),
    knew: knewOf(line, order, logs),
    witnessed: witnessedBy(line, logs),
  };
}

function groundOf(type: string, role: string, round: RoundOpened | undefined): WhyEvent['ground'] {
  if (!isPublishedType(type)) return undefined;
  const { meaning, rules, service, terms } = grounds[type];
  if (service !== undefined) return { meaning, name: service, conditions: [], roleFits: role === 'system' };
  const mayAsk = (each: PassingRule) => permissions[each]?.includes(role as ActingRole) === true;
  const rule = rules.find(mayAsk) ?? rules[0]!;
  const { name, demands } = passing[rule];
  const article = terms && round?.ruleSet.source;
  return {
    ...{ meaning, rule, name },
    conditions: demands.map((code) => conditions[code]),
    roleFits: mayAsk(rule),
    ...(article !== undefined && { article }),
  };
}

function knewOf(line: Line, order: readonly Line[], logs: readonly ReadLog[]): Knew[] {
  const { seen, at } = line.entry;
  const origins = new Set([...logs.map(({ origin }) => origin), ...Object.keys(seen)]);
  origins.delete(line.origin);
  const told = ({ index, entry }: Line): Told => {
    return { index, label: labelOfType(entry.type) ?? entry.type, at: entry.at };
  };
  return [...origins].map((origin) => {
    const theirs = order.filter((each) => each.origin === origin);
    const last = theirs.filter((each) => saw(line, each)).at(-1);
    const missed = theirs.filter((each) => !saw(line, each) && each.entry.at <= at);
    return {
      origin,
      agency: agencyOf(origin),
      size: seen[origin] ?? 0,
      ...(last && { last: told(last) }),
      missed: missed.map(told),
    };
  });
}

function witnessedBy({ origin, index }: Line, logs: readonly ReadLog[]): WitnessedBy[] {
  const covering = (logs.find((log) => log.origin === origin)?.checkpoints ?? []).filter(({ size }) => size > index);
  const found = new Map<string, WitnessedBy & { readonly time: bigint }>();
  for (const { size, cosignatures } of covering) {
    for (const { key, time } of cosignatures) {
      const before = found.get(key.name);
      // The witness of the log's own host is the log's own voice, and a time beyond the calendar says nothing.
      if (hostOf(key.name) === hostOf(origin) || time > LAST_SECOND || (before && before.time <= time)) continue;
      const at = new Date(Number(time) * 1000).toISOString();
      found.set(key.name, { name: key.name, agency: agencyOf(key.name), at, size: Number(size), time });
    }
  }
  return [...found.values()].sort((a, b) => (a.time < b.time ? -1 : 1)).map(({ time: _, ...by }) => by);
}
