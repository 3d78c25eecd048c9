// Evidence files go to the peers only. Who asks proves who he is with the key that everybody has of him already, his
// log's, by a note that is good for one file and two minutes: no second kind of secret has to be kept or exchanged.
import { fromBase64, toBase64 } from '#tlog/bytes';
import type { SigningKey, VerifierKey } from '#tlog/key';
import { formatNote, noteVerifier, openNote, signNote } from '#tlog/note';

const scheme = 'Sanfang-Note ';
// The first line is neither an origin nor can the text be read as a checkpoint, so no signature serves twice.
const purpose = 'sanfang.blob/v1';
const goodForSeconds = 120;
const maxHeader = 8_192;

/** Value of the `authorization` header. @param at RFC 3339 UTC */
export function blobPass(signer: SigningKey, sha256: string, at: string): string {
  const text = `${purpose}\n${signer.name}\n${sha256}\n${secondsOf(at)}\n`;
  return (
    scheme +
    toBase64(formatNote({ text, signatures: [signer, ...(signer.beside ?? [])].map((key) => signNote(text, key)) }))
  );
}

/** Origin of the peer who asks for this file; undefined for any pass that is not his, not for it, or not of now. */
export function holderOf(
  header: string | undefined,
  peers: readonly VerifierKey[],
  sha256: string,
  at: string,
): string | undefined {
  if (header === undefined || !header.startsWith(scheme) || header.length > maxHeader) return undefined;
  let note: Uint8Array;
  try {
    note = fromBase64(header.slice(scheme.length));
  } catch {
    return undefined;
  }
  return peers.find((peer) => isPass(note, peer, sha256, at))?.name;
}

function isPass(note: Uint8Array, peer: VerifierKey, sha256: string, at: string): boolean {
  try {
    const { text } = openNote(note, [noteVerifier(peer)]);
    const [first, origin, wanted, seconds, ...rest] = text.split('\n');
    if (rest.length !== 1 || rest[0] !== '' || !/^\d{1,12}$/.test(seconds!)) return false;
    const age = Math.abs(secondsOf(at) - Number(seconds));
    return first === purpose && origin === peer.name && wanted === sha256 && age <= goodForSeconds;
  } catch {
    return false;
  }
}

function secondsOf(at: string): number {
  return Math.floor(Date.parse(at) / 1_000);
}
