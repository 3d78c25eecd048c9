// An audit that keeps its marks in a file must find the same thing at the same place as one that keeps them in memory.
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { sampleEntries, sampleEntry, sampleLog, sampleSource } from '#testing/sample-log';
import type { SampleLog } from '#testing/sample-log';
import { drawMarkKey, markOf } from '#tlog/id-marks';
import { judgeBundle } from '#tlog/judge';
import { LogFault, verifyLog } from '#tlog/log-reader';
import type { VerifyOptions } from '#tlog/log-reader';
import { bundlePath, tilePath } from '#tlog/tile';
import { Unreachable } from './sources';
import { SpilledMarks } from './spilled-marks';

let folder: string;
beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'sanfang-spilled-'))));
afterEach(() => rmSync(folder, { recursive: true }));

describe('marks in a file', () => {
  const key = drawMarkKey();
  const marksOf = (count: number) => Array.from({ length: count }, (_, n) => markOf(`id-${n}`, key));

  it.each([[3_000], [200_000]])('of %d ids in several parts name each that came before, the first first', (count) => {
    const known = new SpilledMarks(BigInt(count), count / 4, folder);
    const marks = marksOf(count);
    const again = [7, 7, count - 1];
    for (const [first, second] of [...marks, ...again.map((n) => marks[n]!)]) known.add(first!, second!);
    const found: bigint[] = [];
    for (let at = known.firstRepeat(0n); at !== undefined; at = known.firstRepeat(at + 1n)) found.push(at);
    expect(found).toEqual(again.map((_, n) => BigInt(count + n)));
    known.close();
  });

  it('leave nothing in the folder, not even while they are kept', () => {
    const known = new SpilledMarks(1n, 1, folder);
    for (const [first, second] of marksOf(50_000)) known.add(first!, second!);
    expect(readdirSync(folder)).toEqual([]);
    expect(known.firstRepeat(0n)).toBeUndefined();
    known.close();
  });

  it('say so when the folder takes no file', () => {
    const known = new SpilledMarks(1n, 1, join(folder, 'missing'));
    const fill = () => marksOf(50_000).forEach(([first, second]) => known.add(first!, second!));
    expect(fill).toThrow(Unreachable);
    expect(fill).toThrow(/TMPDIR/);
  });
});

const ids = (expected: bigint) => new SpilledMarks(expected, 100, folder);

async function found(log: SampleLog, more: Partial<VerifyOptions>): Promise<object | undefined> {
  try {
    await verifyLog(sampleSource(log), { vkey: log.vkey, ...more });
    return undefined;
  } catch (error) {
    if (!(error instanceof LogFault)) throw error;
    const { kind, index, what, where } = error;
    return { kind, index, what, where };
  }
}

describe('an audit with its marks in a file', () => {
  const place = fc.nat({ max: 519 });
  const change = fc.record({ file: fc.constantFrom('bundle', 'tile', 'none'), n: fc.nat({ max: 2 }), at: fc.nat() });

  it('finds what one with its marks in memory finds, whatever else is wrong before or behind it', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.tuple(place, place), { maxLength: 2 }), change, async (repeats, { file, n, at }) => {
        const entries = sampleEntries(520);
        for (const [from, to] of repeats) entries[to] = sampleEntry(from, { stream: 'again' });
        const log = sampleLog(entries);
        const width = n === 2 ? 8 : 256;
        const path = file === 'tile' ? tilePath(0, BigInt(n), width) : bundlePath(BigInt(n), width);
        const bytes = log.files.get(path)!;
        if (file !== 'none') bytes[at % bytes.length]! ^= 1;
        expect(await found(log, { ids })).toEqual(await found(log, {}));
      }),
      { numRuns: 60 },
    );
  });

  it('tells an id that came before, ahead of a network that fails behind it', async () => {
    const log = sampleLog(sampleEntries(520).with(300, sampleEntry(7, { stream: 'again' })));
    const source = sampleSource(log);
    const bundle = (n: bigint, width: number) =>
      n < 2n ? source.bundle(n, width) : Promise.reject(new Unreachable('down'));
    const reading = verifyLog({ ...source, bundle }, { vkey: log.vkey, ids });
    await expect(reading).rejects.toMatchObject({ kind: 'envelope', index: 300n });
  });

  it('believes no mark: two ids with one mark are no fault', async () => {
    const judge: VerifyOptions['judge'] = (bundle, task) => {
      const judged = judgeBundle(bundle, task);
      const { marks } = judged;
      marks.copyWithin(20, 40, 44);
      return Promise.resolve(judged);
    };
    expect(await found(sampleLog(sampleEntries(520)), { ids, judge })).toBeUndefined();
  });

  it.each([0, 1])('settles only on the bundles that were read before, bundle %d', async (changed) => {
    const log = sampleLog(sampleEntries(520).with(300, sampleEntry(7, { stream: 'again' })));
    const other = sampleLog(sampleEntries(520).with(100, sampleEntry(900)));
    const honest = sampleSource(log);
    const reads = new Map<bigint, number>();
    const bundle = (n: bigint, width: number) => {
      reads.set(n, (reads.get(n) ?? 0) + 1);
      return (reads.get(n)! > 1 && n === BigInt(changed) ? sampleSource(other) : honest).bundle(n, width);
    };
    const reading = verifyLog({ ...honest, bundle }, { vkey: log.vkey, ids });
    await expect(reading).rejects.toMatchObject({ kind: 'file', what: 'the bundles changed while the log was read' });
  });
});
