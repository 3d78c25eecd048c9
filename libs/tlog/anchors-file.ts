// All anchors of an agency's journal with what opens them, for an auditor who may have them: whether the journal was ever
// rewritten between two anchors shows in the proofs, whether the agency was silent in the gaps (docs/spec/journal.md).
import { canonicalBytes } from '#kernel/canonical-json';
import { equal, toBase64 } from './bytes';
import { hashesOf, parsed } from './disclosure';
import { demandLeads, DisclosureFault, membersOf, openAnchor } from './proven-anchor';
import type { ProvenAnchor } from './proven-anchor';

const FORM = 'sanfang.anchors/v1';
export const MAX_ANCHORS_SIZE = 512 * 1024 * 1024;
/** A log that has shown no anchor for so many cadences is silent. */
export const silentCadences = 2;

export interface OpenedAnchor {
  /** Of the entry in the shared log. */
  readonly index: bigint;
  /** base64url of 32 bytes. */
  readonly salt: string;
  /** Text of the journal's checkpoint. */
  readonly checkpoint: string;
  /** That the tree of the anchor before is a prefix; empty at the first of a journal and after an empty one. */
  readonly consistency: readonly Uint8Array[];
}

export interface AnchorsFile {
  /** Origin of the shared log. */
  readonly log: string;
  readonly anchors: readonly OpenedAnchor[];
}

/** An anchor as the shared log has it; `bytes` is its entry, proven by whoever read the whole log. */
export interface SharedAnchor {
  readonly index: bigint;
  readonly bytes: Uint8Array;
}

/** All but `invalid` are no contradiction, but something that nobody can judge from here. */
export type AnchorFinding = {
  readonly kind: 'invalid' | 'silent' | 'begunAnew' | 'unproven';
  /** Of the entry in the shared log at which it shows. */
  readonly index: bigint;
  readonly what: string;
};

export function writeAnchors({ log, anchors }: AnchorsFile): Uint8Array {
  const spelled = anchors.map(({ index, consistency, ...rest }) => {
    return { ...rest, index: Number(index), consistency: consistency.map(toBase64) };
  });
  return canonicalBytes({ form: FORM, log, anchors: spelled });
}

/** @throws DisclosureFault */
export function readAnchors(bytes: Uint8Array): AnchorsFile {
  if (bytes.length > MAX_ANCHORS_SIZE) throw new DisclosureFault('form', 'the file is larger than one can be');
  const { form, log, anchors } = membersOf(parsed(bytes), ['anchors', 'form', 'log']);
  if (form !== FORM) throw new DisclosureFault('form', `the form must be ${FORM}`);
  if (typeof log !== 'string' || !Array.isArray(anchors)) throw new DisclosureFault('form', 'a log and its anchors');
  const opened = anchors.map((each): OpenedAnchor => {
    const { index, salt, checkpoint, consistency } = membersOf(each, ['checkpoint', 'consistency', 'index', 'salt']);
    const isAt = Number.isSafeInteger(index) && (index as number) >= 0;
    if (!isAt || typeof salt !== 'string' || typeof checkpoint !== 'string') {
      throw new DisclosureFault('form', 'an anchor has index, salt, checkpoint and consistency');
    }
    return { index: BigInt(index as number), salt, checkpoint, consistency: hashesOf(consistency) };
  });
  const file = { log, anchors: opened };
  if (!equal(writeAnchors(file), bytes)) throw new DisclosureFault('form', 'the file is not in its one spelling');
  return file;
}

/**
 * Opens every anchor of a whole, verified log.
 * @param lastAt recorded time of the log's last entry @returns findings in the order of the log
 */
export function* checkAnchors(
  { log, anchors }: AnchorsFile,
  shared: readonly SharedAnchor[],
  lastAt: string,
): Generator<AnchorFinding, void> {
  let before: Pick<ProvenAnchor, 'anchor' | 'journal'> | undefined;
  for (const [nth, { index, bytes }] of shared.entries()) {
    const opened = anchors[nth];
    if (opened?.index !== index) {
      return yield { kind: 'invalid', index, what: `the file does not open anchor ${nth}` };
    }
    try {
      const anchor = openAnchor(bytes, opened, { origin: log, index });
      if (anchor.anchor.nth !== nth) throw new DisclosureFault('before', `it says to be anchor ${anchor.anchor.nth}`);
      if (before) yield* between(before, anchor, opened, index);
      before = anchor;
    } catch (error) {
      if (!(error instanceof DisclosureFault)) throw error;
      // What follows would be compared with something that nobody has signed.
      return yield { kind: 'invalid', index, what: `anchor ${nth}: ${error.what}` };
    }
  }
  const beyond = anchors[shared.length];
  if (beyond)
    yield { kind: 'invalid', index: beyond.index, what: 'the file opens an anchor that the log does not have' };
  const last = shared.at(-1);
  if (before && last && isSilent(before.anchor, lastAt)) {
    yield { kind: 'silent', index: last.index, what: `no anchor follows until ${lastAt}` };
  }
}

function* between(
  before: Pick<ProvenAnchor, 'anchor' | 'journal'>,
  { anchor, journal }: Pick<ProvenAnchor, 'anchor' | 'journal'>,
  { consistency }: OpenedAnchor,
  index: bigint,
): Generator<AnchorFinding, void> {
  const { size } = before.journal;
  // A journal that was lost cannot prove any more what it was: its agency may say so, and is asked.
  const isProven = consistency.length > 0 || size === 0n || size === journal.size;
  if (journal.turn === before.journal.turn && !isProven) {
    yield { kind: 'unproven', index, what: 'no proof is given that it goes on from the anchor before' };
  } else demandLeads(before.journal, journal, consistency);
  if (journal.turn > before.journal.turn) {
    yield { kind: 'begunAnew', index, what: `the journal was lost and begun anew as ${journal.origin}` };
  }
  if (isSilent(before.anchor, anchor.at)) {
    yield { kind: 'silent', index, what: `the anchor before was made ${before.anchor.at}, this one ${anchor.at}` };
  }
}

function isSilent(
  { at, everySeconds }: { readonly at: string; readonly everySeconds: number },
  until: string,
): boolean {
  return Date.parse(until) - Date.parse(at) > silentCadences * everySeconds * 1000;
}
