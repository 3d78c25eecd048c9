// The proof that a log has signed two histories: two of its own signed checkpoints that cannot both be true. Anybody who
// knows the log's key can check it, on any machine, without asking anyone (docs/spec/witness.md section 5).
import { equal, fromBase64, fromUtf8, toBase64, utf8 } from './bytes';
import { openCheckpoint } from './checkpoint';
import type { OpenCheckpoint } from './checkpoint';
import type { VerifierKey } from './key';
import { verifyConsistency } from './merkle';

const FORM = 'sanfang.fork/v1';

export interface Fork {
  readonly origin: string;
  /** Signed notes, cosignatures included, in any order. */
  readonly notes: readonly [Uint8Array, Uint8Array];
  /** For two sizes: the root that the larger tree has at the smaller size, with the proof that it has it. */
  readonly prefix?: { readonly root: Uint8Array; readonly proof: readonly Uint8Array[] };
}

/** The file is none, or its two checkpoints do not contradict each other. */
export class ForkUnproven extends Error {
  override readonly name = 'ForkUnproven';
}

/** JSON, readable by eye: the notes stand in it as the texts that they are. */
export function writeFork({ origin, notes, prefix }: Fork): Uint8Array {
  const file = {
    form: FORM,
    origin,
    notes: notes.map(fromUtf8),
    ...(prefix && { prefixRoot: toBase64(prefix.root), proof: prefix.proof.map(toBase64) }),
  };
  return utf8(`${JSON.stringify(file, undefined, 2)}\n`);
}

/** @throws ForkUnproven */
export function readFork(bytes: Uint8Array): Fork {
  try {
    const file = JSON.parse(fromUtf8(bytes)) as Record<string, unknown>;
    const texts = (value: unknown): string[] => {
      if (Array.isArray(value) && value.every((each): each is string => typeof each === 'string')) return value;
      throw new Error('notes and proof are lists of texts');
    };
    const notes = texts(file['notes']).map(utf8);
    const { form, origin, prefixRoot } = file;
    if (form !== FORM || typeof origin !== 'string' || notes.length !== 2) throw new Error(`not of the form ${FORM}`);
    const pair = [notes[0]!, notes[1]!] as const;
    if (typeof prefixRoot !== 'string') return { origin, notes: pair };
    return {
      origin,
      notes: pair,
      prefix: { root: fromBase64(prefixRoot), proof: texts(file['proof']).map(fromBase64) },
    };
  } catch (cause) {
    throw new ForkUnproven(`the file cannot be read: ${(cause as Error).message}`, { cause });
  }
}

/**
 * @param key the log's key, from elsewhere
 * @returns the two checkpoints, the smaller first
 * @throws ForkUnproven, with the reason
 */
export function proveFork(fork: Fork, key: VerifierKey): readonly [OpenCheckpoint, OpenCheckpoint] {
  let opened: OpenCheckpoint[];
  try {
    opened = fork.notes.map((note) => openCheckpoint(note, key));
  } catch (cause) {
    throw new ForkUnproven(`one of the checkpoints is not signed by the log: ${(cause as Error).message}`, { cause });
  }
  const [first, second] = opened.sort((a, b) => (a.size < b.size ? -1 : 1)) as [OpenCheckpoint, OpenCheckpoint];
  if (first.size === second.size) {
    if (equal(first.root, second.root)) throw new ForkUnproven('both checkpoints say the same');
    return [first, second];
  }
  const { prefix } = fork;
  if (!prefix) throw new ForkUnproven('the sizes differ, and there is no proof of what the larger tree begins with');
  if (equal(prefix.root, first.root)) throw new ForkUnproven('the larger log begins with the smaller one');
  if (!verifyConsistency(first.size, second.size, prefix.root, second.root, prefix.proof)) {
    throw new ForkUnproven('the proof of what the larger tree begins with does not hold');
  }
  return [first, second];
}
