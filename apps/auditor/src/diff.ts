// Two states of the same logs: is one the beginning of the other, and what changed in the ledger between them. The states
// come from two places, or from one place at two dates.
import type { Agency } from '#kernel/envelope';
import { isCivilDate } from '#kernel/working-days';
import { leafHash } from '#tlog/merkle';
import { HASH_SIZE } from '#tlog/sha256';
import { parseCheckpoint } from '#tlog/checkpoint';
import { parseNote } from '#tlog/note';
import { LedgerChanges } from './ledger-changes';
import type { Changes } from './ledger-changes';
import { readLogs } from './readings';
import type { OnEntry, ReadLog } from './readings';
import type { Finding } from './sentences';
import { BadTarget, placeOf } from './sources';
import { missingAgencies, Speaker } from './speaker';
import { gravestOf } from './verify';
import type { AuditOptions } from './verify';

/** One log in both states. */
export interface ComparedLog {
  readonly origin: string;
  readonly agency: Agency | undefined;
  /** Entries that both have, and entries that the longer one has. */
  readonly then: number;
  readonly now: number;
  readonly longer: 'neither' | 'first' | 'second';
  /** First index at which they differ: two histories. */
  readonly differs?: number;
}

export type DiffResult = {
  readonly ok: boolean;
  readonly logs: readonly ComparedLog[];
  readonly faults: readonly Finding[];
  /** Missing when a log does not verify, or when the two are forks. */
  readonly changes?: Changes;
} & ({ readonly verdict: 'WHOLE' } | Finding);

/** @throws PolicyFault or BadTarget for wrong usage; everything else is in the result */
export async function diffMirrors(
  first: readonly string[],
  second: readonly string[],
  options: AuditOptions = {},
): Promise<DiffResult> {
  const [one, other] = [await sizesOf(first, options), await sizesOf(second, options)];
  const common = new Map(
    [...one].flatMap(([origin, size]) =>
      other.has(origin) ? [[origin, Math.min(size, other.get(origin)!)] as const] : [],
    ),
  );
  const changes = new LedgerChanges();
  const here = new Side(changes, (origin, index) =>
    index < (common.get(origin) ?? 0) ? 'before' : common.has(origin) ? 'after' : 'aside',
  );
  const read = await readLogs(first, options, (origin) => here.log(origin));
  const there = new Side(changes, (origin, index) =>
    common.has(origin) && index >= Math.max(common.get(origin)!, here.sizeOf(origin)) ? 'after' : 'aside',
  );
  const { logs, faults } = await readLogs(second, options, (origin) => there.log(origin));
  const bad = [...read.faults, ...faults];
  if (bad.length > 0) return ended([], bad);
  const pairs = logs.filter(({ origin }) => here.leaves.has(origin));
  const compared = pairs.map(({ origin }): ComparedLog => {
    const [a, b] = [here.leaves.get(origin)!, there.leaves.get(origin)!];
    const differs = a.firstDifference(b);
    const longer = a.count === b.count ? 'neither' : a.count > b.count ? 'first' : 'second';
    const sizes = { then: common.get(origin)!, now: Math.max(a.count, b.count) };
    return {
      origin,
      agency: there.speakers.get(origin)!.agency,
      ...sizes,
      longer,
      ...(differs !== undefined && { differs }),
    };
  });
  const forks = compared.flatMap(({ origin, differs }) => (differs === undefined ? [] : [fork(origin, differs)]));
  if (forks.length > 0) return ended(compared, forks);
  const speakers = pairs.map(({ origin }) => [here, there].map((side) => side.speakers.get(origin)!));
  const findings = [...onOneSide([...read.logs, ...logs], pairs), ...mixed(compared)];
  return ended(
    compared,
    [...findings, ...findingsOf(speakers.flat()), ...missingAgencies(speakers.map(([one]) => one!))],
    changes.made(),
  );
}

/**
 * @param dates each `YYYY-MM-DD`, to the end of that day in Beijing, or an RFC 3339 time; the earlier first
 * @throws PolicyFault or BadTarget for wrong usage; everything else is in the result
 */
export async function diffDates(
  targets: readonly string[],
  dates: readonly [string, string],
  options: AuditOptions = {},
): Promise<DiffResult> {
  const [then, now] = dates.map(endOf) as [number, number];
  if (then >= now) throw new BadTarget(`--at ${dates[0]} 须早于 --and ${dates[1]}`);
  const changes = new LedgerChanges();
  const sizes = new Map<string, { then: number; now: number }>();
  // What was recorded by then is the longest beginning of the log without a later time in it: a log is cut, not picked from.
  const side = new Side(changes, (origin, index, at) => {
    const size = sizes.get(origin) ?? { then: 0, now: 0 };
    sizes.set(origin, size);
    const time = at === undefined ? -Infinity : Date.parse(at);
    if (size.then === index && time < then) size.then = index + 1;
    if (size.now === index && time < now) size.now = index + 1;
    return index < size.then ? 'before' : index < size.now ? 'after' : 'aside';
  });
  const { logs, faults } = await readLogs(targets, options, (origin) => side.log(origin));
  if (faults.length > 0) return ended([], faults);
  const speakers = [...side.speakers.values()];
  const compared = logs.map(({ origin }): ComparedLog => {
    const size = sizes.get(origin) ?? { then: 0, now: 0 };
    const longer = size.then === size.now ? 'neither' : 'second';
    return { origin, agency: side.speakers.get(origin)!.agency, ...size, longer };
  });
  return ended(compared, [...findingsOf(speakers), ...missingAgencies(speakers)], changes.made());
}

