// Which files may serve as evidence: the kinds that offices work with, and only when the content is what the name says.
// Archives and programs are refused: nobody can look into them on the page.
import { demand } from '#kernel/decider';

/** Media type told from the first bytes (the storage's own look at the file), by the name's ending. */
const kinds: Readonly<Record<string, { readonly found: string; readonly as: string }>> = {
  pdf: same('application/pdf'),
  docx: same('application/vnd.openxmlformats-officedocument.wordprocessingml.document'),
  xlsx: same('application/vnd.openxmlformats-officedocument.spreadsheetml.sheet'),
  pptx: same('application/vnd.openxmlformats-officedocument.presentationml.presentation'),
  doc: { found: 'application/x-ole-storage', as: 'application/msword' },
  xls: { found: 'application/x-ole-storage', as: 'application/vnd.ms-excel' },
  // OFD (GB/T 33190) is a zip container with an ending of its own.
  ofd: { found: 'application/zip', as: 'application/ofd' },
  jpg: same('image/jpeg'),
  jpeg: same('image/jpeg'),
  png: same('image/png'),
  txt: same('text/plain'),
};

/**
 * The media type to record for a file.
 * @param found media type told from the first bytes
 * @throws Refused `evidence.type`
 */
export function evidenceType(name: string, found: string): string {
  const ending = /\.([a-z0-9]{1,8})$/i.exec(name)?.[1]?.toLowerCase() ?? '';
  const kind = Object.hasOwn(kinds, ending) ? kinds[ending] : undefined;
  demand(kind?.found === found, 'evidence.type', { name });
  return kind.as;
}

function same(type: string): { found: string; as: string } {
  return { found: type, as: type };
}
