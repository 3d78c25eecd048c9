// The worked example of docs/spec/sealed.md is what the code makes and opens.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { canonicalize } from '#kernel/canonical-json';
import { neutral } from '#kernel/envelope';
import type { SealedEntry } from '#kernel/envelope';
import { readEntry, writeEntry } from '#stream/entry-schema';
import { toBase64, toHex } from '#tlog/bytes';
import { leafHash } from '#tlog/merkle';
import { commitOf, open, seal } from './body';
import type { Body } from './body';
import { pairOf } from './suite';

const page = readFileSync(join(__dirname, '../../../docs/spec/sealed.md'), 'utf8');
const place = {
  agency: 'inspection',
  origin: 'inspection.example.gov.cn/events/v1',
  id: '0190a000-0000-7000-8000-000000000001',
} as const;
const body: Body = {
  actor: { agency: 'inspection', id: 'p-3', name: '王某', role: 'inspectionOffice' },
  data: { text: '第1项' },
  salt: 'A'.repeat(43),
  stream: 'sample-1',
  type: 'inspection.sample-noted.v1',
};

it('keys, body, commitment, entry and leaf are those of the page, and the entry opens', async () => {
  const reader = pairOf(new Uint8Array(32).fill(5));
  const addressee = { agency: 'commission', key: reader.id, publicKey: reader.publicKey } as const;
  const randomness = { contentKey: new Uint8Array(32).fill(11), ikm: () => new Uint8Array(32).fill(13) };
  const sealed = await seal(body, place, [addressee], randomness);
  const entry: SealedEntry = {
    ...neutral('inspection', place.id),
    ...{ v: 1, id: place.id, revision: 0, at: '2026-03-02T01:00:00.000Z', seen: {} },
    ...{ commit: '0'.repeat(63) + '1', sealed },
  };
  const bytes = writeEntry(entry);
  const lines = [
    `public key     ${toBase64(reader.publicKey)}`,
    `key id         ${reader.id}`,
    `body           ${canonicalize(body)}`,
    `commit         ${commitOf(body)}`,
    `leaf           ${toHex(leafHash(bytes))}`,
    Buffer.from(bytes).toString(),
  ];
  for (const line of lines) expect(page).toContain(`\n${line}\n`);
  expect(page).toContain(`An entry, one line, ${bytes.length} bytes:`);
  readEntry(bytes);
  const { salt: _, ...opened } = body;
  const privateKeyOf = (id: string) => (id === reader.id ? reader.privateKey : undefined);
  expect(await open(sealed, place, 'commission', privateKeyOf)).toEqual(opened);
});
