import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sampleEntries, sampleEntry, sampleLog } from '#testing/sample-log';
import type { SampleLog } from '#testing/sample-log';
import { serveFiles } from '#testing/sample-server';
import type { SampleServer } from '#testing/sample-server';
import { concat, fromUtf8, utf8 } from '#tlog/bytes';
import { addSignatures, openCheckpoint } from '#tlog/checkpoint';
import { proveFork, readFork } from '#tlog/fork';
import { parseVkey } from '#tlog/key';
import { leafHash, perfectRoot, proveConsistency } from '#tlog/merkle';
import { parseNote } from '#tlog/note';
import { writeAddCheckpoint } from '#tlog/witness';
import { runAuditor } from './command';
import { originHash } from './watch-states';

const root = join(__dirname, '../../..');
const entries = sampleEntries(600);
/** A log keeps the partial files of each size that it has shown. */
const shownBefore = (size: number) => [120, 250, 300, 400, 500, 550].filter((each) => each < size);
const at = (size: number): SampleLog => sampleLog(entries.slice(0, size), {}, shownBefore(size));
const noteOf = (log: SampleLog) => log.files.get('checkpoint')!;
const { origin, vkey: logVkey } = at(1);
const logKey = parseVkey(logVkey);
const proofOf = (from: number, to: number, of: readonly Uint8Array[] = entries) =>
  proveConsistency(BigInt(from), BigInt(to), (level, n) => {
    const first = Number(n) << level;
    return perfectRoot(Buffer.concat(of.slice(first, first + (1 << level)).map(leafHash)));
  });
const asked = (from: number, to: number) =>
  writeAddCheckpoint(BigInt(from), from === 0 ? [] : proofOf(from, to), noteOf(at(to)));
const rewritten = (size: number, from: number) =>
  sampleLog(entries.slice(0, size).map((entry, n) => (n < from ? entry : sampleEntry(9_000 + n))));

let folder: string;
let files: Map<string, Uint8Array>;
let server: SampleServer;
let refusing: boolean;
let ending: AbortController;
let now: number;
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'sanfang-watch-'));
  files = new Map();
  refusing = false;
  server = await serveFiles(files, (_, response) => {
    if (refusing) response.writeHead(403).end();
    return refusing;
  });
  ending = new AbortController();
  now = 1_767_139_200_000;
  serve(at(300));
});
afterEach(async () => {
  ending.abort();
  await server.close();
  rmSync(folder, { recursive: true });
});

