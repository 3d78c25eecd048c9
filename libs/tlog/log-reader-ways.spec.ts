// The reader of whole logs takes short ways: it scans where it could parse, judges bundles ahead, and keeps marks of ids.
// Here it stands beside a reader without any of them, over logs with one or two things wrong.
import fc from 'fast-check';
import { sampleEntries, sampleEntry, sampleLog, sampleSource } from '#testing/sample-log';
import type { SampleLog } from '#testing/sample-log';
import { bundleEntries, BundleFault } from './bundle';
import { equal, utf8 } from './bytes';
import { parseEntry } from './entry';
import { judgeBundle } from './judge';
import type { JudgedBundle, JudgeTask } from './judge';
import { LogFault, verifyLog } from './log-reader';
import type { FaultKind, VerifyOptions } from './log-reader';
import { Frontier, leafHash } from './merkle';
import { bundlePath, tilePath, tileWidth } from './tile';

type Found = { readonly kind: FaultKind; readonly index: bigint | undefined } | undefined;

/** Bundle by bundle and entry by entry, as docs/spec/log.md tells it; of two levels of tiles. */
function plainly({ files, size, root }: SampleLog): Found {
  const frontier = Frontier.empty();
  const ids = new Set<string>();
  for (let n = 0n, width; (width = tileWidth(0, n, size)) > 0; n++) {
    const [first, bundle, tile] = [n * 256n, files.get(bundlePath(n, width)), files.get(tilePath(0, n, width))];
    if (!bundle || !tile) return { kind: 'file', index: first };
    let index = first;
    const leaves = Frontier.empty();
    try {
      for (const entry of bundleEntries(bundle)) {
        if (index === first + BigInt(width)) return { kind: 'length', index: index - 1n };
        const leaf = leafHash(entry);
        const at = Number(index - first) * 32;
        if (!equal(leaf, tile.subarray(at, at + 32))) {
          // Which of the two was changed is for the tile above a full one to tell.
          const asks = width === 256 && tile.length === width * 32;
          return asks && !files.has(tilePath(1, 0n, tileWidth(1, 0n, size)))
            ? { kind: 'file', index: 0n }
            : { kind: 'entry', index };
        }
        if (!isFresh(entry, ids)) return { kind: 'envelope', index };
        [frontier, leaves].forEach((each) => each.append(leaf));
        index++;
      }
    } catch (error) {
      if (error instanceof BundleFault) return { kind: 'length', index: first + BigInt(error.position) };
      throw error;
    }
    if (index < first + BigInt(width)) return { kind: 'length', index };
    if (tile.length !== width * 32) return { kind: 'length', index: index - 1n };
    const above =
      width === 256 ? aboveFault(files.get(tilePath(1, 0n, tileWidth(1, 0n, size))), n, size, leaves) : undefined;
    if (above) return above;
  }
  return equal(frontier.root(), root) ? undefined : { kind: 'root', index: undefined };
}

function isFresh(entry: Uint8Array, ids: Set<string>): boolean {
  try {
    const { id } = parseEntry(entry);
    return ids.size < ids.add(id).size;
  } catch {
    return false;
  }
}

function aboveFault(tile: Uint8Array | undefined, n: bigint, size: bigint, leaves: Frontier): Found {
  if (!tile) return { kind: 'file', index: 0n };
  const at = Number(n) * 32;
  if (!equal(tile.subarray(at, at + 32), leaves.root())) return { kind: 'tile', index: n * 256n };
  const width = tileWidth(1, 0n, size);
  return at + 32 >= width * 32 && tile.length !== width * 32 ? { kind: 'length', index: n * 256n } : undefined;
}

async function found(log: SampleLog, more: Partial<VerifyOptions> = {}): Promise<Found> {
  try {
    await verifyLog(sampleSource(log), { vkey: log.vkey, ...more });
    return undefined;
  } catch (error) {
    if (!(error instanceof LogFault)) throw error;
    // Which of two files was changed is told by the tree above both, which the plain reader does not ask.
    return { kind: error.kind === 'leaf' ? 'entry' : error.kind, index: error.index };
  }
}

