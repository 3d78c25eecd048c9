import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import type { ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Entry } from '#kernel/envelope';
import { sampleEntries, sampleEntry, sampleLog, writeSampleLog } from '#testing/sample-log';
import { serveFiles } from '#testing/sample-server';
import type { SampleServer } from '#testing/sample-server';
import { fromUtf8, toBase64, utf8 } from '#tlog/bytes';
import { COSIGNER_KEY_TYPE, formatVkey, signingKey } from '#tlog/key';
import { sm3Of } from '#tlog/sm3';
import { runAuditor } from './command';
import { BadTarget } from './sources';
import { audit } from './verify';

const witness = signingKey('commission.example.gov.cn/witness', COSIGNER_KEY_TYPE, new Uint8Array(32).fill(9));
const built = sampleLog(sampleEntries(600), { witness });
const patience = { timeout: 500, retries: [5, 5] };
const whole = {
  origin: built.origin,
  size: 600,
  root: toBase64(built.root),
  entries: 600,
  ...{ witnesses: [], witnessedSize: 0 },
};

let folder: string;
let files: Map<string, Uint8Array>;
let special: (path: string, response: ServerResponse) => boolean;
let server: SampleServer;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'sanfang-audit-'));
  files = new Map(built.files);
  special = () => false;
  server = await serveFiles(files, (path, response) => special(path, response));
});
afterEach(async () => {
  await server.close();
  rmSync(folder, { recursive: true });
});

const json = (value: unknown) => (response: ServerResponse) => void response.writeHead(200).end(JSON.stringify(value));
const selfCheck = (answer: (response: ServerResponse) => void) => {
  special = (path, response) => {
    if (path !== 'self-check') return false;
    answer(response);
    return true;
  };
};
async function run(...argv: string[]) {
  let [out, err] = ['', ''];
  const terminal = { out: (text: string) => void (out += text), err: (text: string) => void (err += text) };
  const code = await runAuditor(argv, { ...terminal, isTerminal: false });
  return { code, out, err };
}
const policyFile = (text: string) => {
  writeFileSync(join(folder, 'policy'), text);
  return join(folder, 'policy');
};
/** A server that has no log itself and says where each file lies. */
const leading = (location: (path: string) => string) =>
  serveFiles(new Map(), (path, response) => {
    response.writeHead(308, { location: location(path) }).end();
    return true;
  });
const flip = (path: string, at: number) => files.set(path, files.get(path)!.with(at, files.get(path)![at]! ^ 1));

