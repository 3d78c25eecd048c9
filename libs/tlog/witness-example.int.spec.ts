// The worked example of docs/spec/witness.md is what the code reads and writes.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { utf8 } from './bytes';
import { cosign } from './cosignature';
import { COSIGNER_KEY_TYPE, LOG_KEY_TYPE, signingKey } from './key';
import { formatNote } from './note';
import { Frontier, leafHash } from './merkle';
import { readAddCheckpoint, refusalOf } from './witness';
import type { AddCheckpoint } from './witness';

const page = readFileSync(join(__dirname, '../../docs/spec/witness.md'), 'utf8');
const blocks = [...page.matchAll(/^```\n([^]*?)^```$/gm)].map(([, text]) => text!);

it('the request of the page is granted at size 2, and the answer is the line of the page', () => {
  const request = blocks.find((text) => text.startsWith('old 2\n'))!;
  const log = signingKey('inspection.example.gov.cn/events', LOG_KEY_TYPE, new Uint8Array(32).fill(7));
  const witness = signingKey('commission.example.gov.cn/witness', COSIGNER_KEY_TYPE, new Uint8Array(32).fill(9));
  const read = readAddCheckpoint(utf8(request), (origin) => (origin === log.name ? log : undefined)) as AddCheckpoint;
  expect(read).toMatchObject({ old: 2n, checkpoint: { size: 3n } });
  const two = Frontier.empty();
  for (const entry of ['a', 'b']) two.append(leafHash(utf8(entry)));
  expect(refusalOf(read, { size: 2n, root: two.root() })).toBeUndefined();
  const line = cosign(read.checkpoint.text, 1_767_139_200n, witness);
  const answer = Buffer.from(formatNote({ text: 'x\n', signatures: [line] }))
    .toString('utf8')
    .slice(3);
  expect(blocks).toContain(answer);
});
