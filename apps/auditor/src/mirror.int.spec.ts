import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sampleEntries, sampleEntry, sampleLog } from '#testing/sample-log';
import type { SampleLog } from '#testing/sample-log';
import { serveFiles } from '#testing/sample-server';
import type { SampleServer } from '#testing/sample-server';
import { fromUtf8, utf8 } from '#tlog/bytes';
import { addSignatures, openCheckpoint } from '#tlog/checkpoint';
import { cosign } from '#tlog/cosignature';
import { COSIGNER_KEY_TYPE, formatVkey, parseVkey, signingKey } from '#tlog/key';
import type { SigningKey } from '#tlog/key';
import { parseNote } from '#tlog/note';
import { keptWitnessed } from './kept-checkpoints';
import { mirror } from './mirror';
import { folderPlace } from './sources';
import { audit } from './verify';

const witness = (host: string, byte: number) =>
  signingKey(`${host}.example.gov.cn/witness/v1`, COSIGNER_KEY_TYPE, new Uint8Array(32).fill(byte));
const [first, second, own] = [witness('commission', 9), witness('organization', 10), witness('inspection', 11)];
const patience = { timeout: 500, retries: [5] };
const small = sampleLog(sampleEntries(300));
const large = sampleLog(sampleEntries(700), {}, [300]);

let folder: string;
let files: Map<string, Uint8Array>;
let failing: (path: string) => boolean;
let server: SampleServer;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'sanfang-mirror-'));
  files = new Map(small.files);
  failing = () => false;
  server = await serveFiles(files, (path, response) => {
    if (failing(path)) response.destroy();
    return failing(path);
  });
});
afterEach(async () => {
  await server.close();
  rmSync(folder, { recursive: true });
});

const run = () => mirror(server.url, folder, { patience });
const serve = (log: SampleLog) => {
  files.clear();
  for (const [path, bytes] of log.files) files.set(path, bytes);
};
const held = (path: string) => readFileSync(join(folder, path));
const flip = (bytes: Uint8Array, at: number) => bytes.with(at, bytes[at]! ^ 1);
const strays = () => readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((path) => path.endsWith('.new'));

