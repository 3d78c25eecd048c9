// A journal of sample events with its anchors in a shared log under two witnesses' lines: for tests of packages and of
// what an auditor does with them. Everything is derived from numbers, so that a document can print its bytes.
import type { JsonObject } from '#kernel/canonical-json';
import type { Entry } from '#kernel/envelope';
import { leafOf, SECRET_SIZE } from '#chassis/journal/secrets';
import type { RecordedEvent } from '#store/event-store';
import { anchorCommit, journalOrigin } from '#tlog/anchor';
import type { OpenedAnchor } from '#tlog/anchors-file';
import { toBase64Url } from '#tlog/base64-url';
import { fromUtf8, utf8 } from '#tlog/bytes';
import { addSignatures, formatCheckpoint } from '#tlog/checkpoint';
import { cosign } from '#tlog/cosignature';
import type { Disclosure } from '#tlog/disclosure';
import { COSIGNER_KEY_TYPE, formatVkey, signingKey } from '#tlog/key';
import { readLeaf } from '#tlog/journal-leaf';
import { Frontier, leafHash, proveConsistency, proveInclusion } from '#tlog/merkle';
import type { HashReader } from '#tlog/merkle';
import { parseNote } from '#tlog/note';
import { writeProofFile } from '#tlog/proof-file';
import { sha256 } from '#tlog/sha256';
import { sampleEntry, sampleLog } from './sample-log';
import type { SampleLog } from './sample-log';

export const sharedOrigin = 'inspection.example.gov.cn/events/v1';
/** Events in the journal when an anchor is made; its entry is number 2n + 1 of the shared log. */
export const sampleSizes = [0, 3, 4, 9, 20];
const shared = { origin: sharedOrigin, seed: new Uint8Array(32).fill(23) };
const begin = Date.UTC(2026, 2, 2);
const witnesses = ['commission', 'organization'].map((host, n) =>
  signingKey(`${host}.example.gov.cn/witness/v1`, COSIGNER_KEY_TYPE, new Uint8Array(32).fill(60 + n)),
);

/** Event number `n` of the journal: a clue that no other agency is told of. */
export function sampleClue(n: number): RecordedEvent {
  const actor = { agency: 'inspection', id: 'p-1', name: '张某', role: 'clerk' } as const;
  return {
    id: `0190a000-0000-7000-8000-${String(n).padStart(12, '0')}`,
    type: 'ClueNoted',
    stream: `clue-${n}`,
    revision: 0n,
    position: BigInt(n + 1),
    at: new Date(begin + n * 60_000).toISOString(),
    data: { amount: `${1_000 + n}.00`, reporter: `举报人${n}`, text: '私自处置公有房产' },
    meta: { actor, commandId: `command-${n}`, seen: {}, salt: String(n).padStart(22, '0') },
  };
}

export function sampleSecret(n: number): Uint8Array {
  return sha256(utf8(`secret ${n}`)).subarray(0, SECRET_SIZE);
}

export interface SampleJournal {
  readonly log: SampleLog;
  readonly anchors: readonly OpenedAnchor[];
  /** Believes the log and asks for both witnesses. */
  readonly policy: string;
  /** @param anchor number of the anchor; the first that holds the event when absent */
  disclosure(event: number, anchor?: number): Disclosure;
}

export interface SampleJournalOptions {
  /** Minutes between the last two anchors instead of ten. */
  readonly silent?: number;
  /** The journal begins with two events in each other's place. */
  readonly swapped?: boolean;
  /** What the shared log commits to, instead of this journal's own. */
  readonly anchors?: readonly OpenedAnchor[];
}

