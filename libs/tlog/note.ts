// Signed notes (C2SP signed-note v1.0.0): a text, an empty line, and signatures that each say whose they are. A reader
// ignores signatures of keys that he does not know, but one that claims a known key and fails condemns the whole note.
import { concat, equal, excerpt, fromBase64, fromUtf8, toBase64, utf8 } from './bytes';
import { ed25519Verifier } from './ed25519';
import { checkKeyName } from './key';
import type { SigningKey, VerifierKey } from './key';

export const MAX_NOTE_SIZE = 256 * 1024;
export const MAX_SIGNATURES = 100;

/** Bad form, or no valid signature of a known key. */
export class NoteFault extends Error {
  override readonly name = 'NoteFault';
}

/** No line of the known key that has to sign: the signer may have changed its key. */
export class UnknownSigner extends NoteFault {}

export interface NoteSignature {
  readonly name: string;
  /** 4 bytes. */
  readonly keyId: Uint8Array;
  /** What follows the key id: 64 bytes for a log, 72 for a witness. */
  readonly signature: Uint8Array;
}

export interface Note {
  /** Ends in a line feed. */
  readonly text: string;
  readonly signatures: readonly NoteSignature[];
}

/** What a signature must hold for; `signed` is built from the note's text by the signature type. */
export interface NoteVerifier {
  readonly key: Pick<VerifierKey, 'name' | 'keyId'>;
  verify(text: string, signature: Uint8Array): boolean;
}

/** The verifier of a plain Ed25519 signature (type 0x01): it covers exactly the text. */
export function noteVerifier(key: VerifierKey): NoteVerifier {
  const verify = ed25519Verifier(key.publicKey);
  return { key, verify: (text, signature) => verify(utf8(text), signature) };
}

/** Reads a note's form and checks no signature. Throws NoteFault. */
export function parseNote(bytes: Uint8Array): Note {
  if (bytes.length > MAX_NOTE_SIZE) throw new NoteFault(`a note has at most ${MAX_NOTE_SIZE} bytes`);
  const whole = decode(bytes);
  if (/[\u0000-\u0009\u000b-\u001f]/.test(whole)) throw new NoteFault('a note must not contain control characters');
  const split = whole.lastIndexOf('\n\n');
  if (split < 0 || !whole.endsWith('\n')) throw new NoteFault('a note is a text, an empty line and signature lines');
  const lines = whole.slice(split + 2, -1).split('\n');
  if (lines.length > MAX_SIGNATURES) throw new NoteFault(`a note has at most ${MAX_SIGNATURES} signatures`);
  return { text: whole.slice(0, split + 1), signatures: lines.map(parseSignature) };
}

/**
 * Opens a note: at least one signature must be by a known key, and every one that claims a known key must hold.
 * @returns the note with the verified signatures only, one for each key
 * @throws NoteFault, UnknownSigner
 */
export function openNote(bytes: Uint8Array, known: readonly NoteVerifier[]): Note {
  const { text, signatures } = parseNote(bytes);
  const verified: NoteSignature[] = [];
  for (const line of signatures) {
    const verifier = known.find(({ key }) => key.name === line.name && equal(key.keyId, line.keyId));
    if (!verifier) continue;
    if (!verifier.verify(text, line.signature)) throw new NoteFault(`the signature of ${line.name} does not hold`);
    if (!verified.some((other) => other.name === line.name && equal(other.keyId, line.keyId))) verified.push(line);
  }
  if (verified.length === 0) throw new UnknownSigner('the note carries no signature of a known key');
  return { text, signatures: verified };
}

/** Writes a note; the text must end in a line feed and there must be a signature. */
export function formatNote({ text, signatures }: Note): Uint8Array {
  const lines = signatures.map(({ name, keyId, signature }) => `— ${name} ${toBase64(concat(keyId, signature))}\n`);
  const bytes = utf8(`${text}\n${lines.join('')}`);
  if (parseNote(bytes).text !== text) throw new NoteFault('the text of a note ends in one line feed');
  return bytes;
}

/** A plain signature over the text, by Ed25519 (type 0x01) or what the key is of. */
export function signNote(text: string, key: Pick<SigningKey, 'name' | 'keyId' | 'sign'>): NoteSignature {
  return { name: key.name, keyId: key.keyId, signature: key.sign(utf8(text)) };
}

function parseSignature(line: string): NoteSignature {
  const match = /^— ([^ ]+) ([^ ]+)$/.exec(line);
  if (!match) throw new NoteFault(`not a signature line: "${excerpt(line)}"`);
  try {
    checkKeyName(match[1]!);
    const payload = fromBase64(match[2]!);
    if (payload.length < 5) throw new Error('the signature is too short');
    return { name: match[1]!, keyId: payload.slice(0, 4), signature: payload.slice(4) };
  } catch (cause) {
    throw new NoteFault(`bad signature line: ${(cause as Error).message}`, { cause });
  }
}

function decode(bytes: Uint8Array): string {
  try {
    return fromUtf8(bytes);
  } catch (cause) {
    throw new NoteFault('a note must be UTF-8', { cause });
  }
}
