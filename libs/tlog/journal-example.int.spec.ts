// The example that docs/spec/journal.md prints: whoever writes another implementation compares byte by byte, so the page
// and this test hold the same text.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { leafOf } from '#chassis/journal/secrets';
import { sampleClue, sampleJournal, sampleSecret, sharedOrigin } from '#testing/sample-journal';
import { anchorCommit, anchorOf } from './anchor';
import { readAnchors, writeAnchors } from './anchors-file';
import { fromBase64Url } from './base64-url';
import { fromUtf8, toHex, utf8 } from './bytes';
import { checkDisclosure, writeDisclosure } from './disclosure';
import { parseEntry } from './entry';
import { digestOf, fixedFields, readLeaf } from './journal-leaf';
import { leafHash } from './merkle';
import { parsePolicy } from './policy';

const page = readFileSync(join(__dirname, '../../docs/spec/journal.md'), 'utf8');
const blocks = [...page.matchAll(/^```\n([\s\S]*?)\n```$/gm)].map(([, text]) => text!);
const [event, leaf, disclosure, anchor, policy, file, anchors] = blocks.map((block) => block.split('\n'));
const journal = sampleJournal();
const made = leafOf(sampleClue(5), sampleSecret(5));

describe('the worked example of docs/spec/journal.md', () => {
  it('has this event, this secret and this leaf', () => {
    const { position, revision, ...rest } = sampleClue(5);
    expect(JSON.parse(event![0]!)).toEqual({ ...rest, position: Number(position), revision: Number(revision) });
    expect(event![1]).toBe(toHex(sampleSecret(5)));
    expect(leaf).toEqual([fromUtf8(made.bytes), toHex(leafHash(made.bytes))]);
  });

  it('has this disclosure, whose digest stands at the place of its name', () => {
    expect(disclosure).toEqual([made.disclosures[9], fromUtf8(fromBase64Url(made.disclosures[9]!))]);
    expect(readLeaf(JSON.parse(leaf![0]!)).digests[fixedFields.length]).toBe(digestOf(disclosure![0]!));
  });

  it('has this anchor, which commits to the checkpoint', () => {
    const text = `${anchor!.slice(0, 3).join('\n')}\n`;
    const [salt, entry] = [anchor![4]!, anchor![6]!];
    expect(text).toBe(journal.anchors[3]!.checkpoint);
    expect(entry).toBe(fromUtf8(journal.log.entries[7]!));
    expect(anchorOf(parseEntry(utf8(entry)))?.commit).toBe(anchorCommit(fromBase64Url(salt), text));
  });

  it('has this package, which holds by this policy', () => {
    const disclosures = made.disclosures.slice(8, 10);
    expect(file).toEqual([fromUtf8(writeDisclosure({ ...journal.disclosure(5), disclosures }))]);
    const { index, fields } = checkDisclosure(utf8(file![0]!), parsePolicy(`${policy!.join('\n')}\n`));
    expect([index, fields.at(-1)]).toEqual([5n, { name: 'data.amount', value: '1005.00' }]);
  });

  it('has these anchors, opened', () => {
    const opened = { log: sharedOrigin, anchors: journal.anchors.slice(0, 3) };
    expect(anchors).toEqual([fromUtf8(writeAnchors(opened))]);
    expect(readAnchors(utf8(anchors![0]!))).toEqual(opened);
  });
});
