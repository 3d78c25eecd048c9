// The office's log key is stolen and the thief is first to use it: he signs on, and he announces a key of his own. Two
// peers say which size was the last good one and which key follows; from then on his word is refused, and kept.
import 'reflect-metadata';
import { createServer } from 'node:http';
import type { Server } from 'node:http';
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runRevoke } from '#chassis/revoke';
import { runRotate } from '#chassis/rotate';
import { fromUtf8, toHex } from '#tlog/bytes';
import { parseCheckpoint, signCheckpoint } from '#tlog/checkpoint';
import { readHandovers, writeHandover } from '#tlog/handover';
import { formatVkey, LOG_KEY_TYPE, signingKey } from '#tlog/key';
import type { SigningKey } from '#tlog/key';
import { parseNote } from '#tlog/note';
import { agencies } from '#kernel/envelope';
import { audit } from '../../apps/auditor/src/verify';
import { Three, until } from './three';

const followers = ['commission', 'organization'] as const;
let three: Three;
let stolen: SigningKey;
let successor: string;

beforeAll(async () => {
  three = await Three.make();
  for (const stream of [process.stdout, process.stderr]) jest.spyOn(stream, 'write').mockReturnValue(true);
});
afterAll(async () => {
  jest.restoreAllMocks();
  await three?.end();
});

const office = () => three.config('inspection');
const seedOf = (name: string) =>
  new Uint8Array(Buffer.from(readFileSync(join(office().folder, 'keys', name), 'utf8'), 'base64'));
const revoke = (by: (typeof followers)[number], ...words: string[]) =>
  runRevoke(three.config(by), three.slices(by), ['--of', 'inspection', '--last-good', '2', ...words]);
const all = (size: number) =>
  until(`all hold ${size}`, async () => {
    const held = await Promise.all(followers.map((one) => three.held(one)));
    return held.every((each) => each === size);
  });
const root = new Uint8Array(32).fill(1);

/** What the thief serves in the office's place, until the commission has refused it. */
async function refused(files: Readonly<Record<string, string>>): Promise<string> {
  const count = async () =>
    (await three.rows('commission', `select message from inbox.evidence where kind = 'refused' order by nth`)).map(
      ({ message }) => String(message),
    );
  const before = (await count()).length;
  const server: Server = createServer(({ url }, answer) => {
    const file = files[url ?? ''];
    if (file === undefined) answer.writeHead(404).end();
    else answer.end(file);
  });
  await new Promise<void>((resolve) => void server.listen(office().feedPort, '127.0.0.1', resolve));
  try {
    await until('it is refused', async () => (await count()).length > before);
  } finally {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
  return (await count()).at(-1) as string;
}

it('a key that a peer revokes signs nothing beyond the last good size, and hands over to nobody', async () => {
  await three.say(3);
  await three.start('commission', 'organization', 'inspection');
  await all(2);
  stolen = signingKey(office().origin, LOG_KEY_TYPE, seedOf('log.seed'));
  await three.stop('commission', 'inspection');
  expect(await runRotate(office(), [], ['--overlap', '0'])).toBe(0);
  const [handover] = readHandovers(readFileSync(join(office().folder, 'keys', 'log.handovers'), 'utf8'));
  successor = formatVkey(handover!.next);
  expect(await revoke('commission', '--key', '00000000')).toBe(2);
  expect(await revoke('commission', '--key', toHex(stolen.keyId), '--successor', successor)).toBe(0);
  await three.start('commission');

  const alone = fromUtf8(signCheckpoint({ origin: stolen.name, size: 3n, root }, stolen));
  expect(await refused({ '/log/checkpoint': alone })).toMatch(/was revoked beyond size 2; it alone has signed/);

  const thiefs = signingKey(stolen.name, LOG_KEY_TYPE, new Uint8Array(32).fill(66));
  const taken = { origin: stolen.name, from: 2n, until: '2027-01-01T00:00:00Z' };
  const files = {
    '/log/checkpoint': fromUtf8(
      signCheckpoint({ origin: stolen.name, size: 4n, root }, { ...thiefs, beside: [stolen] }),
    ),
    '/log/keys': fromUtf8(writeHandover(taken, stolen, thiefs, 1n)),
  };
  expect(await refused(files)).toMatch(/was revoked beyond size 2/);
  expect(await three.held('commission')).toBe(2);
});

it('the successor that two peers name signs on, and all follow', async () => {
  await three.stop('organization');
  expect(await revoke('organization', '--key', toHex(stolen.keyId), '--successor', successor)).toBe(0);
  await three.say(3);
  await three.start('organization', 'inspection');
  await all(5);
  const words = `select origin from inbox.entry where type like '%.key-revoked.v1'`;
  await until('the office has read it', async () => (await three.rows('inspection', words)).length === 2);
  expect(three.lines.some((line) => line.includes('peers have revoked a key of the own log'))).toBe(true);
});

it('an auditor who reads all three goes by their words, and refuses what the thief shows in the office’s place', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'sanfang-thief-'));
  const policy = join(folder, 'policy');
  writeFileSync(policy, agencies.map((agency) => `log ${three.given(agency)}\n`).join(''));
  const peers = followers.map((agency) => `${three.feed(agency)}/log`);
  expect(await audit([`${three.feed('inspection')}/log`, ...peers], { policy })).toMatchObject({ verdict: 'WHOLE' });

  const thiefs = join(folder, 'log');
  cpSync(join(office().folder, 'log'), thiefs, { recursive: true });
  for (const name of ['keys', 'cosigned']) rmSync(join(thiefs, name), { force: true });
  const checkpoint = join(thiefs, 'checkpoint');
  const { size, root: shown } = parseCheckpoint(parseNote(readFileSync(checkpoint)).text);
  writeFileSync(checkpoint, signCheckpoint({ origin: stolen.name, size, root: shown }, stolen));
  expect(await audit([thiefs], { policy })).toMatchObject({ verdict: 'WHOLE' });
  const found = await audit([thiefs, ...peers], { policy });
  expect(found).toMatchObject({ verdict: 'INVALID', origin: stolen.name, index: 2, logs: [{}, {}] });
  rmSync(folder, { recursive: true });
});
