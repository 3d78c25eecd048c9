// Logs and passports before a verifier that shares no line with this project: Go's golang.org/x/mod/sumdb, which checks
// the Go checksum database. What only our own reader accepted would be a format that nobody else can read.
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { coverOfIssue, issueField } from '#joint/passport/cover';
import { sampleEntries, sampleEntry, sampleLog, writeSampleLog } from '#testing/sample-log';
import type { SampleLog } from '#testing/sample-log';
import { sampleIssue, samplePassportLogs, sampleRegion } from '#testing/sample-region';
import { describeWithVectors, vectorFolder } from '#testing/vectors';
import { signCheckpoint } from '#tlog/checkpoint';
import { writeFork } from '#tlog/fork';
import type { Fork } from '#tlog/fork';
import { formatVkey, LOG_KEY_TYPE, signingKey } from '#tlog/key';
import { leafHash, perfectRoot, proveConsistency } from '#tlog/merkle';
import { makePassport } from '#tlog/passport';
import { ask, describeWithGo, foreignProgram } from './program';

const program = foreignProgram();
const region = sampleRegion();
const [, , inspection] = region.logs as [SampleLog, SampleLog, SampleLog];
const keys = [
  ...region.logs.flatMap(({ vkey }) => ['-log', vkey]),
  ...region.witnesses.flatMap((key) => ['-witness', formatVkey(key)]),
];

let folder: string;
beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'sanfang-foreign-'))));
afterEach(() => rmSync(folder, { recursive: true }));

function written(log: Pick<SampleLog, 'files'>, name = 'log'): string {
  writeSampleLog(log, join(folder, name));
  return join(folder, name);
}

/** Changes one byte of a file, so that it stays as long as it was. */
function tamper(path: string, at: (bytes: Buffer) => number): void {
  const bytes = readFileSync(path);
  const place = at(bytes);
  bytes.writeUInt8(bytes.readUInt8(place) ^ 1, place);
  writeFileSync(path, bytes);
}

describeWithGo('the foreign verifier, of a log', program, () => {
  it.each([1, 2, 255, 256, 257, 300, 66_000])('accepts one of %d entries', async (size) => {
    const log = sampleLog(sampleEntries(size));
    const { code, out, err } = await ask(program, '-log', log.vkey, written(log));
    expect(err).toBe('');
    expect(out).toContain(`log ${log.origin}: ${size} entries, root ${Buffer.from(log.root).toString('base64')}`);
    expect(code).toBe(0);
  });

  it('counts the lines of its witnesses', async () => {
    const folders = region.logs.map((log, n) => written(log, String(n)));
    const { code, out } = await ask(program, ...keys, '-enough', '2', ...folders);
    expect(out.match(/2 witnesses/g)).toHaveLength(3);
    expect(code).toBe(0);
    const logsOnly = keys.slice(0, 6);
    expect(await ask(program, ...logsOnly, '-enough', '1', ...folders)).toMatchObject({ code: 1, out: '' });
  });

  it('takes the cosigned checkpoint of an earlier size, and refuses one of another history', async () => {
    const grown = sampleLog(sampleEntries(30), {}, [20]);
    const there = written(grown);
    writeFileSync(join(there, 'cosigned'), sampleLog(sampleEntries(20)).files.get('checkpoint')!);
    expect(await ask(program, '-log', grown.vkey, there)).toMatchObject({ code: 0 });
    const other = sampleLog([...sampleEntries(19), Buffer.from('{}')]);
    writeFileSync(join(there, 'cosigned'), other.files.get('checkpoint')!);
    const refused = await ask(program, '-log', grown.vkey, there);
    expect(refused).toMatchObject({ code: 1, err: expect.stringContaining('another history') });
  });

  it.each([
    ['an entry', 'tile/entries/001.p/44', (bytes: Buffer) => bytes.indexOf('第270项') + 4, 'entry 270'],
    ['a leaf hash', 'tile/0/001.p/44', () => 14 * 32 + 5, 'entry 270'],
    ['a hash of a higher tile', 'tile/1/000.p/1', () => 3, 'entry 0'],
    ['the signed root', 'checkpoint', (bytes: Buffer) => bytes.indexOf('\n300\n') + 10, 'checkpoint'],
  ])('names the first bad index when somebody changed %s', async (_what, file, at, place) => {
    const log = sampleLog(sampleEntries(300));
    const there = written(log);
    tamper(join(there, file), at);
    const { code, err } = await ask(program, '-log', log.vkey, there);
    expect(err).toContain(place);
    expect(code).toBe(1);
  });

  it('reads a log in the overlap of a rotation by its old key and by its new one', async () => {
    const log = sampleLog(sampleEntries(20));
    const there = written(log);
    const [old, next] = [7, 8].map((fill) => signingKey(log.origin, LOG_KEY_TYPE, new Uint8Array(32).fill(fill)));
    const state = { origin: log.origin, size: log.size, root: log.root };
    writeFileSync(join(there, 'checkpoint'), signCheckpoint(state, { ...next!, beside: [old!] }));
    for (const key of [old!, next!])
      expect(await ask(program, '-log', formatVkey(key), there)).toMatchObject({ code: 0 });
    writeFileSync(join(there, 'checkpoint'), signCheckpoint(state, next!));
    expect(await ask(program, '-log', formatVkey(old!), there)).toMatchObject({ code: 1 });
  });

  it('refuses a witness’s line that does not hold', async () => {
    const there = written(inspection);
    tamper(join(there, 'checkpoint'), (bytes) => bytes.lastIndexOf('=') - 12);
    expect(await ask(program, ...keys, there)).toMatchObject({ code: 1, out: '' });
  });
});