const odd = [utf8('x'), utf8('{}'), sampleEntry(3), sampleEntry(9, { id: 'a"b' }), sampleEntry(9, { revision: 1.5 })];
const contents = fc.tuple(fc.constantFrom(1, 200, 256, 257, 520), fc.nat(), fc.option(fc.constantFrom(...odd)));
const tampering = fc.record({
  file: fc.nat(),
  how: fc.constantFrom('flip', 'cut', 'grow', 'drop', 'swap'),
  place: fc.nat(),
  mask: fc.integer({ min: 1, max: 255 }),
});

function tampered(
  log: SampleLog,
  { file, how, place, mask }: typeof tampering extends fc.Arbitrary<infer T> ? T : never,
): void {
  const paths = [...log.files.keys()].filter((path) => path.startsWith('tile/'));
  const [path, other] = [paths[file % paths.length]!, paths[place % paths.length]!];
  const bytes = log.files.get(path);
  // Two cuts may leave nothing to change.
  if (!bytes?.length) return;
  const at = place % bytes.length;
  if (how === 'flip') log.files.set(path, bytes.with(at, bytes[at]! ^ mask) as Uint8Array);
  else if (how === 'cut') log.files.set(path, bytes.slice(0, at));
  else if (how === 'grow') log.files.set(path, new Uint8Array([...bytes, ...new Uint8Array(mask)]));
  else if (how === 'swap') log.files.set(path, log.files.get(other) ?? bytes);
  else log.files.delete(path);
}

const logs = new Map<string, SampleLog>();
function logOf([size, place, entry]: [number, number, Uint8Array | null]): SampleLog {
  const name = `${size} ${place % size} ${entry ? odd.indexOf(entry) : ''}`;
  const entries = sampleEntries(size);
  if (entry) entries[place % size] = entry;
  const log = logs.get(name) ?? sampleLog(entries);
  logs.set(name, log);
  return { ...log, files: new Map(log.files) };
}

it('finds the same thing at the same place as the plain reader, whatever is wrong', async () => {
  await fc.assert(
    fc.asyncProperty(contents, fc.array(tampering, { maxLength: 2 }), async (content, changes) => {
      const log = logOf(content);
      for (const change of changes) tampered(log, change);
      expect(await found(log)).toEqual(plainly(log));
    }),
    { numRuns: 150 },
  );
});

describe('a mark that was met before', () => {
  // As if all ids had the same mark.
  const judge = (bundle: Uint8Array, task: JudgeTask): Promise<JudgedBundle> => {
    const judged = judgeBundle(bundle, task);
    return Promise.resolve({ ...judged, marks: judged.marks.fill(1) });
  };

  it('is no fault when the ids differ', async () => {
    expect(await found(sampleLog(sampleEntries(262)), { judge })).toBeUndefined();
  });

  it('is one when an entry before has the id, in the same bundle or another', async () => {
    for (const index of [100, 299]) {
      const entries = sampleEntries(300).with(index, sampleEntry(7, { stream: 'again' }));
      expect(await found(sampleLog(entries))).toEqual({ kind: 'envelope', index: BigInt(index) });
    }
  });

  it('is settled only on the bundles that were read before', async () => {
    const log = sampleLog(sampleEntries(300).with(299, sampleEntry(7, { stream: 'again' })));
    const other = sampleLog(sampleEntries(256).with(7, sampleEntry(1_000)));
    let reads = 0;
    const honest = sampleSource(log);
    const bundle = (n: bigint, width: number) =>
      n === 0n && ++reads > 1 ? sampleSource(other).bundle(n, width) : honest.bundle(n, width);
    const reading = verifyLog({ ...honest, bundle }, { vkey: log.vkey });
    await expect(reading).rejects.toMatchObject({ kind: 'file', what: 'the bundles changed while the log was read' });
  });
});
