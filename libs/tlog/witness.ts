// What a witness answers to a checkpoint that it is shown (C2SP tlog-witness v1.0.0, `add-checkpoint`). Pure: whoever
// calls this holds the witness's stored state still between the judgement and the storing of what it leads to.
import { concat, equal, excerpt, fromBase64, fromUtf8, toBase64, utf8 } from './bytes';
import { openCheckpoint, parseCheckpoint } from './checkpoint';
import type { OpenCheckpoint } from './checkpoint';
import type { VerifierKey } from './key';
import { emptyRoot, verifyConsistency } from './merkle';
import { MAX_NOTE_SIZE, NoteFault, parseNote } from './note';
import { HASH_SIZE } from './sha256';

/** A consistency proof between trees of fewer than 2^63 leaves has no more hashes. */
const MAX_PROOF = 63;
export const MAX_ADD_CHECKPOINT = MAX_NOTE_SIZE + 64 * 45 + 32;
/** Content type of the 409 answer, whose body is the size in decimal and a line feed. */
export const SIZE_MEDIA_TYPE = 'text/x.tlog.size';

/** Size and root that a witness has cosigned last for a log; size 0 before the first time. */
export interface Cosigned {
  readonly size: bigint;
  readonly root: Uint8Array;
}

export const nothingCosigned: Cosigned = { size: 0n, root: emptyRoot() };

export interface AddCheckpoint {
  /** Size that the sender believes was cosigned last. */
  readonly old: bigint;
  /** From the old size to the checkpoint's, sibling first. */
  readonly proof: readonly Uint8Array[];
  /** Signed by the log's known key. */
  readonly checkpoint: OpenCheckpoint;
  /** The note as it came. */
  readonly note: Uint8Array;
}

export type WitnessRefusal =
  { readonly status: 400 | 403 | 404 | 422; readonly why: string } | { readonly status: 409; readonly size: bigint };

/**
 * Reads a request body and checks whose it is.
 * @param keyOf the known key of a log; undefined for an origin that this witness does not serve
 */
export function readAddCheckpoint(
  body: Uint8Array,
  keyOf: (origin: string) => VerifierKey | undefined,
): AddCheckpoint | Extract<WitnessRefusal, { why: string }> {
  let parts: ReturnType<typeof partsOf>;
  let origin: string;
  try {
    parts = partsOf(body);
    origin = parseCheckpoint(parseNote(parts.note).text).origin;
  } catch (error) {
    return { status: 400, why: (error as Error).message };
  }
  const key = keyOf(origin);
  if (!key) return { status: 404, why: `this witness does not know the log ${origin}` };
  try {
    const checkpoint = openCheckpoint(parts.note, key);
    if (parts.old > checkpoint.size) {
      return { status: 400, why: `the old size ${parts.old} is above the checkpoint's, ${checkpoint.size}` };
    }
    return { ...parts, checkpoint };
  } catch (error) {
    if (!(error instanceof NoteFault)) throw error;
    return { status: 403, why: error.message };
  }
}

/** @returns undefined when the checkpoint may be cosigned, provided `last` is still what is stored then */
export function refusalOf({ old, proof, checkpoint }: AddCheckpoint, last: Cosigned): WitnessRefusal | undefined {
  if (old !== last.size) return { status: 409, size: last.size };
  const refused = (why: string) => ({ status: 422 as const, why });
  if (checkpoint.size === 0n && !equal(checkpoint.root, emptyRoot())) {
    return refused('a log without entries has the root of nothing');
  }
  if (old === 0n) return proof.length === 0 ? undefined : refused('from size 0 there is nothing to prove');
  if (old === checkpoint.size && !equal(checkpoint.root, last.root)) {
    return refused(`another root of size ${old} was cosigned before`);
  }
  const holds = verifyConsistency(old, checkpoint.size, last.root, checkpoint.root, proof);
  return holds ? undefined : refused(`the proof from ${old} to ${checkpoint.size} does not hold`);
}

/** The body of a request, for whoever sends one. */
export function writeAddCheckpoint(old: bigint, proof: readonly Uint8Array[], note: Uint8Array): Uint8Array {
  const head = utf8(`old ${old}\n${proof.map((hash) => `${toBase64(hash)}\n`).join('')}\n`);
  return concat(head, note);
}

function partsOf(body: Uint8Array): { old: bigint; proof: Uint8Array[]; note: Uint8Array } {
  if (body.length > MAX_ADD_CHECKPOINT) throw new Error(`a request has at most ${MAX_ADD_CHECKPOINT} bytes`);
  const text = fromUtf8(body);
  const end = text.indexOf('\n\n');
  if (end < 0) throw new Error('an empty line must stand between proof and checkpoint');
  const [first, ...hashes] = text.slice(0, end).split('\n');
  const match = /^old (0|[1-9]\d{0,18})$/.exec(first!);
  if (!match) throw new Error(`the first line is "old <size>", not "${excerpt(first!)}"`);
  if (hashes.length > MAX_PROOF) throw new Error(`a proof has at most ${MAX_PROOF} hashes`);
  const proof = hashes.map(fromBase64);
  if (proof.some((hash) => hash.length !== HASH_SIZE)) throw new Error(`a hash has ${HASH_SIZE} bytes`);
  return { old: BigInt(match[1]!), proof, note: utf8(text.slice(end + 2)) };
}
