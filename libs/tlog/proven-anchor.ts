// An anchor opened: the entry proven to stand in the shared log under its witnesses' lines, and the journal's checkpoint
// that it commits to. One spelling each, and no signature line that the reader cannot check: no byte may change unseen.
import { canonicalBytes } from '#kernel/canonical-json';
import type { JsonObject } from '#kernel/canonical-json';
import { anchorCommit, ANCHOR_SALT_SIZE, anchorOf, journalCheckpoint } from './anchor';
import type { Anchor } from './anchor';
import { fromBase64Url } from './base64-url';
import { equal, fromUtf8, utf8 } from './bytes';
import { parseCheckpoint } from './checkpoint';
import type { Checkpoint, OpenCheckpoint } from './checkpoint';
import { parseEntry } from './entry';
import { leafHash, verifyConsistency, verifyInclusion } from './merkle';
import { parseNote } from './note';
import { openedBy, orderedNote, PassportFault } from './passport';
import type { Policy } from './policy';
import { parseProofFile, writeProofFile } from './proof-file';

/** As it travels; every member is text or JSON, byte for byte. */
export interface AnchorPart {
  /** Text of the journal's checkpoint: three lines. */
  readonly checkpoint: string;
  /** base64url of 32 bytes. */
  readonly salt: string;
  /** Of the shared log. */
  readonly entry: JsonObject;
  /** C2SP tlog-proof of the entry, the cosigned checkpoint in it. */
  readonly proof: string;
}

export interface ProvenAnchor {
  readonly origin: string;
  readonly index: bigint;
  readonly anchor: Anchor;
  readonly journal: Checkpoint & { readonly turn: number };
  readonly shared: OpenCheckpoint;
}

export type DisclosureFaultKind =
  | 'form' // not such a file, or spelled in another way than its one
  | 'leaf' // the leaf or a disclosure that does not belong to it
  | 'inclusion' // the leaf is not what stands in the journal there
  | 'anchor' // does not open with this salt and checkpoint
  | 'key' // of a log or witness that the reader does not know
  | 'checkpoint' // not signed, or with a line of a known key that does not hold
  | 'witnesses' // not enough of them for the reader's policy
  | 'entry' // the anchor's entry is none, or does not stand in the shared log there
  | 'before'; // the previous anchor is missing, is another one, or does not lead to this one

/** What is wrong, and where in the file. */
export class DisclosureFault extends Error {
  override readonly name = 'DisclosureFault';
  constructor(
    readonly kind: DisclosureFaultKind,
    readonly what: string,
    readonly at: { readonly origin?: string; readonly index?: bigint } = {},
  ) {
    super(what);
  }
}

const anchorMembers = ['checkpoint', 'entry', 'proof', 'salt'];

/** @throws DisclosureFault */
export function readAnchorPart(value: unknown, more: readonly string[] = []): AnchorPart {
  const part = membersOf(value, [...anchorMembers, ...more]);
  const { checkpoint, entry, proof, salt } = part;
  const isText = [checkpoint, proof, salt].every((text) => typeof text === 'string');
  if (!isText || typeof entry !== 'object' || entry === null || Array.isArray(entry)) {
    throw new DisclosureFault('form', 'an anchor has checkpoint, salt and proof as texts, and its entry');
  }
  return part as unknown as AnchorPart;
}

/** @throws DisclosureFault unless the value is an object of exactly these members */
export function membersOf(value: unknown, names: readonly string[]): Readonly<Record<string, unknown>> {
  const isObject = typeof value === 'object' && value !== null && !Array.isArray(value);
  const found = isObject ? Object.keys(value).sort().join(' ') : '';
  if (found !== [...names].sort().join(' ')) {
    throw new DisclosureFault('form', `expected an object of ${names.join(', ')}`);
  }
  return value as Readonly<Record<string, unknown>>;
}

/** All that hashes show of an anchor; whether anybody stands by the shared checkpoint is `signed`'s to say. */
export type HashedAnchor = Omit<ProvenAnchor, 'shared'> & { readonly note: Uint8Array };