const tessera = vectorFolder('tessera', 'log');
const TESSERA_VKEY = 'example.com/log/testdata+33d7b496+AeHTu4Q3hEIMHNqc6fASMsq3rKNx280NI+oO5xCFkkSx';

describeWithVectors('the log that Tessera wrote', tessera, () => {
  describeWithGo('by the foreign verifier', program, () => {
    it('is whole at each of its 16 checkpoints, for this judge as for ours', async () => {
      const folders = Array.from({ length: 16 }, (_, size) => join(folder, String(size)));
      for (const [size, there] of folders.entries()) {
        cpSync(join(tessera, 'tile'), join(there, 'tile'), { recursive: true });
        cpSync(join(tessera, `checkpoint.${size}`), join(there, 'checkpoint'));
      }
      const { code, out, err } = await ask(program, '-log', TESSERA_VKEY, ...folders);
      expect(err).toBe('');
      expect(out.match(/: \d+ entries/g)).toEqual(folders.map((_, size) => `: ${size} entries`));
      expect(code).toBe(0);
      tamper(join(folder, '15/tile/entries/000.p/15'), () => 3);
      const tampered = await ask(program, '-log', TESSERA_VKEY, folders[15]!);
      expect(tampered).toMatchObject({ code: 1, err: expect.stringContaining('entry 0') });
    });
  });
});

describeWithGo('the foreign verifier, of evidence that a log has forked', program, () => {
  const grown = sampleLog(sampleEntries(30));
  const other = sampleLog([...sampleEntries(19), sampleEntry(99)]);
  const note = (log: SampleLog): Uint8Array => log.files.get('checkpoint')!;
  const hashAt = (level: number, n: bigint): Uint8Array => {
    const width = 1 << level;
    return perfectRoot(Buffer.concat(grown.entries.slice(Number(n) * width, Number(n + 1n) * width).map(leafHash)));
  };
  const written = (fork: Fork): string => {
    const path = join(folder, 'x.fork.json');
    writeFileSync(path, writeFork(fork));
    return path;
  };
  const { origin } = grown;

  it('accepts two roots of one size, and two sizes with the proof of what the larger begins with', async () => {
    const same: Fork = { origin, notes: [note(sampleLog(sampleEntries(20))), note(other)] };
    expect(await ask(program, '-log', grown.vkey, written(same))).toMatchObject({
      code: 0,
      out: `fork of ${origin}: two roots of size 20\n`,
    });
    const { root } = sampleLog(sampleEntries(20));
    const sizes: Fork = {
      origin,
      notes: [note(grown), note(other)],
      prefix: { root, proof: proveConsistency(20n, 30n, hashAt) },
    };
    expect(await ask(program, '-log', grown.vkey, written(sizes))).toMatchObject({
      code: 0,
      out: `fork of ${origin}: size 30 does not begin with size 20\n`,
    });
  });

  it('refuses one history grown, a proof that does not hold, and a signature of somebody else', async () => {
    const earlier = sampleLog(sampleEntries(20));
    const proof = proveConsistency(20n, 30n, hashAt);
    const refused: readonly Fork[] = [
      { origin, notes: [note(earlier), note(earlier)] },
      { origin, notes: [note(grown), note(earlier)], prefix: { root: earlier.root, proof } },
      { origin, notes: [note(grown), note(other)], prefix: { root: earlier.root, proof: proof.slice(1) } },
      { origin, notes: [note(sampleLog(sampleEntries(20), { seed: new Uint8Array(32).fill(8) })), note(other)] },
    ];
    for (const fork of refused) {
      expect(await ask(program, '-log', grown.vkey, written(fork))).toMatchObject({ code: 1, out: '' });
    }
  });
});

describeWithGo('the foreign verifier, of a passport', program, () => {
  const passport = async (): Promise<string> => {
    const path = join(folder, 'f1-0001.passport');
    const subject = { field: issueField, value: sampleIssue };
    writeFileSync(path, makePassport(subject, await samplePassportLogs(region), coverOfIssue));
    return path;
  };

  it('finds each of its entries in its log, under both witnesses', async () => {
    const { code, out, err } = await ask(program, ...keys, '-enough', '2', await passport());
    expect(err).toBe('');
    expect(out).toBe('passport issueId f1-0001: 5 entries of 3 logs\n');
    expect(code).toBe(0);
  });

  it('names the entry that was changed', async () => {
    const path = await passport();
    tamper(path, (bytes) => bytes.indexOf('revision', bytes.indexOf('县教育局党组"')));
    const { code, err } = await ask(program, ...keys, path);
    expect(err).toContain('entry 2');
    expect(code).toBe(1);
  });
});