describe('an audit over HTTP', () => {
  it('finds a whole log whole, with and without its prefix', async () => {
    for (const target of [server.url, `${server.url}/log`, `${server.url}/log/`]) {
      expect(await audit([target], { patience })).toEqual({
        ok: true,
        verdict: 'WHOLE',
        logs: [{ ...whole, selfCheck: 'absent' }],
      });
    }
  });

  it('is led once from a console to its feed, and asks the feed alone from then on', async () => {
    const portal = await leading((path) => `${server.url}/log/${path}`);
    selfCheck(json({ size: 600, ok: true }));
    for (const target of [portal.url, `${portal.url}/log`]) {
      portal.asked.length = 0;
      expect(await audit([target], { patience })).toEqual({
        ok: true,
        verdict: 'WHOLE',
        logs: [{ ...whole, selfCheck: 'ok' }],
      });
      // The keys are asked for first; of the log itself the console is asked nothing.
      expect(portal.asked.sort()).toEqual(['vkey', 'witness-vkey']);
    }
    flip('tile/entries/001', 40);
    const changed = await audit([portal.url], { patience });
    expect(changed).toMatchObject({ ok: false, origin: built.origin, index: 256, where: 'tile/entries/001' });
    await portal.close();
  });

  it('does not let itself be led on further, in a circle, to another file or to no address', async () => {
    const away = await leading((path) => `${server.url}/log/${path}`);
    const circle: SampleServer = await leading((path) => `${circle.url}/log/${path}`);
    const others = [
      await leading((path) => `${away.url}/log/${path}`),
      circle,
      await leading(() => `${server.url}/log/other`),
      await leading((path) => `file:///log/${path}`),
      await leading((path) => `/log/${path}`),
    ];
    for (const other of others) {
      const result = await audit([other.url], { patience });
      expect(result).toMatchObject({ ok: false, what: expect.stringContaining('HTTP 308') });
    }
    for (const each of [away, ...others]) await each.close();
  });

  it('names origin and index of a changed byte', async () => {
    flip('tile/entries/001', 40);
    const result = await audit([server.url], { patience });
    expect(result).toMatchObject({ ok: false, origin: built.origin, index: 256, where: 'tile/entries/001' });
    expect(result).toMatchObject({ what: '条目内容被改动,与日志树中的哈希不符', logs: [] });
  });

  it('goes on with the other logs after a fault', async () => {
    const bad = await serveFiles(new Map(files).set('checkpoint', utf8('x')));
    const result = await audit([bad.url, server.url], { patience });
    await bad.close();
    expect(result).toMatchObject({ ok: false, origin: built.origin, logs: [whole], faults: [{ where: 'checkpoint' }] });
    expect(result).not.toHaveProperty('index');
  });

  it('takes full files where the partial ones are gone', async () => {
    const grown = sampleLog(sampleEntries(800));
    for (const [path, bytes] of grown.files) if (path.startsWith('tile/')) files.set(path, bytes);
    for (const path of ['tile/entries/002.p/88', 'tile/0/002.p/88']) files.delete(path);
    expect(await audit([server.url], { patience })).toMatchObject({ ok: true, logs: [whole] });
  });

  it('asks again after a passing failure, and gives up after a lasting one', async () => {
    let failures = 2;
    special = (path, response) => {
      if (path !== 'tile/0/001' || failures-- <= 0) return false;
      response.writeHead(503).end();
      return true;
    };
    expect((await audit([server.url], { patience })).ok).toBe(true);
    failures = Infinity;
    const result = await audit([server.url], { patience });
    expect(result).toMatchObject({ ok: false, origin: built.origin, what: expect.stringContaining('HTTP 503') });
  });

  it('ends when the server is silent, unbounded, forbidding, elsewhere or away', async () => {
    const answers: [string, (response: ServerResponse) => void][] = [
      ['毫秒内未答复', () => undefined],
      ['超出应有大小', (response) => void response.writeHead(200).end(Buffer.alloc(300_000))],
      ['HTTP 403', (response) => void response.writeHead(403).end()],
      ['HTTP 302', (response) => void response.writeHead(302, { location: `${server.url}/log/checkpoint` }).end()],
    ];
    for (const [reason, answer] of answers) {
      special = (path, response) => {
        if (path !== 'checkpoint') return false;
        answer(response);
        return true;
      };
      const result = await audit([server.url], { patience: { timeout: 100, retries: [5] } });
      expect(result).toMatchObject({ ok: false, origin: built.origin, what: expect.stringContaining(reason) });
    }
    const away = await serveFiles(files);
    await away.close();
    const result = await audit([away.url], { patience });
    expect(result).toMatchObject({ ok: false, origin: away.url, what: expect.stringContaining('ECONNREFUSED') });
  });
});

describe("the agency's self-check", () => {
  it('is believed when it agrees', async () => {
    selfCheck(json({ size: 600, ok: true }));
    expect(await audit([server.url], { patience })).toEqual({
      ok: true,
      verdict: 'WHOLE',
      logs: [{ ...whole, selfCheck: 'ok' }],
    });
  });

  it('fails the audit with its index when it does not', async () => {
    selfCheck(json({ size: 600, ok: false, index: 17, fault: 'event', what: 'the stored event was changed' }));
    const result = await audit([server.url], { patience });
    expect(result).toMatchObject({ ok: false, origin: built.origin, index: 17, where: 'self-check' });
    expect((result as { what: string }).what).toMatch(/存储的事件被改动/);
    expect((result as { what: string }).what).not.toMatch(/[a-z]/);
  });

  it('fails the audit when it is not an answer or fails itself', async () => {
    for (const answer of [json([]), json({ size: 1 }), (response: ServerResponse) => void response.end('no JSON')]) {
      selfCheck(answer);
      expect(await audit([server.url], { patience })).toMatchObject({ ok: false, where: 'self-check' });
    }
    selfCheck((response) => void response.writeHead(500).end());
    expect(await audit([server.url], { patience })).toMatchObject({ ok: false, origin: built.origin });
  });
});