describe('a mirror', () => {
  it('is a folder that the audit finds whole, in the very bytes of the log', async () => {
    expect(await run()).toMatchObject({ ok: true, origin: small.origin, size: 300, before: 0 });
    for (const [path, bytes] of small.files) expect(held(path)).toEqual(Buffer.from(bytes));
    expect(await audit([folder])).toMatchObject({ ok: true, logs: [{ size: 300 }] });
    expect(strays()).toEqual([]);
  });

  it('grows with the log and fetches no file twice', async () => {
    await run();
    serve(large);
    server.asked.length = 0;
    expect(await run()).toMatchObject({ ok: true, size: 700, before: 300 });
    expect(server.asked).not.toContain('tile/0/000');
    expect(await audit([folder])).toMatchObject({ ok: true, logs: [{ size: 700 }] });
    server.asked.length = 0;
    expect(await run()).toMatchObject({ ok: true, size: 700, before: 700 });
    expect(server.asked).toEqual(['keys', 'sm2-vkey', 'cosigned', 'checkpoint', 'witness-vkey']);
  });

  it('goes on where it was interrupted, and shows no checkpoint before', async () => {
    serve(large);
    failing = (path) => path === 'tile/entries/002.p/188';
    expect(await run()).toMatchObject({ ok: false, what: expect.stringContaining('无法连接') });
    expect(existsSync(join(folder, 'checkpoint'))).toBe(false);
    failing = () => false;
    server.asked.length = 0;
    expect(await run()).toMatchObject({ ok: true, size: 700 });
    expect(server.asked).not.toContain('tile/0/000');
  });

  it('keeps nothing of what proved wrong, and heals by the next run', async () => {
    await run();
    serve(large);
    files.set('tile/entries/002.p/188', flip(files.get('tile/entries/002.p/188')!, 30));
    expect(await run()).toMatchObject({ ok: false, index: 512, where: 'tile/entries/002.p/188' });
    expect(held('checkpoint')).toEqual(Buffer.from(small.files.get('checkpoint')!));
    expect(await audit([folder])).toMatchObject({ ok: true, logs: [{ size: 300 }] });
    serve(large);
    expect(await run()).toMatchObject({ ok: true, size: 700 });
  });

  it('refuses a log that shrank', async () => {
    serve(large);
    await run();
    serve(small);
    expect(await run()).toMatchObject({ ok: false, origin: small.origin, what: expect.stringContaining('日志变短') });
    expect(await audit([folder])).toMatchObject({ ok: true, logs: [{ size: 700 }] });
  });

  it('refuses a rewritten log of any size and keeps the contradicting checkpoint as evidence', async () => {
    await run();
    for (const [size, at] of [
      [300, 5],
      [300, 290],
      [700, 5],
      [700, 299],
    ] as const) {
      const rewritten = sampleLog(sampleEntries(size).with(at, sampleEntry(9_000)));
      serve(rewritten);
      expect(await run()).toMatchObject({ ok: false, what: expect.stringContaining('历史已被改写') });
      const kept = readdirSync(join(folder, 'evidence')).map((name) => held(`evidence/${name}`).toString());
      expect(kept).toContain(Buffer.from(rewritten.files.get('checkpoint')!).toString());
      expect(await audit([folder])).toMatchObject({ ok: true, logs: [{ size: 300 }] });
    }
  });

  it('tells a damaged folder from a bad log', async () => {
    await run();
    writeFileSync(join(folder, 'tile/entries/000'), flip(held('tile/entries/000'), 50));
    serve(large);
    expect(await run()).toMatchObject({ ok: false, index: 0, what: expect.stringContaining('已有的文件损坏') });
    writeFileSync(join(folder, 'checkpoint'), 'x');
    expect(await run()).toMatchObject({ ok: false, what: expect.stringContaining('检查点已损坏') });
  });

  it('keeps who witnesses, newest and earlier, and an audit of mirrors counts them', async () => {
    const at = (size: number, time: bigint, ...keys: SigningKey[]) => {
      const { text, signatures } = parseNote(sampleLog(sampleEntries(size)).files.get('checkpoint')!);
      return addSignatures({ text, signatures }, ...keys.map((key) => cosign(text, time, key)));
    };
    files.set('cosigned', at(280, 100n, first)).set('witness-vkey', utf8(`${formatVkey(own)}\n`));
    await run();
    expect(fromUtf8(held('witness-vkey'))).toBe(`${formatVkey(own)}\n`);
    serve(large);
    files.set('cosigned', at(280, 300n, first, second)).set('checkpoint', at(700, 400n, second));
    expect(await run()).toMatchObject({ ok: true, size: 700 });
    expect(readdirSync(join(folder, 'witnessed')).sort()).toEqual(['280', '700']);
    const key = parseVkey(small.vkey);
    const now = openCheckpoint(held('checkpoint'), key);
    const kept = await keptWitnessed(folderPlace(folder), key, [first, second], now);
    expect(kept.map(({ size, cosignatures }) => [size, cosignatures.map(({ time }) => time)])).toEqual([
      [280n, [100n, 300n]],
      [700n, [400n]],
    ]);
    const policy = join(folder, 'policy');
    writeFileSync(policy, `log ${small.vkey}\nwitness a ${formatVkey(first)}\nquorum a\n`);
    expect(await audit([folder], { policy })).toMatchObject({ ok: true, logs: [{ size: 700, witnessedSize: 280 }] });
  });

  it('keeps no cosigned checkpoint of another history, and the notes that contradict each other as evidence', async () => {
    const other = sampleLog(sampleEntries(280).with(9, sampleEntry(9_000)));
    const { text, signatures } = parseNote(other.files.get('checkpoint')!);
    files.set('cosigned', addSignatures({ text, signatures }, cosign(text, 100n, first)));
    const shown = files.get('cosigned')!;
    for (const folderBefore of [false, true]) {
      expect(await run()).toMatchObject({
        ok: false,
        verdict: 'DIVERGED',
        what: expect.stringContaining('历史已被改写'),
      });
      const kept = readdirSync(join(folder, 'evidence')).map((name) => held(`evidence/${name}`).toString());
      expect(kept).toContain(Buffer.from(shown).toString());
      expect(existsSync(join(folder, 'cosigned'))).toBe(false);
      rmSync(join(folder, 'evidence'), { recursive: true });
      files.delete('cosigned');
      if (!folderBefore) expect(await run()).toMatchObject({ ok: true });
      files.set('cosigned', shown);
    }
  });

  it('takes no other witness key than the one that it began with, and none of another host', async () => {
    files.set('witness-vkey', utf8(formatVkey(first)));
    expect(await run()).toMatchObject({
      ok: false,
      where: 'witness-vkey',
      what: expect.stringContaining('不属于该机关'),
    });
    files.set('witness-vkey', utf8(formatVkey(own)));
    expect(await run()).toMatchObject({ ok: true });
    files.set('witness-vkey', utf8(formatVkey(witness('inspection', 12))));
    expect(await run()).toMatchObject({ ok: false, where: 'witness-vkey', what: expect.stringContaining('核实') });
    expect(fromUtf8(held('witness-vkey'))).toBe(`${formatVkey(own)}\n`);
  });

  it('stays with the key that it began with', async () => {
    await run();
    serve(sampleLog(sampleEntries(400), { seed: new Uint8Array(32).fill(8) }));
    expect(await run()).toMatchObject({ ok: false, where: 'checkpoint' });
    const policy = join(folder, 'policy');
    writeFileSync(policy, `log ${sampleLog([], { seed: new Uint8Array(32).fill(8) }).vkey}\nquorum none\n`);
    expect(await mirror(server.url, folder, { patience, policy })).toMatchObject({
      ok: false,
      what: expect.stringContaining('属于另一公钥'),
    });
  });
});
