// A proof that travels with a paper (C2SP tlog-proof, untagged): index, audit path and signed checkpoint in one text
// file, so that whoever holds the paper can check offline that the act stands in the agency's log.
import { excerpt, fromBase64, fromUtf8, toBase64, utf8 } from './bytes';
import { openCheckpoint } from './checkpoint';
import type { OpenCheckpoint } from './checkpoint';
import type { VerifierKey } from './key';
import { leafHash, verifyInclusion } from './merkle';

const HEADER = 'c2sp.org/tlog-proof@v1';

export interface ProofFile {
  readonly index: bigint;
  /** Audit path, the leaf's sibling first. */
  readonly proof: readonly Uint8Array[];
  /** The signed checkpoint, cosignatures included, byte for byte. */
  readonly checkpoint: Uint8Array;
  /** Free bytes for the application; nothing authenticates them. */
  readonly extra?: Uint8Array;
}

/** Bad form, or a proof that does not hold. */
export class ProofFault extends Error {
  override readonly name = 'ProofFault';
}

export function writeProofFile({ index, proof, checkpoint, extra }: ProofFile): Uint8Array {
  const lines = [HEADER, ...(extra ? [`extra ${toBase64(extra)}`] : []), `index ${index}`, ...proof.map(toBase64)];
  return utf8(`${lines.join('\n')}\n\n${fromUtf8(checkpoint)}`);
}

/** Reads the form; `verifyProofFile` checks what it says. Throws ProofFault. */
export function parseProofFile(bytes: Uint8Array): ProofFile {
  try {
    const text = fromUtf8(bytes);
    const split = text.indexOf('\n\n');
    if (split < 0) throw new Error('the empty line before the checkpoint is missing');
    const [header, ...lines] = text.slice(0, split).split('\n');
    if (header !== HEADER) throw new Error(`the first line must be ${HEADER}`);
    const extra = lines[0]?.startsWith('extra ') ? fromBase64(lines.shift()!.slice('extra '.length)) : undefined;
    const index = /^index (0|[1-9]\d{0,18})$/.exec(lines.shift() ?? '')?.[1];
    if (index === undefined) throw new Error('the line "index <number>" is missing');
    if (lines.length > 63) throw new Error('an audit path has at most 63 hashes');
    const file = { index: BigInt(index), proof: lines.map(hashLine), checkpoint: utf8(text.slice(split + 2)) };
    return extra ? { ...file, extra } : file;
  } catch (cause) {
    throw new ProofFault(`not a proof file: ${(cause as Error).message}`, { cause });
  }
}

/**
 * Checks offline that `entry` stands in the log of `logKey`, and tells which of the witnesses cosigned that tree; how
 * many are enough is for the caller's trust policy to say.
 * @throws ProofFault, or NoteFault for a bad checkpoint
 */
export function verifyProofFile(
  bytes: Uint8Array,
  entry: Uint8Array,
  logKey: VerifierKey,
  cosigners: readonly VerifierKey[] = [],
): OpenCheckpoint & { readonly index: bigint } {
  const { index, proof, checkpoint } = parseProofFile(bytes);
  const opened = openCheckpoint(checkpoint, logKey, cosigners);
  if (!verifyInclusion(index, opened.size, leafHash(entry), proof, opened.root)) {
    throw new ProofFault(`the entry is not number ${index} of ${opened.origin} at size ${opened.size}`);
  }
  return { ...opened, index };
}

function hashLine(line: string): Uint8Array {
  const hash = fromBase64(line);
  if (hash.length !== 32) throw new Error(`"${excerpt(line)}" is not a hash`);
  return hash;
}
