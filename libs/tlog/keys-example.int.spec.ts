// The worked example of docs/spec/keys.md is what the code reads and writes.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fromUtf8, utf8 } from './bytes';
import { openCheckpoint } from './checkpoint';
import { readHandover, withHandovers, writeHandover } from './handover';
import { formatVkey, LOG_KEY_TYPE, newestOf, signingKey } from './key';
import { writePossession } from './possession';

const page = readFileSync(join(__dirname, '../../docs/spec/keys.md'), 'utf8');
const blocks = [...page.matchAll(/^```\n([^]*?)^```$/gm)].map(([, text]) => text!);
const [old, next] = [7, 8].map((fill) =>
  signingKey('inspection.example.gov.cn/events', LOG_KEY_TYPE, new Uint8Array(32).fill(fill)),
);

it('the handover of the page leads from the first key to the second, and opens its checkpoint', () => {
  const note = blocks.find((text) => text.startsWith('sanfang.key-handover/v1\norigin inspection'))!;
  const handover = readHandover(utf8(note));
  const { origin, from, until } = handover;
  expect(fromUtf8(writeHandover({ origin, from, until }, old!, next!, 1n))).toBe(note);
  const known = withHandovers(old!, [handover]);
  expect(`${formatVkey(newestOf(known))}\n`).toBe(blocks.find((text) => text.includes('+a102bdd9+'))!);
  const checkpoint = utf8(blocks.find((text) => text.startsWith('inspection.example.gov.cn/events\n3\n'))!);
  for (const key of [old!, next!, known]) expect(openCheckpoint(checkpoint, key).size).toBe(3n);
});

it('the proof of possession of the page is what the key writes', () =>
  expect(blocks).toContain(fromUtf8(writePossession(old!.name, old!, 1n))));
