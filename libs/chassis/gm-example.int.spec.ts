// docs/spec/gm.md says what the code does: its key, its checkpoint, and its sealed text.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fromHex, utf8 } from '#tlog/bytes';
import { openCheckpoint } from '#tlog/checkpoint';
import { LOG_KEY_TYPE, signingKey } from '#tlog/key';
import { sm2Signer, sm2Verifier } from '#tlog/sm2';
import { parseSm2Vkey } from '#tlog/sm2-key';
import { cipherOf } from './ciphers/by-name';

const page = readFileSync(join(__dirname, '../../docs/spec/gm.md'), 'utf8');
const [vkey, note, sealed] = [...page.matchAll(/^```\n([^]*?)^```$/gm)].map(([, text]) => text!) as string[];
const origin = 'inspection.example.gov.cn/events';
const secret = new Uint8Array(32).fill(7);

describe('the page on the profile gm', () => {
  it('shows the SM2 key of its secret', () => expect(`${sm2Signer(origin, secret).vkey}\n`).toBe(vkey));

  it('shows a checkpoint whose both lines hold', () => {
    const key = signingKey(origin, LOG_KEY_TYPE, secret);
    const second = sm2Verifier(parseSm2Vkey(vkey!));
    expect(openCheckpoint(utf8(note!), { ...key, second })).toMatchObject({ size: 3n, second: true });
  });

  it('shows a sealed text that opens', () => {
    const opened = cipherOf('gm').open(secret, fromHex(sealed!.trim()), 'sample');
    expect(Buffer.from(opened).toString()).toBe('第3号问题');
  });
});
