// The worked example of docs/spec/opening.md is what the code reckons.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { commitTo } from './commitment';
import { drawSteps, listDigest, seedOf } from './draw';

const page = readFileSync(join(__dirname, '../../../docs/spec/opening.md'), 'utf8');
const [commitment, draw] = [...page.matchAll(/^```\n([^]*?)^```$/gm)].map(([, text]) => text);
const nonce = (pair: string): string => pair.repeat(32);

it('the commitment of the page hides its nonce behind its salt', () =>
  expect(`${commitTo('d1.1', 'commission', { nonce: nonce('11') }, nonce('5a'))}\n`).toBe(commitment));

it('the list and the nonces of the page draw the lots that it names', () => {
  const lots = [3, 1, 2, 1].map((weight, at) => ({ id: `u${at + 1}`, weight }));
  const nonces = { commission: nonce('11'), inspection: nonce('22'), organization: nonce('33') };
  const seed = seedOf({ drawId: 'd1', attempt: 1 }, lots, nonces);
  expect(`${[listDigest(lots), seed, JSON.stringify(drawSteps(seed, lots, 2))].join('\n')}\n`).toBe(draw);
});
