// Checkpoints (C2SP tlog-checkpoint v1.0.0): origin, size and root of a log in three lines, signed as a note. Two
// checkpoints of one origin that contradict each other prove misconduct, so the form is read strictly.
import { excerpt, fromBase64, toBase64, utf8 } from './bytes';
import { cosignatureTime, cosignatureVerifier } from './cosignature';
import { checkKeyName, formatVkey, LOG_KEY_TYPE, turnsOf } from './key';
import type { SigningKey, Turn, VerifierKey } from './key';
import { formatNote, NoteFault, noteVerifier, openNote, signNote, UnknownSigner } from './note';
import type { NoteSignature, NoteVerifier } from './note';
import { HASH_SIZE } from './sha256';

export interface Checkpoint {
  /** Schema-less URL, also the name of the log's key. */
  readonly origin: string;
  readonly size: bigint;
  /** 32 bytes. */
  readonly root: Uint8Array;
}

export interface Cosignature {
  readonly key: VerifierKey;
  /** POSIX seconds. */
  readonly time: bigint;
}

export interface OpenCheckpoint extends Checkpoint {
  readonly text: string;
  readonly cosignatures: readonly Cosignature[];
  /** The line of the log's second key stands there and holds. */
  readonly second?: true;
}

/** Reads the text of a checkpoint. Extension lines are refused: our logs have none. Throws NoteFault. */
export function parseCheckpoint(text: string): Checkpoint {
  const [origin, size, root, end, ...more] = text.split('\n');
  if (end !== '' || more.length > 0) throw new NoteFault('a checkpoint has three lines: origin, size and root');
  if (!/^(0|[1-9]\d{0,18})$/.test(size!) || BigInt(size!) >= 1n << 63n) {
    throw new NoteFault(`"${excerpt(size!)}" is not the size of a log`);
  }
  try {
    checkKeyName(origin!);
    const checkpoint = { origin: origin!, size: BigInt(size!), root: fromBase64(root!) };
    if (checkpoint.root.length !== HASH_SIZE) throw new Error(`the root has 32 bytes, not ${checkpoint.root.length}`);
    return checkpoint;
  } catch (cause) {
    throw new NoteFault(`bad checkpoint: ${(cause as Error).message}`, { cause });
  }
}

export function formatCheckpoint({ origin, size, root }: Checkpoint): string {
  const text = `${origin}\n${size}\n${toBase64(root)}\n`;
  parseCheckpoint(text);
  return text;
}

/** The signed note of a checkpoint; the key must be the origin's log key, and those beside it sign too. */
export function signCheckpoint(checkpoint: Checkpoint, key: SigningKey): Uint8Array {
  if (key.type !== LOG_KEY_TYPE || key.name !== checkpoint.origin) {
    throw new Error(`${key.name} is not the log key of ${checkpoint.origin}`);
  }
  const text = formatCheckpoint(checkpoint);
  const signers = [key, ...(key.beside ?? []), ...(key.second ? [key.second] : [])];
  return formatNote({ text, signatures: signers.map((each) => signNote(text, each)) });
}

/** Adds cosignatures to a signed checkpoint, behind the signatures that it has. */
export function addSignatures(note: { text: string; signatures: readonly NoteSignature[] }, ...more: NoteSignature[]) {
  return formatNote({ text: note.text, signatures: [...note.signatures, ...more] });
}

/**
 * Opens a signed checkpoint: the line of the log's key whose turn it is, or of a later one, must be there; each line of
 * a known key must hold, and so must each of a known witness. Whether the second key's line has to be there is for the
 * caller to judge.
 * @throws NoteFault
 */
export function openCheckpoint(
  bytes: Uint8Array,
  logKey: VerifierKey,
  cosigners: readonly VerifierKey[] = [],
): OpenCheckpoint {
  if (logKey.type !== LOG_KEY_TYPE) throw new NoteFault(`the key of ${logKey.name} is not a log key (type 1)`);
  const own = turnsOf(logKey).map(({ key }) => noteVerifier(key));
  const others = cosigners.flatMap((each) => turnsOf(each).map(({ key }) => cosignatureVerifier(key)));
  const { second } = logKey;
  const beside: NoteVerifier[] = second
    ? [{ key: second, verify: (text, signature) => second.verify(utf8(text), signature) }]
    : [];
  const { text, signatures } = openNote(bytes, [...own, ...beside, ...others]);
  const ofKey = (key: Pick<VerifierKey, 'name' | 'keyId'>) =>
    signatures.find((line) => line.name === key.name && sameId(line, key));
  const checkpoint = parseCheckpoint(text);
  if (checkpoint.origin !== logKey.name) {
    throw new NoteFault(`the checkpoint is of ${checkpoint.origin}, the key of ${logKey.name}`);
  }
  demandTurn(logKey, checkpoint.size, (key) => ofKey(key) !== undefined);
  const cosignatures = cosigners.flatMap((key) => {
    const line = [...turnsOf(key)]
      .reverse()
      .flatMap((turn) => ofKey(turn.key) ?? [])
      .at(0);
    return line ? [{ key, time: cosignatureTime(line.signature) }] : [];
  });
  return { ...checkpoint, text, cosignatures, ...(second && ofKey(second) && { second: true }) };
}

function demandTurn(logKey: VerifierKey, size: bigint, hasSigned: (key: VerifierKey) => boolean): void {
  const turns = turnsOf(logKey);
  const due = turns.reduce((nth, { from }, n) => (from < size ? n : nth), 0);
  const counts = ({ lastGoodSize }: Turn) => lastGoodSize === undefined || size <= lastGoodSize;
  if (turns.slice(due).some((turn) => counts(turn) && hasSigned(turn.key))) return;
  const revoked = turns.slice(due).find((turn) => !counts(turn) && hasSigned(turn.key));
  if (revoked) {
    throw new NoteFault(
      `${formatVkey(revoked.key)} was revoked beyond size ${revoked.lastGoodSize}; it alone has signed the checkpoint ` +
        `of size ${size}`,
    );
  }
  const signed = turns.find(({ key }) => hasSigned(key));
  if (!signed) throw new UnknownSigner(`the checkpoint carries no signature of ${logKey.name}`);
  const { key, from } = turns[due]!;
  throw new UnknownSigner(
    `beyond size ${from} ${formatVkey(key)} must sign; the checkpoint of size ${size} is signed by its ` +
      `predecessor ${formatVkey(signed.key)} alone`,
  );
}

function sameId(line: NoteSignature, key: Pick<VerifierKey, 'keyId'>): boolean {
  return line.keyId.every((byte, i) => byte === key.keyId[i]);
}
