// Decodes a text file. Old office machines save GB18030, Windows puts a mark in front, and a wrong guess would put
// mojibake into a ledger: a text that does not decode cleanly is refused, never patched.

import { PaperRefused } from './paper-refused';

/** Largest text file taken, in bytes. */
export const mostTextBytes = 5 * 1024 * 1024;

export type TextEncodingName = 'utf-8' | 'utf-16le' | 'utf-16be' | 'gb18030';

function strict(encoding: TextEncodingName, bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder(encoding, { fatal: true }).decode(bytes);
  } catch (error) {
    // The decoder's only complaint is malformed input; the caller goes on to the next encoding or refuses.
    if ((error as { code?: unknown }).code === 'ERR_ENCODING_INVALID_ENCODED_DATA') return undefined;
    throw error;
  }
}

/** A broken or cut-off UTF-8 file also decodes as GB18030, into nonsense; such a file must not get that far. */
function looksLikeBrokenUtf8(bytes: Uint8Array): boolean {
  const loose = new TextDecoder('utf-8').decode(bytes);
  let broken = 0;
  let sound = 0;
  for (let at = 0; at < loose.length; at++) {
    const code = loose.charCodeAt(at);
    if (code === 0xfffd) broken++;
    else if (code >= 0x2000) sound++;
  }
  return sound > broken * 4;
}

/** Share of the characters beyond ASCII that Chinese prose really uses. */
function readsAsChinese(text: string): boolean {
  let foreign = 0;
  let common = 0;
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code < 0x80) continue;
    foreign++;
    const isCommon = (code >= 0x4e00 && code <= 0x9fa5) || (code >= 0x2000 && code <= 0x303f) || code >= 0xff00;
    if (isCommon || (code >= 0x00b7 && code <= 0x00d7) || (code >= 0x2460 && code <= 0x2500)) common++;
  }
  return foreign === 0 || common / foreign >= 0.95;
}

function sound(text: string, encoding: TextEncodingName): { text: string; encoding: TextEncodingName } {
  const control = /[\u0000-\u0008\u000e-\u001f\u007f]/.exec(text);
  if (control) throw new PaperRefused('paper.notText', { encoding, control: control[0].charCodeAt(0) });
  if (text.includes('\ufffd'))
    throw new PaperRefused('paper.encoding', { encoding, replacementAt: text.indexOf('\ufffd') });
  if (text.trim() === '') throw new PaperRefused('paper.empty', { encoding });
  return { text, encoding };
}

function startsWith(bytes: Uint8Array, ...mark: number[]): boolean {
  return mark.every((byte, at) => bytes[at] === byte);
}

/**
 * The text of a file and the encoding it was in: UTF-8 with or without mark, UTF-16 with mark, GB18030. The mark is not
 * part of the text. Throws PaperRefused: paper.empty, paper.tooLarge, paper.encoding, paper.notText.
 */
export function decodeText(bytes: Uint8Array): { text: string; encoding: TextEncodingName } {
  if (bytes.length === 0) throw new PaperRefused('paper.empty');
  if (bytes.length > mostTextBytes)
    throw new PaperRefused('paper.tooLarge', { bytes: bytes.length, most: mostTextBytes });
  const marked = startsWith(bytes, 0xff, 0xfe) ? 'utf-16le' : startsWith(bytes, 0xfe, 0xff) ? 'utf-16be' : undefined;
  if (marked) {
    const text = strict(marked, bytes);
    if (text === undefined) throw new PaperRefused('paper.encoding', { encoding: marked });
    return sound(text, marked);
  }
  const utf8 = strict('utf-8', bytes);
  if (utf8 !== undefined) return sound(utf8, 'utf-8');
  if (bytes.includes(0)) throw new PaperRefused('paper.notText', { control: 0 });
  if (looksLikeBrokenUtf8(bytes)) throw new PaperRefused('paper.encoding', { encoding: 'utf-8' });
  const gb = strict('gb18030', bytes);
  if (gb === undefined) throw new PaperRefused('paper.encoding', { encoding: 'gb18030' });
  const decoded = sound(gb, 'gb18030');
  if (!readsAsChinese(gb)) throw new PaperRefused('paper.encoding', { encoding: 'gb18030' });
  return decoded;
}
