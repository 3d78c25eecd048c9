// An agency changes its keys while two others follow it. Nobody sends a key to anybody: the log says who follows whom, and
// whoever holds one of its keys finds the others. A thief with the old key is refused by all who have read on.
import 'reflect-metadata';
import { createServer } from 'node:http';
import { mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { witnessName } from '#chassis/keys';
import { runFsck } from '#chassis/fsck/run';
import { runRotate } from '#chassis/rotate';
import { fromUtf8, utf8 } from '#tlog/bytes';
import { openCheckpoint, signCheckpoint } from '#tlog/checkpoint';
import { joinHandovers, splitHandovers, writeHandover } from '#tlog/handover';
import { LOG_KEY_TYPE, parseVkey, signingKey } from '#tlog/key';
import type { SigningKey } from '#tlog/key';
import { parseNote } from '#tlog/note';
import { audit } from '../../apps/auditor/src/verify';
import { mirror } from '../../apps/auditor/src/mirror';
import { Three, until } from './three';

const followers = ['commission', 'organization'] as const;
let three: Three;
let folder: string;
/** The log key of the first day, as a thief would have it. */
let stolen: SigningKey;
const written: string[] = [];

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'sanfang-rotation-'));
  three = await Three.make();
  jest.spyOn(process.stdout, 'write').mockImplementation((text) => written.push(String(text)) > 0);
  jest.spyOn(process.stderr, 'write').mockImplementation((text) => written.push(String(text)) > 0);
});
afterAll(async () => {
  jest.restoreAllMocks();
  await three?.end();
  rmSync(folder, { recursive: true, force: true });
});

const office = () => three.config('inspection');
const rotate = (...words: string[]) => runRotate(office(), three.slices('inspection'), words);
const all = (size: number) =>
  until(`all hold ${size}`, async () =>
    (await Promise.all(followers.map((one) => three.held(one)))).every((n) => n === size),
  );
const lines = async (): Promise<number> => {
  const { text, signatures } = parseNote(utf8(await three.text('inspection', '/log/checkpoint')));
  return signatures.filter(({ name }) => name === text.split('\n')[0]).length;
};
/** Files that lie in the keys folder. */
const seeds = () => readdirSync(join(office().folder, 'keys')).filter((name) => name.startsWith('log'));
/** An auditor to whom somebody gave the first key years ago. */
const byFirstKey = (): string => {
  const policy = join(folder, 'policy');
  writeFileSync(policy, `log ${three.given('inspection')}\n`);
  return policy;
};

