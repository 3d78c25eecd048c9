// What a file is, from its first bytes: what the client claims decides nothing (ASVS 5.2.2).

/** So many leading bytes are looked at. */
export const sniffBytes = 4096;

const office: Readonly<Record<string, string>> = {
  docx: 'application/vnd.openxmlformats-officedocument.wordprocessingml.document',
  xlsx: 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet',
  pptx: 'application/vnd.openxmlformats-officedocument.presentationml.presentation',
};
const beginnings: readonly (readonly [hex: string, type: string])[] = [
  ['255044462d', 'application/pdf'],
  ['89504e470d0a1a0a', 'image/png'],
  ['ffd8ff', 'image/jpeg'],
  ['47494638', 'image/gif'],
  ['d0cf11e0a1b11ae1', 'application/x-ole-storage'],
];

/** @param name tells apart what has the same beginning (docx and xlsx are both zip files) */
export function mediaTypeOf(head: Uint8Array, name: string): string {
  const hex = Buffer.from(head.buffer, head.byteOffset, Math.min(head.byteLength, 16)).toString('hex');
  const known = beginnings.find(([beginning]) => hex.startsWith(beginning));
  if (known) return known[1];
  const ending = /\.([a-z0-9]{1,8})$/i.exec(name)?.[1]?.toLowerCase() ?? '';
  if (hex.startsWith('504b0304')) return office[ending] ?? 'application/zip';
  // Chinese texts come in several encodings; what has no NUL byte and calls itself a text is one.
  return ending === 'txt' && !head.subarray(0, sniffBytes).includes(0) ? 'text/plain' : 'application/octet-stream';
}