/** @throws DisclosureFault */
export function hashed(part: AnchorPart): HashedAnchor {
  const { index, proof, checkpoint } = readProof(part.proof);
  const { origin, size, root } = attempt('checkpoint', {}, () => parseCheckpoint(parseNote(checkpoint).text));
  const at = { origin, index };
  const bytes = canonicalBytes(part.entry);
  if (!verifyInclusion(index, size, leafHash(bytes), proof, root)) {
    throw new DisclosureFault('entry', 'the entry is not what stands in the shared log at this index', at);
  }
  return { origin, index, note: checkpoint, ...openAnchor(bytes, part, at) };
}

/** @throws DisclosureFault */
export function signed({ note, ...anchor }: HashedAnchor, policy: Policy): ProvenAnchor {
  const at = { origin: anchor.origin, index: anchor.index };
  const shared = open(policy, note, at);
  if (parseNote(note).signatures.length !== 1 + shared.cosignatures.length) {
    throw new DisclosureFault('key', 'the shared checkpoint carries a signature line of a key that is not known', at);
  }
  return { ...anchor, shared };
}

/** What an entry that is known to stand in the shared log commits to. @throws DisclosureFault */
export function openAnchor(
  entry: Uint8Array,
  { salt, checkpoint }: Pick<AnchorPart, 'salt' | 'checkpoint'>,
  at: { readonly origin: string; readonly index: bigint },
): Pick<ProvenAnchor, 'anchor' | 'journal'> {
  const anchor = attempt('entry', at, () => anchorOf(parseEntry(entry)));
  if (!anchor) throw new DisclosureFault('entry', 'the entry is no anchor of a journal', at);
  const journal = attempt('anchor', at, () => journalCheckpoint(checkpoint, at.origin));
  const bytes = attempt('anchor', at, () => fromBase64Url(salt));
  if (bytes.length !== ANCHOR_SALT_SIZE || anchorCommit(bytes, checkpoint) !== anchor.commit) {
    throw new DisclosureFault('anchor', 'the anchor does not commit to this checkpoint with this salt', at);
  }
  return { anchor, journal };
}

/** @param consistency from the earlier journal's tree to the later one's @throws DisclosureFault */
export function demandLeads(
  earlier: ProvenAnchor['journal'],
  later: ProvenAnchor['journal'],
  consistency: readonly Uint8Array[],
): void {
  const refuse = (what: string): never => {
    throw new DisclosureFault('before', what);
  };
  if (later.turn < earlier.turn) refuse('the journal goes back to an earlier one');
  if (later.turn > earlier.turn || earlier.size === 0n) {
    if (consistency.length > 0) refuse('nothing leads from one journal to another, or from an empty one');
    return;
  }
  if (!verifyConsistency(earlier.size, later.size, earlier.root, later.root, consistency)) {
    refuse('the journal was rewritten since the anchor before');
  }
}

function readProof(text: string) {
  const read = attempt('form', {}, () => parseProofFile(utf8(text)));
  const { extra, ...proof } = read;
  const ordered = attempt('form', {}, () => orderedNote(proof.checkpoint));
  if (extra || !equal(ordered, proof.checkpoint) || fromUtf8(writeProofFile(proof)) !== text) {
    throw new DisclosureFault('form', 'the proof of an anchor is not in its one spelling');
  }
  return proof;
}

function open(policy: Policy, checkpoint: Uint8Array, at: { origin: string; index: bigint }): OpenCheckpoint {
  try {
    return openedBy(policy, { checkpoint }, at);
  } catch (error) {
    if (!(error instanceof PassportFault)) throw error;
    const kind = error.kind === 'key' || error.kind === 'witnesses' ? error.kind : 'checkpoint';
    throw new DisclosureFault(kind, error.what, at);
  }
}

function attempt<T>(
  kind: DisclosureFaultKind,
  at: { readonly origin?: string; readonly index?: bigint },
  work: () => T,
): T {
  try {
    return work();
  } catch (error) {
    if (error instanceof DisclosureFault) throw error;
    throw new DisclosureFault(kind, (error as Error).message, at);
  }
}
