// A verifier key is a line of text that anybody could send in another's name. Who has the key signs its own name and the log
// that it is for: whoever takes the line in can see that its sender can sign with it (docs/spec/keys.md section 6).
import { excerpt, fromUtf8 } from './bytes';
import { cosign, cosignatureVerifier } from './cosignature';
import { formatVkey, LOG_KEY_TYPE } from './key';
import type { SigningKey, VerifierKey } from './key';
import { formatNote, NoteFault, noteVerifier, openNote, signNote } from './note';

function textOf(origin: string, key: VerifierKey): string {
  return `sanfang.key-possession/v1\norigin ${origin}\nkey ${formatVkey(key)}\n`;
}

/** @param time POSIX seconds; stands in the line of a witness key */
export function writePossession(origin: string, key: SigningKey, time: bigint): Uint8Array {
  const text = textOf(origin, key);
  return formatNote({ text, signatures: [key.type === LOG_KEY_TYPE ? signNote(text, key) : cosign(text, time, key)] });
}

/** @throws NoteFault unless the key has signed that it is for this log */
export function demandPossession(note: Uint8Array, origin: string, key: VerifierKey): void {
  const { text } = openNote(note, [key.type === LOG_KEY_TYPE ? noteVerifier(key) : cosignatureVerifier(key)]);
  if (text !== textOf(origin, key)) throw new NoteFault(`it says "${excerpt(fromUtf8(note))}"`);
}
