// The check that the browser makes by itself: signatures, witnesses' lines and proofs, with the keys that the page shows.
// Pure, so that a byte changed on the way is a test and not a hope; what it finds is said by `sentences.ts`.
import type { Agency } from '#kernel/envelope';
import type { ProvenEntry, ProvenLog } from '#contracts/history';
import { equal, fromBase64, toBase64, utf8 } from '#tlog/bytes';
import { openCheckpoint } from '#tlog/checkpoint';
import type { OpenCheckpoint } from '#tlog/checkpoint';
import { readHandover, withHandovers } from '#tlog/handover';
import { formatVkey, parseVkey, turnsOf } from '#tlog/key';
import type { VerifierKey } from '#tlog/key';
import { leafHash, verifyConsistency, verifyInclusion } from '#tlog/merkle';
import { fingerprintOf } from '#tlog/policy-file';
import { Listener, refusedFrom, revocationsOf } from '#tlog/revocations';
import type { Word } from '#tlog/revocations';
import { satisfies } from '#tlog/quorum';

/** What this browser has verified of a log before. */
export type Remembered = {
  readonly size: number;
  /** base64 */
  readonly root: string;
  readonly vkey: string;
  /** RFC 3339. */
  readonly at: string;
};
export type MemoryOf = (origin: string) => Remembered | undefined;

export type FaultKind =
  | 'key' // not the key that this browser knows the log by
  | 'signature' // the checkpoint is not signed, or a witness's line does not hold
  | 'entry' // not what stands in the log at this index
  | 'subject' // about something else than was asked for
  | 'past' // what was seen before is not the beginning of what is shown now
  | 'shrunk' // what was seen before cannot be shown any more
  | 'revoked' // two agencies have revoked the key that alone has signed from this entry on
  | 'stopped'; // the services have found a contradiction

export type Fault = {
  readonly kind: FaultKind;
  readonly agency: Agency;
  readonly index?: number;
  readonly why: string;
};

export type CheckedEntry = {
  readonly origin: string;
  readonly index: number;
  readonly seen: Readonly<Record<string, number>>;
  readonly cause?: { readonly origin: string; readonly index: number };
};
export type CheckedLog = {
  readonly agency: Agency;
  readonly origin: string;
  /** `unknown`: the log's key is not known here yet, or it has signed nothing. */
  readonly state: 'checked' | 'unknown';
  readonly size: number;
  /** base64; empty while unknown. */
  readonly root: string;
  readonly vkey: string;
  /** SHA-256 of the public key, hex. */
  readonly fingerprint: string;
  readonly cosignatures: readonly {
    readonly name: string;
    readonly agency?: Agency;
    readonly fingerprint: string;
    /** RFC 3339 UTC, as the witness signed it. */
    readonly at: string;
  }[];
  /** Agencies whose line is missing under the checkpoint. */
  readonly missing: readonly Agency[];
  readonly enough: boolean;
  readonly entries: readonly CheckedEntry[];
  /** When the first of the entries was first witnessed; empty while it is not. RFC 3339 UTC. */
  readonly since: string;
  readonly before?: Remembered;
};
export type Checked = { readonly logs: readonly CheckedLog[]; readonly fault?: Fault };

class Finding extends Error {
  constructor(readonly fault: Fault) {
    super(fault.why);
  }
}

/**
 * @param issueId what the entries have to be about; undefined where there are none
 * @returns the logs that were found sound, and the first fault that was met
 */
export function check(logs: readonly ProvenLog[], memoryOf: MemoryOf, issueId?: string): Checked {
  const sound: CheckedLog[] = [];
  for (const log of logs) {
    try {
      sound.push(checkedLog(log, memoryOf(log.origin), issueId));
    } catch (error) {
      return { logs: sound, fault: faultOf(error, log.agency) };
    }
  }
  const revoked = logs.filter((log) => log.note !== '' && log.vkey !== '').flatMap(weighed(wordsOf(logs)));
  return { logs: sound, ...(revoked[0] && { fault: revoked[0] }) };
}

/** What the logs say of each other's keys. Their entries have been proven by now, the words among them. */
function wordsOf(logs: readonly ProvenLog[]): Word[] {
  return logs.flatMap(({ agency, origin, words = [] }) => {
    const listener = new Listener(origin, agency);
    for (const { text } of words) listener.take(utf8(text));
    return listener.words;
  });
}

/** This browser is of no agency: nobody's word alone is enough for it. */
function weighed(words: readonly Word[]): (log: ProvenLog) => Fault[] {
  return ({ agency, origin, vkey, note, handovers = [] }) => {
    const about = words.filter((word) => word.origin === origin);
    const known = handovers.map((each) => readHandover(utf8(each)));
    const from = refusedFrom(utf8(note), parseVkey(vkey), known, revocationsOf(about, agency));
    if (from === undefined) return [];
    return [{ kind: 'revoked', agency, index: Number(from), why: 'the key that alone has signed it was revoked' }];
  };
}

/** What cannot be read is no proof either. */
function faultOf(error: unknown, agency: Agency): Fault {
  if (error instanceof Finding) return error.fault;
  return { kind: 'signature', agency, why: (error as Error).message };
}

