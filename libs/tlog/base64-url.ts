// base64url without padding (RFC 4648 section 5). Made for each field of each event of an agency, so here Node's own
// encoder is used; the browser reads no journal.
import { excerpt } from './bytes';

/** @param text taken as UTF-8 */
export function textToBase64Url(text: string): string {
  return Buffer.from(text, 'utf8').toString('base64url');
}

export function toBase64Url(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64url');
}

/** @throws Error unless the text is the one spelling of its bytes */
export function fromBase64Url(text: string): Uint8Array {
  const bytes = new Uint8Array(Buffer.from(text, 'base64url'));
  if (!/^[\w-]*$/.test(text) || toBase64Url(bytes) !== text) throw new Error(`not base64url: "${excerpt(text)}"`);
  return bytes;
}
