// Evidence files and copies go to the peers only. Who asks proves who he is with the key that everybody has of him already, his
// log's, by a note that is good for one of them and two minutes: no second kind of secret has to be kept or exchanged.
import { fromBase64, toBase64 } from '#tlog/bytes';
import type { SigningKey, VerifierKey } from '#tlog/key';
import { formatNote, noteVerifier, openNote, signNote } from '#tlog/note';

const scheme = 'Sanfang-Note ';
// The first line is neither an origin nor can the text be read as a checkpoint, so no signature serves twice.
const purpose = 'sanfang.blob/v1';
const goodForSeconds = 120;
const maxHeader = 8_192;

/** Value of the `authorization` header. @param wanted SHA-256 of a file, or `copy/N` @param at RFC 3339 UTC */
export function blobPass(signer: SigningKey, wanted: string, at: string): string {
  const text = `${purpose}\n${signer.name}\n${wanted}\n${secondsOf(at)}\n`;
  return (
    scheme +
    toBase64(formatNote({ text, signatures: [signer, ...(signer.beside ?? [])].map((key) => signNote(text, key)) }))
  );
}

/** Origin of the peer who asks for this; undefined for any pass that is not his, not for it, or not of now. */
export function holderOf(
  header: string | undefined,
  peers: readonly VerifierKey[],
  wanted: string,
  at: string,
): string | undefined {
  if (header === undefined || !header.startsWith(scheme) || header.length > maxHeader) return undefined;
  let note: Uint8Array;
  try {
    note = fromBase64(header.slice(scheme.length));
  } catch {
    return undefined;
  }
  return peers.find((peer) => isPass(note, peer, wanted, at))?.name;
}

function isPass(note: Uint8Array, peer: VerifierKey, wanted: string, at: string): boolean {
  try {
    const { text } = openNote(note, [noteVerifier(peer)]);
    const [first, origin, named, seconds, ...rest] = text.split('\n');
    if (rest.length !== 1 || rest[0] !== '' || !/^\d{1,12}$/.test(seconds!)) return false;
    const age = Math.abs(secondsOf(at) - Number(seconds));
    return first === purpose && origin === peer.name && named === wanted && age <= goodForSeconds;
  } catch {
    return false;
  }
}

function secondsOf(at: string): number {
  return Math.floor(Date.parse(at) / 1_000);
}