describe('an audit of a folder', () => {
  it('needs nothing but the folder', async () => {
    writeSampleLog(built, folder);
    expect(await audit([folder])).toEqual({ ok: true, verdict: 'WHOLE', logs: [{ ...whole, selfCheck: 'absent' }] });
  });

  it('names what is missing', async () => {
    writeSampleLog(built, folder);
    rmSync(join(folder, 'tile/0/001'));
    expect(await audit([folder])).toMatchObject({ ok: false, index: 256, where: 'tile/0/001' });
    rmSync(join(folder, 'vkey'));
    expect(await audit([folder])).toMatchObject({ ok: false, where: 'vkey' });
    expect(await audit([join(folder, 'nowhere')])).toMatchObject({
      ok: false,
      what: expect.stringContaining('不存在'),
    });
  });

  it('names a changed byte in every file that lies there, those of earlier sizes included', async () => {
    const grown = sampleLog(sampleEntries(600), {}, [3, 255, 256, 300, 550]);
    writeSampleLog(grown, folder);
    for (const [path, bytes] of grown.files) {
      if (path === 'vkey') continue;
      for (const at of [0, Math.floor(bytes.length / 2), bytes.length - 1]) {
        writeFileSync(join(folder, path), bytes.with(at, bytes[at]! ^ 1));
        expect(await audit([folder])).toMatchObject({ ok: false, where: expect.stringMatching(/./) });
      }
      writeFileSync(join(folder, path), bytes);
    }
    flipIn('tile/0/001.p/44', 43 * 32);
    expect(await audit([folder])).toMatchObject({ index: 299, where: 'tile/0/001.p/44', origin: grown.origin });
    writeFileSync(join(folder, 'tile/0/001.p/44'), grown.files.get('tile/0/001.p/44')!);
    flipIn('tile/entries/000.p/3', 2);
    expect(await audit([folder])).toMatchObject({ index: 0, where: 'tile/entries/000.p/3' });
  }, 30_000);

  const flipIn = (path: string, at: number) => {
    const bytes = readFileSync(join(folder, path));
    writeFileSync(join(folder, path), bytes.with(at, bytes[at]! ^ 1));
  };
});

describe('the key of a log', () => {
  it('comes from the log itself without a policy, and that is said', async () => {
    const notices: string[] = [];
    await audit([server.url, server.url], { patience, onNotice: (sentence) => notices.push(sentence) });
    expect(notices).toHaveLength(1);
    expect(notices[0]).toContain('首次信任');
  });

  it('comes from the policy when there is one, whatever the log says of itself', async () => {
    const stranger = sampleLog(sampleEntries(600), { seed: new Uint8Array(32).fill(8) });
    files.set('vkey', utf8('nonsense'));
    const ours = policyFile(`log ${built.vkey}\nquorum none\n`);
    expect(await audit([server.url], { patience, policy: ours })).toMatchObject({ ok: true });
    const theirs = policyFile(`log ${stranger.vkey}\nquorum none\n`);
    expect(await audit([server.url], { patience, policy: theirs })).toMatchObject({ ok: false, where: 'checkpoint' });
    const none = policyFile('quorum none\n');
    expect(await audit([server.url], { patience, policy: none })).toMatchObject({
      origin: built.origin,
      what: expect.stringContaining('没有列出'),
    });
  });

  it('is not enough when the policy asks for witnesses that did not sign', async () => {
    const stranger = signingKey('organization.example.gov.cn/witness', COSIGNER_KEY_TYPE, new Uint8Array(32).fill(5));
    const lines = `log ${built.vkey}\nwitness 纪 ${formatVkey(witness)}\nwitness 组 ${formatVkey(stranger)}\n`;
    const any = policyFile(`${lines}group 见证 any 纪 组\nquorum 见证\n`);
    expect((await audit([server.url], { patience, policy: any })).ok).toBe(true);
    const all = policyFile(`${lines}group 见证 all 纪 组\nquorum 见证\n`);
    expect(await audit([server.url], { patience, policy: all })).toMatchObject({
      ok: false,
      what: expect.stringContaining('见证签名不足'),
    });
  });
});

