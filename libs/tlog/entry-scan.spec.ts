// The scan may accept only what parseEntry accepts, with the same id.
import fc from 'fast-check';
import { canonicalBytes } from '#kernel/canonical-json';
import type { JsonObject } from '#kernel/canonical-json';
import { sampleEntry } from '#testing/sample-log';
import { fromUtf8, utf8 } from './bytes';
import { parseEntry } from './entry';
import { scanEntry } from './entry-scan';

function idOf(bytes: Uint8Array): string | undefined {
  try {
    return parseEntry(bytes).id;
  } catch {
    return undefined;
  }
}

function scanned(bytes: Uint8Array): string | undefined {
  const place = scanEntry(bytes);
  return place && fromUtf8(bytes.subarray(place.from, place.to));
}

const plain = JSON.parse(fromUtf8(sampleEntry(7))) as JsonObject;
const odd = [
  '0f'.repeat(32),
  '0F'.repeat(32),
  '0f'.repeat(33),
  null,
  '',
  0,
  -1,
  1.5,
  2,
  [],
  {},
  '2026-03-02T01:00:00Z',
  '2026-03-02T01:00:00.Z',
  'a"b',
  '编号',
  true,
];

it('knows every plain entry, and where its id stands, also in the middle of other bytes', () => {
  for (const entry of [
    sampleEntry(7),
    canonicalBytes({ ...plain, cause: { id: 'c' } }),
    canonicalBytes({ ...plain, id: '编号' }),
    canonicalBytes({ ...plain, sm3: '0f'.repeat(32) }),
  ]) {
    expect(scanned(entry)).toBe(idOf(entry));
    expect(scanned(entry)).toBeDefined();
    const within = Uint8Array.from([0, 0, ...entry, 0x7d, 0x7d]);
    const place = scanEntry(within, 2, 2 + entry.length)!;
    expect(fromUtf8(within.subarray(place.from, place.to))).toBe(idOf(entry));
    expect(scanEntry(within, 2, 3 + entry.length)).toBeUndefined();
    expect(scanEntry(within, 2, 1 + entry.length)).toBeUndefined();
  }
});

it('accepts nothing that parseEntry does not, whatever fields are changed, missing or added', () => {
  const field = fc.constantFrom(...Object.keys(plain), 'cause', 'more', 'sealed', 'sm3', 'Zz', 'ata');
  const change = fc.tuple(field, fc.option(fc.constantFrom(...odd), { nil: undefined }));
  fc.assert(
    fc.property(fc.array(change, { minLength: 1, maxLength: 3 }), (changes) => {
      const entry = canonicalBytes({ ...plain, ...Object.fromEntries(changes) });
      const id = scanned(entry);
      if (id !== undefined) expect(id).toBe(idOf(entry));
    }),
    { numRuns: 3_000 },
  );
});

it('accepts nothing that parseEntry does not, wherever bytes are changed, left out or put in', () => {
  const edit = fc.tuple(
    fc.nat(),
    fc.constantFrom(0, 1, 3),
    fc.constantFrom(...utf8('"\\,:{}[]0-9. aZT\u0000\u007f问')),
  );
  const either = fc.constantFrom(sampleEntry(7), canonicalBytes({ ...plain, sm3: '0f'.repeat(32) }));
  fc.assert(
    fc.property(either, fc.array(edit, { minLength: 1, maxLength: 2 }), (whole, edits) => {
      const entry = [...whole];
      for (const [place, cut, byte] of edits) entry.splice(place % entry.length, cut, byte);
      const bytes = Uint8Array.from(entry);
      const id = scanned(bytes);
      if (id !== undefined) expect(id).toBe(idOf(bytes));
    }),
    { numRuns: 3_000 },
  );
});

it('leaves an id with an escape, and an entry that is too long, to parseEntry', () => {
  expect(scanEntry(canonicalBytes({ ...plain, id: 'a"b' }))).toBeUndefined();
  expect(scanEntry(canonicalBytes({ ...plain, data: { text: 'x'.repeat(65_500) } }))).toBeUndefined();
});
