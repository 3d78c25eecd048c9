// The one door for uploaded papers: by name and content it picks the reader, and everything else is refused.

import { decodeText } from './decode';
import { docxText } from './docx';
import { PaperRefused } from './paper-refused';

/** Text of a paper. `unnumbered` is present when automatic numbers of a docx could not be recovered. */
export interface PaperText {
  text: string;
  encoding: string;
  unnumbered?: number;
}

function starts(bytes: Uint8Array, ...mark: number[]): boolean {
  return mark.every((byte, at) => bytes[at] === byte);
}

/**
 * Reads a .txt or .docx file; a name without extension is judged by its content. Throws {@link PaperRefused} and
 * nothing else for any bytes.
 */
export async function readPaper(name: string, bytes: Uint8Array): Promise<PaperText> {
  if (bytes.length === 0) throw new PaperRefused('paper.empty');
  const extension = /\.([^./\\]{1,10})$/.exec(name.trim())?.[1]?.toLowerCase();
  const isZip = starts(bytes, 0x50, 0x4b, 0x03, 0x04);
  const isOle = starts(bytes, 0xd0, 0xcf, 0x11, 0xe0);
  if (extension === 'docx' || (extension === undefined && isZip)) {
    if (isOle) throw new PaperRefused('paper.kind', { found: 'ole' });
    const { text, unnumbered } = await docxText(bytes);
    return unnumbered > 0 ? { text, encoding: 'docx', unnumbered } : { text, encoding: 'docx' };
  }
  if (extension !== undefined && extension !== 'txt') throw new PaperRefused('paper.kind', { extension });
  if (isZip || isOle || starts(bytes, 0x25, 0x50, 0x44, 0x46)) throw new PaperRefused('paper.notText');
  return decodeText(bytes);
}