export function sampleJournal({
  silent = 10,
  swapped = false,
  anchors: given,
}: SampleJournalOptions = {}): SampleJournal {
  const count = sampleSizes.at(-1)!;
  const leaves = Array.from({ length: count }, (_, n) => leafOf(sampleClue(n), sampleSecret(n)));
  const hashes = leaves.map(({ bytes }) => leafHash(bytes));
  if (swapped) [hashes[0], hashes[1]] = [hashes[1]!, hashes[0]!];
  const hashAt = subtreesOf(hashes);
  const made = sampleSizes.map((size, nth): OpenedAnchor => {
    const frontier = Frontier.empty();
    hashes.slice(0, size).forEach((hash) => frontier.append(hash));
    const checkpoint = formatCheckpoint({
      origin: journalOrigin(sharedOrigin),
      size: BigInt(size),
      root: frontier.root(),
    });
    const earlier = sampleSizes[nth - 1] ?? 0;
    const consistency = earlier === 0 ? [] : proveConsistency(BigInt(earlier), BigInt(size), hashAt);
    return { index: BigInt(2 * nth + 1), salt: toBase64Url(sha256(utf8(`anchor ${nth}`))), checkpoint, consistency };
  });
  const anchors = given ?? made;
  const log = sampleLog(sharedEntries(anchors, silent), shared);
  log.files.set('checkpoint', dressed(log.files.get('checkpoint')!, timeOf(log.entries.at(-1)!)));
  const part = (nth: number) => {
    const { index, salt, checkpoint } = anchors[nth]!;
    const { entry, proof } = provenEntry(log, index);
    return { salt, checkpoint, entry, proof };
  };
  return {
    log,
    anchors,
    policy: [
      `log ${log.vkey}`,
      ...witnesses.map((key, n) => `witness w${n} ${formatVkey(key)}`),
      'group both 2 w0 w1',
      'quorum both\n',
    ].join('\n'),
    disclosure(event, anchor = sampleSizes.findIndex((size) => size > event)) {
      const { bytes, disclosures } = leaves[event]!;
      return {
        leaf: readLeaf(JSON.parse(fromUtf8(bytes))),
        disclosures,
        index: BigInt(event),
        proof: proveInclusion(BigInt(event), BigInt(sampleSizes[anchor]!), hashAt),
        anchor: part(anchor),
        ...(anchor > 0 && { before: { ...part(anchor - 1), consistency: anchors[anchor]!.consistency } }),
      };
    },
  };
}

/** Between two anchors stands an entry of another kind. */
function sharedEntries(anchors: readonly OpenedAnchor[], silent: number): Uint8Array[] {
  return anchors.flatMap(({ salt, checkpoint }, nth) => {
    const minutes = nth < anchors.length - 1 ? nth * 10 : (nth - 1) * 10 + silent;
    const at = new Date(begin + minutes * 60_000).toISOString();
    const commit = anchorCommit(new Uint8Array(Buffer.from(salt, 'base64url')), checkpoint);
    const actor = { agency: 'inspection', id: 'system-journal', name: '系统', role: 'system' } as const;
    const said = { at, actor, seen: {}, revision: nth, stream: 'journal-inspection' };
    const data = { commit, everySeconds: 600, nth };
    const anchor: Partial<Entry> = { ...said, type: 'inspection.journal-anchored.v1', data };
    return [sampleEntry(2 * nth, { at, actor, seen: {} }), sampleEntry(2 * nth + 1, anchor)];
  });
}

/** The checkpoint of the size at which the entry came, cosigned a minute after it was recorded. */
function provenEntry(log: SampleLog, index: bigint): { entry: JsonObject; proof: string } {
  const entry = JSON.parse(fromUtf8(log.entries[Number(index)]!)) as JsonObject;
  const entries = log.entries.slice(0, Number(index) + 1);
  const checkpoint = dressed(sampleLog(entries, shared).files.get('checkpoint')!, timeOf(entries.at(-1)!));
  const proof = proveInclusion(index, index + 1n, subtreesOf(entries.map(leafHash)));
  return { entry, proof: fromUtf8(writeProofFile({ index, proof, checkpoint })) };
}

function dressed(note: Uint8Array, time: bigint): Uint8Array {
  const { text, signatures } = parseNote(note);
  return addSignatures({ text, signatures }, ...witnesses.map((key) => cosign(text, time, key)));
}

function timeOf(entry: Uint8Array): bigint {
  const { at } = JSON.parse(fromUtf8(entry)) as Pick<Entry, 'at'>;
  return BigInt(Date.parse(at) / 1000 + 60);
}

function subtreesOf(hashes: readonly Uint8Array[]): HashReader {
  return (level, n) => {
    const frontier = Frontier.empty();
    const first = Number(n) * 2 ** level;
    hashes.slice(first, first + 2 ** level).forEach((hash) => frontier.append(hash));
    return frontier.root();
  };
}
