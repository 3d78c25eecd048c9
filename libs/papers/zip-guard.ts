// Looks through a docx before any parser opens it: the readers behind inflate without limits, so a file of some hundred
// kilobytes could take the memory of the service. Directories lie, hence every entry is really inflated and counted.

import { fromBufferPromise, type Entry, type ZipFile } from 'yauzl';
import { PaperRefused } from './paper-refused';

/** Limits for an office file, in bytes where not said otherwise (docs/guide/outline-import.md). */
export const zipLimits = {
  fileBytes: 20 * 1024 * 1024,
  entries: 2_000,
  unpackedBytes: 100 * 1024 * 1024,
  /** Unpacked over packed, for the whole file and for each entry above 1 MiB. */
  ratio: 200,
} as const;

const nestedName = /\.(?:zip|rar|7z|gz|tgz|bz2|xz|jar|tar)$/i;
const activeName = /vbaProject|vbaData|oleObject|(?:^|\/)(?:embeddings|activeX|externalLinks)\//i;
const activeRelation = /relationships\/(?:attachedTemplate|oleObject|vbaProject|control|frame|subDocument)["']/i;
const macroType = /macroEnabled|vbaProject|activeX/i;

function checkName({ fileName }: Entry): void {
  const segments = fileName.split(/[\\/]/);
  if (segments.includes('..') || fileName.startsWith('/') || /^[a-z]:/i.test(fileName)) {
    throw new PaperRefused('paper.damaged', { entry: fileName.slice(0, 200), fault: 'path' });
  }
  if (activeName.test(fileName)) throw new PaperRefused('paper.macro', { entry: fileName.slice(0, 200) });
  if (nestedName.test(fileName))
    throw new PaperRefused('paper.bomb', { entry: fileName.slice(0, 200), fault: 'nested' });
}

function checkContent(fileName: string, content: Buffer): void {
  const start = content.subarray(0, 8).toString('latin1');
  if (/^(?:PK\u0003\u0004|Rar!|7z\u00bc\u00af|\u001f\u008b)/.test(start)) {
    throw new PaperRefused('paper.bomb', { entry: fileName, fault: 'nested' });
  }
  if (start.startsWith('\u00d0\u00cf\u0011\u00e0')) throw new PaperRefused('paper.macro', { entry: fileName });
  if (!/\.(?:xml|rels)$/i.test(fileName)) return;
  // A DOCTYPE in another encoding would slip past the search below; office programs write UTF-8.
  if (/^(?:\u00ff\u00fe|\u00fe\u00ff)/.test(start)) {
    throw new PaperRefused('paper.damaged', { entry: fileName, fault: 'encoding' });
  }
  const xml = content.toString('latin1');
  if (/<!(?:DOCTYPE|ENTITY)/i.test(xml)) throw new PaperRefused('paper.damaged', { entry: fileName, fault: 'doctype' });
  const active = /\.rels$/i.test(fileName) ? activeRelation : /content_types/i.test(fileName) ? macroType : undefined;
  if (active?.test(xml)) throw new PaperRefused('paper.macro', { entry: fileName });
}

/** Inflates one entry, stopping as soon as a limit is passed. */
async function inflate(zip: ZipFile, entry: Entry, already: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of await zip.openReadStreamPromise(entry)) {
    const piece = chunk as Buffer;
    size += piece.length;
    const packed = Math.max(entry.compressedSize, 1);
    if (already + size > zipLimits.unpackedBytes || (size > 1_048_576 && size / packed > zipLimits.ratio)) {
      throw new PaperRefused('paper.bomb', { entry: entry.fileName, unpacked: already + size });
    }
    chunks.push(piece);
  }
  return Buffer.concat(chunks, size);
}

async function guardEntries(zip: ZipFile, fileBytes: number): Promise<Map<string, Buffer>> {
  if (zip.entryCount > zipLimits.entries) throw new PaperRefused('paper.bomb', { entries: zip.entryCount });
  const entries: Entry[] = [];
  let declared = 0;
  for await (const entry of zip.eachEntry()) {
    checkName(entry);
    if (entry.isEncrypted()) throw new PaperRefused('paper.damaged', { entry: entry.fileName, fault: 'encrypted' });
    declared += entry.uncompressedSize;
    entries.push(entry);
  }
  if (declared > zipLimits.unpackedBytes || declared / fileBytes > zipLimits.ratio) {
    throw new PaperRefused('paper.bomb', { unpacked: declared, packed: fileBytes });
  }
  const parts = new Map<string, Buffer>();
  let unpacked = 0;
  for (const entry of entries) {
    if (entry.fileName.endsWith('/')) continue;
    if (parts.has(entry.fileName)) throw new PaperRefused('paper.damaged', { entry: entry.fileName, fault: 'twice' });
    const content = await inflate(zip, entry, unpacked);
    unpacked += content.length;
    checkContent(entry.fileName, content);
    // Only these parts are read by us; keeping pictures in memory would serve nobody.
    const wanted = /^word\/(?:document|numbering|styles)\.xml$/.test(entry.fileName);
    parts.set(entry.fileName, wanted ? content : Buffer.alloc(0));
  }
  return parts;
}

/**
 * Checks a docx whole and gives the parts `word/document.xml`, `word/numbering.xml` and `word/styles.xml` (as far as
 * present). Throws PaperRefused: paper.tooLarge, paper.bomb, paper.macro, paper.damaged.
 */
export async function guardDocx(bytes: Uint8Array): Promise<Map<string, Buffer>> {
  if (bytes.length > zipLimits.fileBytes) {
    throw new PaperRefused('paper.tooLarge', { bytes: bytes.length, most: zipLimits.fileBytes });
  }
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  try {
    const zip = await fromBufferPromise(buffer, { lazyEntries: true, validateEntrySizes: true, strictFileNames: true });
    const parts = await guardEntries(zip, buffer.length);
    if (!parts.has('word/document.xml')) throw new PaperRefused('paper.damaged', { fault: 'no word/document.xml' });
    return parts;
  } catch (error) {
    if (error instanceof PaperRefused) throw error;
    // yauzl reports a malformed archive as a plain Error; to the clerk that is a damaged file.
    throw new PaperRefused('paper.damaged', {
      fault: error instanceof Error ? error.message.slice(0, 200) : 'unknown',
    });
  }
}
