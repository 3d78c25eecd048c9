import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sampleEntries, sampleEntry, sampleLog, writeSampleLog } from '#testing/sample-log';
import { fromUtf8, utf8 } from '#tlog/bytes';
import { addSignatures } from '#tlog/checkpoint';
import { cosign } from '#tlog/cosignature';
import { writeFork } from '#tlog/fork';
import { COSIGNER_KEY_TYPE, formatVkey, signingKey } from '#tlog/key';
import { parseNote } from '#tlog/note';
import { runAuditor } from './command';
import { audit } from './verify';

const witness = (host: string, byte: number) =>
  signingKey(`${host}.example.gov.cn/witness/v1`, COSIGNER_KEY_TYPE, new Uint8Array(32).fill(byte));
const [first, second, own] = [witness('commission', 9), witness('organization', 10), witness('inspection', 11)];
const entries = sampleEntries(30);
const grown = sampleLog(entries, {}, [20]);
const at20 = sampleLog(entries.slice(0, 20));
const noteOf = (log: typeof grown) => log.files.get('checkpoint')!;
const cosigned = (note: Uint8Array, ...keys: (typeof first)[]) => {
  const { text, signatures } = parseNote(note);
  return addSignatures({ text, signatures }, ...keys.map((key) => cosign(text, 1_767_139_200n, key)));
};
const vkeyFile = (key: typeof first) => utf8(`${formatVkey(key)}\n`);

let folder: string;
beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'sanfang-witnesses-'))));
afterEach(() => rmSync(folder, { recursive: true }));

/** Three folders: the log, and two that hold but an empty log and the key of their agency's witness. */
function region(changes: ReadonlyMap<string, Uint8Array>): string[] {
  const others = ['commission', 'organization'].map((host, n) => {
    const origin = `${host}.example.gov.cn/events/v1`;
    const log = sampleLog(sampleEntries(1), { origin, seed: new Uint8Array(32).fill(20 + n) });
    return new Map([...log.files, ['witness-vkey', vkeyFile(n === 0 ? first : second)] as const]);
  });
  const logs = [new Map([...grown.files, ['witness-vkey', vkeyFile(own)] as const, ...changes]), ...others];
  return logs.map((files, n) => {
    writeSampleLog({ files: new Map(files) }, join(folder, String(n)));
    return join(folder, String(n));
  });
}
async function run(...argv: string[]) {
  let [out, err] = ['', ''];
  const terminal = { out: (text: string) => void (out += text), err: (text: string) => void (err += text) };
  return { code: await runAuditor(argv, { ...terminal, isTerminal: false }), out, err };
}

describe('an audit of a region', () => {
  it('counts the witnesses of the other agencies and says so in one sentence', async () => {
    const folders = region(new Map([['checkpoint', cosigned(noteOf(grown), first, second, own)]]));
    const { code, out } = await run('verify', ...folders);
    expect(code).toBe(0);
    expect(out).toContain(`2 个见证方(${first.name}、${second.name})确认前 30 条`);
  });

  it('takes the cosigned checkpoint beside a newer one, and says what still waits', async () => {
    const folders = region(new Map([['cosigned', cosigned(noteOf(at20), first, second)]]));
    const { logs } = await audit(folders);
    expect(logs[0]).toMatchObject({ size: 30, witnesses: [first.name, second.name], witnessedSize: 20 });
    expect((await run('verify', ...folders)).out).toContain('其后 10 条尚待见证');
    const policy = join(folder, 'policy');
    const lines = `log ${grown.vkey}\nwitness 甲 ${formatVkey(first)}\nwitness 乙 ${formatVkey(second)}\n`;
    writeFileSync(policy, `${lines}group 组 all 甲 乙\nquorum 组\n`);
    expect(await audit([folders[0]!], { policy })).toMatchObject({ ok: true, logs: [{ witnessedSize: 20 }] });
  });

  it('finds a log that is not the one its witnesses signed', async () => {
    const other = sampleLog([...entries.slice(0, 19), sampleEntry(99)]);
    const [log] = region(new Map([['cosigned', cosigned(noteOf(other), first)]]));
    expect(await audit([log!])).toMatchObject({ ok: false, what: expect.stringContaining('历史已被改写') });
  });

  it('refuses a cosigned checkpoint with a line of a known witness that does not hold', async () => {
    const wrong = cosigned(noteOf(at20), first);
    const forged = utf8(
      fromUtf8(wrong)
        .replace(/(\n\n.*\n— commission\S+ )(.{60})/s, '$1$2')
        .replace(/\n20\n/, '\n19\n'),
    );
    const folders = region(new Map([['cosigned', forged]]));
    expect(await audit(folders)).toMatchObject({ ok: false, where: 'cosigned' });
  });
});

describe('an evidence file', () => {
  const other = sampleLog([...entries.slice(0, 19), sampleEntry(99)]);
  const file = (notes: readonly [Uint8Array, Uint8Array]) => {
    const path = join(folder, 'fork.json');
    writeFileSync(path, writeFork({ origin: grown.origin, notes }));
    return path;
  };

  it('is checked with the log’s key alone', async () => {
    const result = await run('evidence', file([noteOf(at20), noteOf(other)]), '--vkey', grown.vkey);
    expect(result).toMatchObject({ code: 0, out: expect.stringContaining('证据成立') });
    const policy = join(folder, 'policy');
    writeFileSync(policy, `log ${grown.vkey}\nquorum none\n`);
    expect((await run('evidence', join(folder, 'fork.json'), '--policy', policy, '--json')).out).toContain(
      '"sizes":[20,20]',
    );
  });

  it('that proves nothing exits 1, and one without a key exits 2', async () => {
    const path = file([noteOf(at20), noteOf(at20)]);
    expect(await run('evidence', path, '--vkey', grown.vkey)).toMatchObject({ code: 1, out: '' });
    expect(await run('evidence', path)).toMatchObject({ code: 2 });
    expect(await run('evidence', path, '--vkey', formatVkey(first))).toMatchObject({ code: 2 });
    expect(await run('evidence', join(folder, 'none'), '--vkey', grown.vkey)).toMatchObject({ code: 2 });
  });
});