function checkedLog(log: ProvenLog, before: Remembered | undefined, issueId: string | undefined): CheckedLog {
  const { agency, origin, vkey, note } = log;
  if (log.stopped) throw new Finding({ kind: 'stopped', agency, why: 'the log contradicts itself' });
  const key = vkey === '' ? undefined : keyOf(log);
  if (before && key && !turnsOf(key).some((turn) => formatVkey(turn.key) === before.vkey)) {
    throw new Finding({ kind: 'key', agency, why: `the log was known by the key ${before.vkey}` });
  }
  const nothing = { agency, origin, vkey, size: 0, root: '', fingerprint: '', since: '' };
  if (!key || note === '') {
    if (before && note === '') throw new Finding({ kind: 'shrunk', agency, why: 'the log was seen before' });
    return { ...nothing, state: 'unknown', cosignatures: [], missing: [], enough: false, entries: [] };
  }
  const witnesses = log.witnesses.map((witness) => ({ ...witness, key: keyOf(witness) }));
  const open = (text: string) =>
    openCheckpoint(
      utf8(text),
      key,
      witnesses.map((each) => each.key),
    );
  const checkpoint = open(note);
  const signed = new Map(checkpoint.cosignatures.map((line) => [line.key.name, line.time]));
  demandSamePast(log, checkpoint, before);
  const cosigned = witnesses.filter((each) => signed.has(each.key.name));
  return {
    ...{ agency, origin, vkey },
    state: 'checked',
    size: Number(checkpoint.size),
    root: toBase64(checkpoint.root),
    fingerprint: fingerprintOf(key),
    cosignatures: cosigned.map((each) => ({
      name: each.key.name,
      fingerprint: fingerprintOf(each.key),
      at: timeOf(signed.get(each.key.name)!),
      ...(each.agency !== undefined && { agency: each.agency }),
    })),
    missing: witnesses.flatMap((each) => (each.agency && !signed.has(each.key.name) ? [each.agency] : [])),
    enough: satisfies(log.rule, (name) => cosigned.some((each) => each.name === name)),
    entries: entriesOf(log, checkpoint, issueId),
    since: sinceOf(log, checkpoint, open),
    ...(before && { before }),
  };
}

function entriesOf(log: ProvenLog, checkpoint: OpenCheckpoint, issueId: string | undefined): CheckedEntry[] {
  for (const word of log.words ?? []) demandEntry(log, word, checkpoint);
  return log.entries.map((entry) => checkedEntry(log, entry, checkpoint, issueId));
}

function demandEntry({ agency }: ProvenLog, { index, text, proof }: ProvenEntry, { size, root }: OpenCheckpoint): void {
  const leaf = leafHash(utf8(text));
  if (verifyInclusion(BigInt(index), size, leaf, proof.map(fromBase64), root)) return;
  throw new Finding({ kind: 'entry', agency, index, why: 'the entry is not what the signed root covers' });
}

function checkedEntry(
  log: ProvenLog,
  entry: ProvenEntry,
  checkpoint: OpenCheckpoint,
  issueId: string | undefined,
): CheckedEntry {
  const { agency, origin } = log;
  const { index, text } = entry;
  demandEntry(log, entry, checkpoint);
  const { data, seen, cause } = JSON.parse(text) as {
    data?: { issueId?: unknown };
    seen?: Readonly<Record<string, number>>;
    cause?: { origin: string; index: number };
  };
  if (data?.issueId !== issueId) {
    throw new Finding({ kind: 'subject', agency, index, why: 'the entry is about something else' });
  }
  return { origin, index, seen: seen ?? {}, ...(cause && { cause }) };
}

/** What this browser has seen must be the beginning of what it is shown, or the other way round where it saw more. */
function demandSamePast(log: ProvenLog, { size, root }: OpenCheckpoint, before: Remembered | undefined): void {
  const { agency, since } = log;
  if (!before) return;
  if (since?.size !== before.size) {
    const why = `${before.size} entries were seen before, and nothing proves that they are still there`;
    throw new Finding({ kind: 'shrunk', agency, why });
  }
  const seen = [BigInt(before.size), fromBase64(before.root)] as const;
  const [[size1, root1], [size2, root2]] =
    seen[0] <= size ? [seen, [size, root] as const] : [[size, root] as const, seen];
  if (!verifyConsistency(size1, size2, root1, root2, since.proof.map(fromBase64))) {
    throw new Finding({
      kind: 'past',
      agency,
      why: `the root seen at size ${before.size} is not on the way to this one`,
    });
  }
}

function sinceOf(
  { agency, first, entries }: ProvenLog,
  now: OpenCheckpoint,
  open: (text: string) => OpenCheckpoint,
): string {
  if (!first || entries[0] === undefined) return '';
  const { size, root, cosignatures } = open(first.note);
  const leads =
    size === now.size
      ? equal(root, now.root)
      : verifyConsistency(size, now.size, root, now.root, first.proof.map(fromBase64));
  if (!leads)
    throw new Finding({ kind: 'past', agency, why: 'the first witnessed tree is not the beginning of this one' });
  const times = cosignatures.map(({ time }) => time);
  if (times.length === 0 || size <= BigInt(entries[0].index)) return '';
  return timeOf(times.reduce((least, time) => (time < least ? time : least)));
}

/** With those that came before and after it, as far as their notes prove that. */
function keyOf({ vkey, handovers = [] }: Pick<ProvenLog, 'vkey' | 'handovers'>): VerifierKey {
  return withHandovers(
    parseVkey(vkey),
    handovers.map((note) => readHandover(utf8(note))),
  );
}

function timeOf(seconds: bigint): string {
  return new Date(Number(seconds) * 1000).toISOString();
}
