// The digest of an entry is checked on its bytes where they are plain; whoever parses it must come to the same answer.
import { canonicalBytes } from '#kernel/canonical-json';
import type { JsonObject } from '#kernel/canonical-json';
import type { Entry } from '#kernel/envelope';
import { sampleEntry } from '#testing/sample-log';
import { fromUtf8 } from './bytes';
import { scanEntry } from './entry-scan';
import { sm3Holds, sm3Of } from './sm3';

const plain = JSON.parse(fromUtf8(sampleEntry(7))) as JsonObject;
const digested = (entry: JsonObject): JsonObject => ({ ...entry, sm3: sm3Of(entry as unknown as Entry) });
// A fraction is for the parser.
const entries = [plain, { ...plain, data: { share: 0.5 } }, { ...plain, data: { sm3: 'x', stream: 'y' } }];

it.each(entries)('holds for the rest of the entry and for no other: %j', (entry) => {
  const whole = digested(entry);
  expect(sm3Holds(canonicalBytes(whole))).toBe(true);
  expect(sm3Holds(canonicalBytes({ ...whole, stream: 'other' }))).toBe(false);
  expect(sm3Holds(canonicalBytes({ ...whole, sm3: '0'.repeat(64) }))).toBe(false);
  expect(sm3Holds(canonicalBytes(entry))).toBe(true);
});

it('is checked on the bytes of a plain entry and by the parser otherwise', () => {
  const [bytes, parsed] = entries.map((entry) => scanEntry(canonicalBytes(digested(entry)))?.sm3);
  expect([bytes, parsed]).toEqual([{ from: expect.any(Number), to: expect.any(Number) }, undefined]);
});