function ended(logs: readonly ComparedLog[], faults: readonly Finding[], changes?: Changes): DiffResult {
  const worst = gravestOf(faults);
  const made = changes && { changes };
  return worst ? { ok: false, logs, ...worst, faults, ...made } : { ok: true, verdict: 'WHOLE', logs, faults, ...made };
}

type Part = 'before' | 'after' | 'aside';

/** One reading of some logs: the leaf hashes, and the entries handed on by the part that they belong to. */
class Side {
  readonly leaves = new Map<string, Leaves>();
  readonly speakers = new Map<string, Speaker>();

  constructor(
    private readonly changes: LedgerChanges,
    private readonly partOf: (origin: string, index: number, at: string | undefined) => Part,
  ) {}

  log(origin: string): OnEntry {
    const [leaves, speaker] = [new Leaves(), new Speaker(origin)];
    this.leaves.set(origin, leaves);
    this.speakers.set(origin, speaker);
    return (bytes, index) => {
      leaves.add(leafHash(bytes));
      const spoken = speaker.read(bytes, index);
      const part = this.partOf(origin, index, spoken?.entry.at);
      if (spoken && part !== 'aside') this.changes[part](spoken);
    };
  }

  sizeOf(origin: string): number {
    return this.leaves.get(origin)?.count ?? 0;
  }
}

/** Leaf hashes end to end: 32 bytes an entry. */
class Leaves {
  count = 0;
  private bytes = new Uint8Array(1024 * HASH_SIZE);

  add(leaf: Uint8Array): void {
    if (this.bytes.length === this.count * HASH_SIZE) {
      const more = new Uint8Array(2 * this.bytes.length);
      more.set(this.bytes);
      this.bytes = more;
    }
    this.bytes.set(leaf, this.count++ * HASH_SIZE);
  }

  /** Index of the first leaf that is another one; undefined when the shorter is the beginning of the longer. */
  firstDifference(other: Leaves): number | undefined {
    const end = Math.min(this.count, other.count) * HASH_SIZE;
    for (let at = 0; at < end; at++) if (this.bytes[at] !== other.bytes[at]) return Math.floor(at / HASH_SIZE);
    return undefined;
  }
}

/** Sizes as the logs say, before anything is verified: they only decide up to where both are read as the state then. */
async function sizesOf(targets: readonly string[], { patience }: AuditOptions): Promise<Map<string, number>> {
  const found = await Promise.all(
    targets.map(async (target): Promise<[string, number][]> => {
      try {
        const { origin, size } = parseCheckpoint(parseNote(await (await placeOf(target, patience)).checkpoint()).text);
        return [[origin, Number(size)]];
      } catch (error) {
        if (error instanceof BadTarget) throw error;
        // What is wrong with it is said when it is read.
        return [];
      }
    }),
  );
  return new Map(found.flat());
}

/** The same entry set aside in both is one finding. */
function findingsOf(speakers: readonly Speaker[]): Finding[] {
  const all = speakers.flatMap((speaker) => speaker.findings);
  return all.filter(
    (each, n) => all.findIndex(({ origin, what }) => origin === each.origin && what === each.what) === n,
  );
}

function fork(origin: string, index: number): Finding {
  const what = '两份日志从这一条起不同,各自都有该机关的签名:这是分叉';
  return {
    verdict: 'DIVERGED',
    origin,
    index,
    what,
    reason: 'from this entry on the two are different, each signed by the log',
  };
}

function onOneSide(all: readonly ReadLog[], pairs: readonly ReadLog[]): Finding[] {
  const lone = all.filter(({ origin }) => !pairs.some((pair) => pair.origin === origin));
  return lone.map(({ origin }) => {
    return { verdict: 'PARTIAL', origin, what: '只在一边给出,未计入比较', reason: 'it was given on one side only' };
  });
}

/** Neither is the later one: then what both have is compared with what the two together have. */
function mixed(compared: readonly ComparedLog[]): Finding[] {
  const [ahead] = compared.filter(({ longer }) => longer === 'first');
  if (!ahead || !compared.some(({ longer }) => longer === 'second')) return [];
  const what = '两份互有先后:此日志第一份较长,另有日志第二份较长;以下比较的是两份共有的部分与两份合起来的全部';
  return [{ verdict: 'PARTIAL', origin: ahead.origin, what, reason: 'here the first is longer, elsewhere the second' }];
}

/** First millisecond after it. */
function endOf(date: string): number {
  if (isCivilDate(date)) return Date.parse(`${date}T00:00:00+08:00`) + 86_400_000;
  const time = /T.*(Z|[+-]\d\d:\d\d)$/.test(date) ? Date.parse(date) : NaN;
  if (Number.isNaN(time)) throw new BadTarget(`“${date}”不是日期,应为 2026-03-02 或 2026-03-02T08:00:00+08:00`);
  return time + 1;
}
