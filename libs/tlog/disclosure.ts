// A disclosure package: one event of an agency's private journal, or some fields of it, in one file that proves itself
// (docs/spec/journal.md). It shows what was recorded, at which place of the journal, and between which two anchors.
import { canonicalBytes, parseCanonical } from '#kernel/canonical-json';
import type { Json } from '#kernel/canonical-json';
import { equal, fromBase64, toBase64 } from './bytes';
import { isWhole, LeafFault, openFields, readLeaf } from './journal-leaf';
import type { JournalLeaf, OpenedField } from './journal-leaf';
import { leafHash, verifyInclusion } from './merkle';
import type { Policy } from './policy';
import { demandLeads, DisclosureFault, hashed, membersOf, readAnchorPart, signed } from './proven-anchor';
import type { AnchorPart, HashedAnchor, ProvenAnchor } from './proven-anchor';

const FORM = 'sanfang.disclosure/v1';
export const MAX_DISCLOSURE_SIZE = 8 * 1024 * 1024;

export interface Disclosure {
  readonly leaf: JournalLeaf;
  /** In the order of their places in the leaf. */
  readonly disclosures: readonly string[];
  /** Of the leaf in the journal. */
  readonly index: bigint;
  /** Audit path in the tree of the anchored checkpoint. */
  readonly proof: readonly Uint8Array[];
  readonly anchor: AnchorPart;
  /** The anchor before, and the proof that its tree is a prefix of this one's; absent before the first anchor. */
  readonly before?: AnchorPart & { readonly consistency: readonly Uint8Array[] };
}

export interface CheckedDisclosure {
  /** Of the agency's shared log. */
  readonly origin: string;
  readonly id: string;
  /** Of the leaf in the journal. */
  readonly index: bigint;
  readonly fields: readonly OpenedField[];
  /** Are these all fields of the event? */
  readonly whole: boolean;
  readonly anchor: ProvenAnchor;
  /** Its journal did not hold the event yet; undefined at the first anchor of a journal. */
  readonly before: ProvenAnchor | undefined;
}

export function writeDisclosure({ leaf, index, proof, before, ...rest }: Disclosure): Uint8Array {
  return canonicalBytes({
    ...rest,
    form: FORM,
    leaf: { ...leaf, v: 1 },
    index: Number(index),
    proof: proof.map(toBase64),
    before: before && { ...before, consistency: before.consistency.map(toBase64) },
  });
}

/**
 * Checks a package offline. It shows that what it holds was in the journal; what else the journal holds, it does not.
 * @param policy whose keys are believed, and how many witnesses are enough @throws DisclosureFault
 */
export function checkDisclosure(bytes: Uint8Array, policy: Policy): CheckedDisclosure {
  const { leaf, disclosures, index, proof, anchor: part, before: earlier } = read(bytes);
  const fields = ofLeaf(() => openFields(leaf, disclosures));
  // Hashes before signatures: they cost less, and what is accepted does not depend on the order.
  const anchor = hashed(part);
  const { size, root } = anchor.journal;
  const hash = leafHash(canonicalBytes({ ...leaf, v: 1 }));
  if (!verifyInclusion(index, size, hash, proof, root)) {
    throw new DisclosureFault('inclusion', 'the leaf is not what stands in the journal at this index', { index });
  }
  const before = earlier && hashed(earlier);
  demandBefore(anchor, before, earlier?.consistency ?? [], index);
  const begunAnew = before !== undefined && before.journal.turn !== anchor.journal.turn;
  const proven = { anchor: signed(anchor, policy), before: before && signed(before, policy) };
  const { origin } = anchor;
  const said = { origin, id: leaf.id, index, fields, whole: isWhole(fields), anchor: proven.anchor };
  return { ...said, before: begunAnew ? undefined : proven.before };
}

/** The anchor before must be the one that the numbers say, of a journal that lacks the leaf and leads to this one. */
function demandBefore(
  anchor: HashedAnchor,
  before: HashedAnchor | undefined,
  consistency: readonly Uint8Array[],
  index: bigint,
): void {
  const refuse = (what: string): never => {
    throw new DisclosureFault('before', what, { origin: anchor.origin, index: anchor.index });
  };
  if (!before) {
    if (anchor.anchor.nth > 0) refuse('the anchor before is missing');
    return;
  }
  const { journal } = before;
  if (before.origin !== anchor.origin || before.index >= anchor.index) refuse('the anchor before is of another place');
  if (before.anchor.nth !== anchor.anchor.nth - 1) refuse('it is not the anchor before');
  if (journal.turn === anchor.journal.turn && journal.size > index) refuse('the anchor before holds the event already');
  demandLeads(journal, anchor.journal, consistency);
}

function read(bytes: Uint8Array): Disclosure {
  if (bytes.length > MAX_DISCLOSURE_SIZE) throw new DisclosureFault('form', 'the file is larger than a package can be');
  const value = parsed(bytes);
  const names = ['anchor', 'disclosures', 'form', 'index', 'leaf', 'proof'];
  const isFirst = typeof value === 'object' && value !== null && !Object.hasOwn(value, 'before');
  const file = membersOf(value, isFirst ? names : [...names, 'before']);
  if (file['form'] !== FORM) throw new DisclosureFault('form', `the form must be ${FORM}`);
  const { index, disclosures } = file;
  if (!Number.isSafeInteger(index) || (index as number) < 0) throw new DisclosureFault('form', 'bad index');
  if (!Array.isArray(disclosures) || disclosures.some((each) => typeof each !== 'string')) {
    throw new DisclosureFault('form', 'the disclosures are a list of texts');
  }
  const before = isFirst ? undefined : readAnchorPart(file['before'], ['consistency']);
  const package_: Disclosure = {
    leaf: ofLeaf(() => readLeaf(file['leaf'])),
    disclosures: disclosures as string[],
    index: BigInt(index as number),
    proof: hashesOf(file['proof']),
    anchor: readAnchorPart(file['anchor']),
    ...(before && { before: { ...before, consistency: hashesOf((before as { consistency?: unknown }).consistency) } }),
  };
  // Each part is read strictly already; this is for the day when one of them is not.
  if (!equal(writeDisclosure(package_), bytes))
    throw new DisclosureFault('form', 'the file is not in its one spelling');
  return package_;
}

/** @throws DisclosureFault */
export function parsed(bytes: Uint8Array): Json {
  try {
    return parseCanonical(bytes);
  } catch (cause) {
    throw new DisclosureFault('form', `the file is not canonical JSON: ${(cause as Error).message}`);
  }
}

/** @throws DisclosureFault */
export function hashesOf(value: unknown): Uint8Array[] {
  try {
    const lines = value as readonly string[];
    if (!Array.isArray(value) || lines.length > 63) throw new Error('a proof is a list of at most 63 hashes');
    return lines.map((line) => {
      const hash = fromBase64(String(line));
      if (hash.length !== 32) throw new Error('a hash has 32 bytes');
      return hash;
    });
  } catch (cause) {
    throw new DisclosureFault('form', (cause as Error).message);
  }
}

function ofLeaf<T>(work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (!(error instanceof LeafFault)) throw error;
    throw new DisclosureFault('leaf', error.message);
  }
}