describe('the command line', () => {
  it('exits 0 and prints a sentence or one JSON line for a whole log', async () => {
    const text = await run('verify', server.url);
    expect(text).toMatchObject({
      code: 0,
      out: expect.stringMatching(/^日志 .* 完整:共 600 条,树根 .*\n结论:完整。.*\nWHOLE: .*\n$/),
    });
    expect(text.err).toContain('首次信任');
    const { code, out } = await run('verify', '--json', server.url, server.url);
    expect(code).toBe(0);
    expect(out.trim().split('\n')).toHaveLength(1);
    const log = { ...whole, selfCheck: 'absent' };
    expect(JSON.parse(out)).toEqual({ ok: true, verdict: 'WHOLE', logs: [log, log] });
  });

  it('exits 1 and names origin and index for a bad one', async () => {
    flip('tile/0/000', 33);
    const { code, out, err } = await run('verify', '--json', server.url);
    expect(code).toBe(1);
    expect(JSON.parse(out)).toMatchObject({ ok: false, origin: built.origin, index: 1 });
    expect(err).toContain(`日志 ${built.origin} 第 1 条`);
  });

  it.each([
    ['no command', []],
    ['an unknown command', ['check']],
    ['no log', ['verify']],
    ['an unknown option', ['verify', '--fast', '/tmp']],
    ['a scheme that is none of ours', ['verify', 'ftp://x/log']],
    ['an address with a fragment', ['verify', 'http://127.0.0.1:1/log#x']],
    ['a policy that is not there', ['verify', '/tmp', '--policy', '/nonexistent/policy']],
    ['a mirror of a folder', ['mirror', '/tmp', '/tmp']],
    ['a file for a folder', ['verify', __filename]],
  ])('exits 2 on %s, with a reason', async (_what, argv) => {
    const { code, out, err } = await run(...argv);
    expect({ code, out }).toEqual({ code: 2, out: '' });
    expect(err).not.toBe('');
  });

  it('exits 2 on a policy with a bad line, and 0 on --help', async () => {
    expect(await run('verify', server.url, '--policy', policyFile('lag x\n'))).toMatchObject({
      code: 2,
      err: expect.stringContaining('第 1 行'),
    });
    expect(await run('--help')).toMatchObject({ code: 0, out: expect.stringContaining('verify') });
  });

  it('tells programs of bad targets by an error of their own', async () => {
    await expect(audit(['http://'])).rejects.toBeInstanceOf(BadTarget);
  });

  it('draws its bar on a terminal only', async () => {
    let err = '';
    await runAuditor(['verify', server.url], {
      out: () => undefined,
      err: (text) => void (err += text),
      isTerminal: true,
    });
    expect(err).toContain('█');
    expect((await run('verify', server.url)).err).not.toContain('█');
  });
});

it('the whole command is reached from the entry file', () => {
  expect(readFileSync(join(__dirname, 'main.ts'), 'utf8')).toContain('runAuditor(process.argv.slice(2)');
});

describe('entries with an SM3 digest', () => {
  const digested = (n: number, change: object = {}) => {
    const sm3 = sm3Of(JSON.parse(fromUtf8(sampleEntry(n))) as Entry);
    return sampleEntry(n, { sm3, ...change });
  };

  it('are whole beside those without, and the first with another digest is named', async () => {
    const entries = [...sampleEntries(3), digested(3), digested(4)];
    writeSampleLog(sampleLog(entries), join(folder, 'log'));
    expect(await audit([join(folder, 'log')])).toMatchObject({ ok: true });
    writeSampleLog(sampleLog([...entries, digested(5, { data: { text: '另一项' } })]), join(folder, 'other'));
    const found = await audit([join(folder, 'other')]);
    expect(found).toMatchObject({ ok: false, verdict: 'INVALID', index: 5, what: expect.stringContaining('SM3') });
  });
});