const serve = (log: SampleLog) => {
  files.clear();
  for (const [path, bytes] of log.files) files.set(path, bytes);
};
const keyFile = () => join(folder, 'keys/witness');
const stateFile = () => join(folder, 'state', `${originHash(origin)}.json`);
const named = ['--name', 'auditor.example.org/witness/v1'];
function start(...more: string[]) {
  const told = { out: '', err: '' };
  const terminal = { out: (text: string) => void (told.out += text), err: (text: string) => void (told.err += text) };
  const machine = { now: () => now, stopping: () => ending.signal };
  const argv = ['watch', '--key', keyFile(), '--state', join(folder, 'state'), '--every', '0.1', ...more, server.url];
  return { told, ended: runAuditor(argv, { ...terminal, isTerminal: false }, machine) };
}
async function look(...more: string[]) {
  const { told, ended } = start('--once', ...more);
  return { code: await ended, ...told };
}
async function until(what: string, check: () => boolean | Promise<boolean>): Promise<void> {
  for (const end = performance.now() + 30_000; !(await check());) {
    if (performance.now() > end) throw new Error(`${what}: not within 30 s`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}
/** Runs as a server; its address once it has cosigned so much of what the log shows. */
async function serving(size: number, ...more: string[]) {
  const run = start('--listen', '127.0.0.1:0', ...more);
  await until('listening', () => run.told.out.includes('见证接口'));
  const url = /见证接口:(\S+?)\(/.exec(run.told.out)![1]!;
  await until('cosigned', async () => {
    const answer = await fetch(`${url}/${originHash(origin)}/checkpoint`);
    return Number((await answer.text()).split('\n')[1]) >= size;
  });
  return { ...run, url };
}
const kept = () =>
  JSON.parse(readFileSync(stateFile(), 'utf8')) as { note: string; frontier: string; stopped: boolean };
const keptSize = () => Number(kept().frontier.split('\n')[0]);
const witnessKey = () => parseVkey(readFileSync(join(folder, 'state/witness-vkey'), 'utf8'));
async function post(url: string, body: Uint8Array) {
  const answer = await fetch(`${url}/add-checkpoint`, { method: 'POST', body: Buffer.from(body) });
  return { status: answer.status, type: answer.headers.get('content-type'), body: await answer.text() };
}
const evidence = () =>
  readdirSync(join(folder, 'state/evidence')).map((name) => readFileSync(join(folder, 'state/evidence', name)));

describe('an outside witness', () => {
  it('makes a key of its own, prints its public half, and cosigns what it has read, each state once', async () => {
    const first = await look(...named);
    expect(first).toMatchObject({ code: 0, err: expect.stringContaining('首次信任') });
    expect(first.out).toContain('已读过并见证前 300 条');
    expect(statSync(keyFile()).mode & 0o777).toBe(0o600);
    const key = witnessKey();
    expect(first.out).toContain(readFileSync(join(folder, 'state/witness-vkey'), 'utf8'));
    const { size, cosignatures } = openCheckpoint(utf8(kept().note), logKey, [key]);
    expect({ size, time: cosignatures[0]!.time }).toEqual({ size: 300n, time: 1_767_139_200n });
    const before = readFileSync(stateFile(), 'utf8');
    now += 60_000;
    expect((await look()).out).not.toContain('见证前');
    expect(readFileSync(stateFile(), 'utf8')).toBe(before);
    serve(at(600));
    expect((await look()).out).toContain('已读过并见证前 600 条');
    expect(server.asked).not.toContain('tile/0/000');
  });

  it('cosigns nothing whose entries it could not read and check, and goes on when they are well again', async () => {
    await look(...named);
    serve(at(600));
    const bundle = files.get('tile/entries/002.p/88')!;
    files.set('tile/entries/002.p/88', bundle.with(300, bundle[300]! ^ 1));
    expect(await look()).toMatchObject({ code: 1, err: expect.stringContaining('INVALID') });
    files.delete('tile/entries/002.p/88');
    expect(await look()).toMatchObject({ code: 1, err: expect.stringContaining('第 512 条') });
    expect(keptSize()).toBe(300);
    files.set('tile/entries/002.p/88', bundle);
    expect(await look()).toMatchObject({ code: 0 });
    expect(keptSize()).toBe(600);
    refusing = true;
    expect(await look()).toMatchObject({ code: 3, err: expect.stringContaining('PARTIAL') });
  });

  it.each([
    ['of the same size', rewritten(300, 299)],
    ['that is longer', rewritten(600, 299)],
    ['that is shorter', rewritten(200, 40)],
  ])('proves another history %s by a file, and cosigns nothing of the log any more', async (_, fork) => {
    await look(...named);
    const tiles = new Map(files);
    serve(fork);
    // A shorter one is judged by the tiles of the state that was cosigned, which the log has shown to all.
    if (fork.size < 300n) for (const [path, bytes] of tiles) if (path !== 'checkpoint') files.set(path, bytes);
    const found = await look();
    expect(found).toMatchObject({ code: 4, err: expect.stringContaining('DIVERGED') });
    const [file, ...more] = evidence();
    expect(more).toEqual([]);
    expect(proveFork(readFork(file!), logKey).map(({ size }) => size)).toContain(300n);
    serve(at(600));
    expect(await look()).toMatchObject({ code: 4 });
    expect(kept()).toMatchObject({ stopped: true });
    expect(keptSize()).toBe(300);
  });

  it('takes a stale copy of an earlier state for what it is', async () => {
    await look(...named);
    files.set('checkpoint', noteOf(at(120)));
    expect(await look()).toMatchObject({ code: 0 });
    expect(keptSize()).toBe(300);
  });
});

describe('its memory', () => {
  it('belongs to one process and one key, and neither is made anew when the other is lost', async () => {
    expect(await look()).toMatchObject({ code: 2, err: expect.stringContaining('--name') });
    const run = await serving(300, ...named);
    writeFileSync(join(folder, 'state/lock'), `${process.ppid}\n`);
    expect(await look()).toMatchObject({ code: 2, err: expect.stringContaining(`进程 ${process.ppid}`) });
    ending.abort();
    expect(await run.ended).toBe(0);
    chmodSync(keyFile(), 0o640);
    expect(await look()).toMatchObject({ code: 2, err: expect.stringContaining('他人可以读取') });
    chmodSync(keyFile(), 0o600);
    const state = readFileSync(stateFile(), 'utf8');
    writeFileSync(stateFile(), state.replace('\\n300\\n', '\\n299\\n'));
    expect(await look()).toMatchObject({ code: 2, err: expect.stringContaining('已损坏') });
    rmSync(join(folder, 'state'), { recursive: true });
    expect(await look()).toMatchObject({ code: 2, err: expect.stringContaining('诱使') });
  });

  it('stays with the log’s key that it began with', async () => {
    await look(...named);
    serve(sampleLog(entries.slice(0, 400), { seed: new Uint8Array(32).fill(8) }));
    expect(await look()).toMatchObject({ code: 2, err: expect.stringContaining('另一公钥') });
  });

  it('is not set back by a kill between the storing of a state and the answer', async () => {
    const { url, ended } = await serving(300, ...named);
    ending.abort();
    await ended;
    expect(url).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
    serve(at(600));
    const program = join(folder, 'killed.ts');
    const from = (path: string) => JSON.stringify(join(root, path));
    // As in the product, but for a process that dies as soon as the state is on disk.
    writeFileSync(
      program,
      `import { placeOf } from ${from('apps/auditor/src/sources.ts')};
      import { WatchStates } from ${from('apps/auditor/src/watch-states.ts')};
      import { WatchedLog } from ${from('apps/auditor/src/watched-log.ts')};
      import { openWitnessKey } from ${from('apps/auditor/src/witness-key.ts')};
      import { serveWitness } from ${from('apps/auditor/src/watch-server.ts')};
      import { keyOf } from ${from('apps/auditor/src/verify.ts')};
      const [keyFile, folder, target] = process.argv.slice(2);
      const states = await WatchStates.open(folder);
      const { key: witness } = await openWitnessKey(keyFile, folder, undefined);
      const place = await placeOf(target);
      const key = await keyOf(place, undefined);
      const store = async (state) => { await states.store(key, state); process.kill(process.pid, 'SIGKILL'); };
      const ours = { keyNow: () => Promise.resolve(key), weigh: () => Promise.resolve() };
      const seconds = () => 1767139300n;
      const parts = { place, key, witness, store, seconds, ...ours, onFork: () => Promise.reject(new Error()) };
      const log = new WatchedLog(parts, await states.read(key, witness));
      const { url } = await serveWitness('127.0.0.1:0', { logs: [log], isOpening: () => false, vkey: 'x' });
      process.stdout.write(url + '\\n');`,
    );
    const bundle = join(folder, 'killed.mjs');
    execFileSync(process.execPath, [join(root, 'scripts/bundle.mjs'), program, bundle]);
    const child = spawn(process.execPath, [bundle, keyFile(), join(folder, 'state'), server.url], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const exited = once(child, 'exit');
    const [line] = (await once(child.stdout, 'data')) as [Buffer];
    await expect(post(line.toString().trim(), asked(300, 500))).rejects.toThrow();
    expect((await exited)[1]).toBe('SIGKILL');
    expect(keptSize()).toBe(500);
    // The lock of the dead process stands in nobody's way, and what it stored is what is told.
    ending = new AbortController();
    files.set('checkpoint', noteOf(at(300)));
    const again = await serving(500);
    expect(await post(again.url, asked(300, 400))).toMatchObject({ status: 409, body: '500\n' });
    const forked = rewritten(600, 450);
    const proof = proofOf(300, 600, forked.entries);
    expect((await post(again.url, writeAddCheckpoint(300n, proof, noteOf(forked)))).status).toBe(409);
  });
});

describe('its witness interface', () => {
  const noteAt = async (url: string) => utf8(await (await fetch(`${url}/${originHash(origin)}/checkpoint`)).text());

  it('cosigns a checkpoint that is shown to it, and tells what it has cosigned last', async () => {
    const { url } = await serving(300, ...named);
    for (const [path, bytes] of at(600).files) if (path !== 'checkpoint') files.set(path, bytes);
    const { status, type, body } = await post(url, asked(300, 550));
    expect({ status, type }).toEqual({ status: 200, type: 'text/plain; charset=utf-8' });
    const line = parseNote(concat(utf8('x\n\n'), utf8(body))).signatures;
    const { text, signatures } = parseNote(noteOf(at(550)));
    const cosigned = openCheckpoint(addSignatures({ text, signatures }, ...line), logKey, [witnessKey()]);
    expect(cosigned.cosignatures).toHaveLength(1);
    expect(openCheckpoint(await noteAt(url), logKey, [witnessKey()])).toMatchObject({ size: 550n });
    expect(keptSize()).toBe(550);
    // Shown again, the same line.
    expect(await post(url, asked(550, 550))).toMatchObject({ status: 200, body });
    expect(await (await fetch(`${url}/vkey`)).text()).toBe(readFileSync(join(folder, 'state/witness-vkey'), 'utf8'));
  });

  it('refuses by the statuses of C2SP tlog-witness', async () => {
    const { url } = await serving(300, ...named);
    files.set('checkpoint', noteOf(at(250)));
    for (const [path, bytes] of at(600).files) if (path !== 'checkpoint') files.set(path, bytes);
    expect(await post(url, utf8('old x\n\n'))).toMatchObject({ status: 400 });
    expect(await post(url, new Uint8Array(400_000).fill(65))).toMatchObject({ status: 400 });
    expect(await post(url, writeAddCheckpoint(400n, [], noteOf(at(350))))).toMatchObject({ status: 400 });
    const unsigned = fromUtf8(noteOf(at(400))).replace('\n400\n', '\n401\n');
    expect(await post(url, writeAddCheckpoint(300n, proofOf(300, 400), utf8(unsigned)))).toMatchObject({ status: 403 });
    const stranger = sampleLog(entries.slice(0, 5), { origin: 'other.example/events/v1' });
    expect(await post(url, writeAddCheckpoint(0n, [], noteOf(stranger)))).toMatchObject({ status: 404 });
    expect(await post(url, asked(200, 400))).toEqual({ status: 409, type: 'text/x.tlog.size', body: '300\n' });
    expect(await post(url, writeAddCheckpoint(300n, proofOf(299, 400), noteOf(at(400))))).toMatchObject({
      status: 422,
    });
    expect((await fetch(`${url}/${'0'.repeat(64)}/checkpoint`)).status).toBe(404);
    expect((await fetch(`${url}/add-checkpoint`)).status).toBe(405);
    files.delete('tile/entries/001');
    expect(await post(url, asked(300, 550))).toMatchObject({ status: 422 });
    expect(keptSize()).toBe(300);
  });

  it('gives one of two requests for one old size 409, and 503 while the log cannot be read', async () => {
    const { url } = await serving(300, ...named);
    for (const [path, bytes] of at(600).files) if (path !== 'checkpoint') files.set(path, bytes);
    const answers = await Promise.all([post(url, asked(300, 400)), post(url, asked(300, 500))]);
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 409]);
    const size = keptSize();
    refusing = true;
    expect(await post(url, asked(size, 550))).toMatchObject({ status: 503 });
    expect(keptSize()).toBe(size);
  });

  it.each([
    ['that it has not read yet', ['--every', '3600']],
    ['that it has read before', []],
  ])('proves a history that is shown to it alone, when the log shows all another one %s', async (_, more) => {
    const { url, told, ended } = await serving(300, ...named, ...more);
    serve(at(600));
    if (more.length === 0) await until('grown', () => keptSize() === 600);
    const fork = rewritten(500, 450);
    const proof = proofOf(300, 500, fork.entries);
    const answer = await post(url, writeAddCheckpoint(300n, proof, noteOf(fork)));
    expect(answer.status).toBe(422);
    expect(keptSize()).toBe(600);
    expect(proveFork(readFork(evidence()[0]!), logKey).map(({ size }) => size)).toEqual([500n, 600n]);
    if (more.length === 0) await until('told', () => told.err.includes('DIVERGED'));
    ending.abort();
    expect(await ended).toBe(4);
  });
});