describe('an agency that changes its log key', () => {
  it('is followed by its first key', async () => {
    await three.say(6);
    await three.start('commission', 'organization', 'inspection');
    await all(4);
    stolen = signingKey(office().origin, LOG_KEY_TYPE, seedOf('log.seed'));
    expect(await lines()).toBe(1);
    expect((await fetch(`${three.feed('inspection')}/log/keys`)).status).toBe(404);
  });

  it('does so while it is stopped', async () => {
    expect(await rotate('--overlap', 'soon')).toBe(2);
    await three.stop('inspection');
    expect(await rotate('--overlap', '30')).toBe(0);
    expect(seeds()).toEqual(['log-1.seed', 'log.handovers', 'log.seed']);
    expect(statSync(join(office().folder, 'keys', 'log-1.seed')).mode & 0o777).toBe(0o600);
  });

  it('announces the new key in its log and signs with both, so that nobody has to be told', async () => {
    await three.start('inspection');
    await all(5);
    expect(await lines()).toBe(2);
    const [entry] = await three.rows('commission', `select type from inbox.entry where index = 4`);
    expect(entry).toEqual({ type: 'inspection.key-announced.v1' });
    const note = utf8(await three.text('inspection', '/log/checkpoint'));
    for (const vkey of [three.given('inspection'), await three.text('inspection', '/log/vkey')]) {
      expect(openCheckpoint(note, parseVkey(vkey)).size).toBe(5n);
    }
    expect(await three.text('inspection', '/log/vkey')).not.toContain(three.given('inspection'));
  });

  it('is followed on by a peer that was restarted in between', async () => {
    await three.stop('organization', 'inspection');
    await three.say(3);
    await three.start('organization', 'inspection');
    await all(7);
  });

  it('is followed through a change without overlap, also by a peer that was away', async () => {
    await three.stop('organization', 'inspection');
    expect(await rotate('--overlap', '0')).toBe(0);
    // As when the first overlap has ended too.
    rmSync(join(office().folder, 'keys', 'log.seed'));
    await three.start('inspection', 'organization');
    await all(8);
    // The seed that handed over without overlap was removed at the start.
    expect(seeds()).toEqual(['log-2.seed', 'log.handovers']);
    expect(await lines()).toBe(1);
    expect((await three.rows('organization', `select message from inbox.evidence`)).length).toBe(0);
  });

  it('is read whole by an auditor who has its first key and nothing else', async () => {
    const policy = byFirstKey();
    for (const place of [`${three.feed('inspection')}/log`, join(office().folder, 'log')]) {
      expect(await audit([place], { policy })).toMatchObject({ verdict: 'WHOLE', logs: [{ size: 8 }] });
    }
    const copy = join(folder, 'mirror');
    expect(await mirror(`${three.feed('inspection')}/log`, copy, { policy })).toMatchObject({
      verdict: 'WHOLE',
      size: 8,
    });
    expect(await audit([copy], { policy })).toMatchObject({ verdict: 'WHOLE' });
  });

  it('is not believed when the handovers beside the log are missing, or stand in no log', async () => {
    const copy = join(folder, 'mirror');
    const keys = readFileSync(join(copy, 'keys'), 'utf8');
    rmSync(join(copy, 'keys'));
    expect(await audit([copy], { policy: byFirstKey() })).toMatchObject({ verdict: 'INVALID' });
    const next = signingKey(office().origin, LOG_KEY_TYPE, seedOf('log-2.seed'));
    const other = signingKey(office().origin, LOG_KEY_TYPE, new Uint8Array(32).fill(9));
    const secret = writeHandover({ origin: office().origin, from: 8n, until: '2026-01-01T00:00:00Z' }, next, other, 1n);
    writeFileSync(join(copy, 'keys'), joinHandovers([keys, fromUtf8(secret)]));
    const found = await audit([copy], { policy: byFirstKey() });
    expect(found).toMatchObject({ verdict: 'INVALID', what: expect.stringContaining('没有在日志中公布') });
  });

  it('has it in whole order for its own checks and those of its peers', async () => {
    expect(await (await fetch(`${three.feed('inspection')}/log/self-check`)).json()).toMatchObject({ ok: true });
    await three.stop('organization', 'inspection');
    for (const agency of ['inspection', 'organization'] as const) {
      expect([agency, await runFsck(three.config(agency), three.slices(agency), ['--no-views'])]).toEqual([agency, 0]);
    }
  });

  it('does not start with a keys folder that is older than its log', async () => {
    const keys = join(office().folder, 'keys');
    const kept = readFileSync(join(keys, 'log.handovers'), 'utf8');
    writeFileSync(join(keys, 'log.handovers'), splitHandovers(kept)[0]!);
    renameSync(join(keys, 'log-2.seed'), join(keys, 'log-1.seed'));
    await expect(three.start('inspection')).rejects.toThrow('is not the key of the last rotation');
    rmSync(join(keys, 'log.handovers'));
    renameSync(join(keys, 'log-1.seed'), join(keys, 'log.seed'));
    await expect(three.start('inspection')).rejects.toThrow('restore the keys folder');
    writeFileSync(join(keys, 'log.handovers'), kept);
    renameSync(join(keys, 'log.seed'), join(keys, 'log-2.seed'));
  });
});

describe('a thief with the first key', () => {
  it('is refused by whoever has read of the second, and what he signed is kept', async () => {
    const forged = signCheckpoint({ origin: stolen.name, size: 9n, root: new Uint8Array(32).fill(1) }, stolen);
    const server = createServer(({ url }, answer) => {
      if (url === '/log/checkpoint') answer.end(forged);
      else answer.writeHead(404).end();
    });
    const { feedPort } = office();
    await new Promise<void>((resolve) => void server.listen(feedPort, '127.0.0.1', resolve));
    const kept = () => three.rows('commission', `select message, note from inbox.evidence where kind = 'refused'`);
    try {
      await until('the commission has kept it', async () => (await kept()).length > 0);
    } finally {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    }
    const [found] = await kept();
    expect(String(found?.['message'])).toMatch(/beyond size \d+ .* must sign; .* signed by its predecessor .* alone/);
    expect(Buffer.from(found?.['note'] as Buffer)).toEqual(Buffer.from(forged));
    await three.say(3);
    await three.start('organization', 'inspection');
    await all(10);
  });
});

describe('a witness that changes its key', () => {
  it('goes on making entries final, first with both keys and then with the new one', async () => {
    const commission = three.config('commission');
    for (const [overlap, own] of [
      ['30', 2],
      ['0', 1],
    ] as const) {
      await three.stop('commission', 'inspection');
      const words = ['--witness', '--overlap', overlap];
      expect(await runRotate(commission, three.slices('commission'), words)).toBe(0);
      if (overlap === '0') rmSync(join(commission.folder, 'keys', 'witness.seed'));
      await three.say(3);
      await three.start('commission', 'inspection');
      const size = (await three.rows('inspection', 'select max(size) as size from log.checkpoint'))[0]?.['size'];
      const cosigned = () => three.text('inspection', '/log/cosigned');
      await until('both have cosigned', async () => (await cosigned()).includes(`\n${String(size)}\n`));
      const { signatures } = parseNote(utf8(await cosigned()));
      const ofCommission = signatures.filter(({ name }) => name === witnessName(commission.origin));
      expect([overlap, ofCommission.length]).toEqual([overlap, own]);
    }
  });
});

function seedOf(name: string): Uint8Array {
  return new Uint8Array(Buffer.from(readFileSync(join(office().folder, 'keys', name), 'utf8'), 'base64'));
}
