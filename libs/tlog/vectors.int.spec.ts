import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { describeWithVectors, vectorFolder } from '#testing/vectors';
import { bundleEntries } from './bundle';
import { fromBase64, fromUtf8 } from './bytes';
import { openCheckpoint } from './checkpoint';
import { parseVkey } from './key';
import { verifyLog } from './log-reader';
import type { LogSource } from './log-reader';
import { leafHash, rootOf, verifyConsistency, verifyInclusion } from './merkle';
import { bundlePath, growthFiles, tileHashReader, tilePath } from './tile';

const merkle = vectorFolder('merkle');
const tessera = vectorFolder('tessera', 'log');
const TESSERA_VKEY = 'example.com/log/testdata+33d7b496+AeHTu4Q3hEIMHNqc6fASMsq3rKNx280NI+oO5xCFkkSx';

type ProofCase = { desc: string; wantErr: boolean; proof: string[] | null };
type InclusionCase = ProofCase & { leafIdx: number; treeSize: number; root: string; leafHash: string };
type ConsistencyCase = ProofCase & { size1: number; size2: number; root1: string; root2: string };

function casesIn<Case>(folder: string): { path: string; value: Case }[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.json'))
    .map((path) => ({ path, value: JSON.parse(readFileSync(join(folder, path), 'utf8')) as Case }));
}
const hashes = (proof: string[] | null) => (proof ?? []).map(fromBase64);

describeWithVectors('the public proof vectors', merkle, () => {
  it('agree on all 98 inclusion cases, the tampered ones too', () => {
    const cases = casesIn<InclusionCase>(join(merkle, 'inclusion'));
    const wrong = cases.filter(({ value: c }) => {
      const [leaf, root] = [fromBase64(c.leafHash ?? ''), fromBase64(c.root ?? '')];
      return verifyInclusion(BigInt(c.leafIdx), BigInt(c.treeSize), leaf, hashes(c.proof), root) === c.wantErr;
    });
    expect(wrong.map(({ path }) => path)).toEqual([]);
    expect(cases).toHaveLength(98);
  });

  it('agree on all 98 consistency cases, the tampered ones too', () => {
    const cases = casesIn<ConsistencyCase>(join(merkle, 'consistency'));
    const wrong = cases.filter(({ value: c }) => {
      const [root1, root2] = [fromBase64(c.root1 ?? ''), fromBase64(c.root2 ?? '')];
      return verifyConsistency(BigInt(c.size1), BigInt(c.size2), root1, root2, hashes(c.proof)) === c.wantErr;
    });
    expect(wrong.map(({ path }) => path)).toEqual([]);
    expect(cases).toHaveLength(98);
  });
});

describeWithVectors('the log that Tessera wrote', tessera, () => {
  const file = (path: string) => Promise.resolve(new Uint8Array(readFileSync(join(tessera, path))));
  const sourceAt = (checkpoint: string): LogSource => ({
    checkpoint: () => file(checkpoint),
    tile: (level, n, width) => file(tilePath(level, n, width)),
    bundle: (n, width) => file(bundlePath(n, width)),
  });
  const names = () => readdirSync(tessera).filter((name) => /^checkpoint\.\d+$/.test(name));

  it('is whole at each of its 16 checkpoints', async () => {
    for (const name of names()) {
      const log = await verifyLog(sourceAt(name), { vkey: TESSERA_VKEY, opaque: true });
      expect(`checkpoint.${log.size}`).toBe(name);
    }
    expect(names()).toHaveLength(16);
  });

  it('has each of its states as a prefix of the last', async () => {
    for (const name of names()) {
      const past = openCheckpoint(await file(name), parseVkey(TESSERA_VKEY));
      const log = await verifyLog(sourceAt('checkpoint'), { vkey: TESSERA_VKEY, opaque: true, past });
      expect(log.entries).toBe(15n);
    }
  });

  it('has the very tiles and bundles that ours would have', async () => {
    const entries = [...bundleEntries(await file('tile/entries/000.p/15'))];
    expect(entries.slice(0, 3).map(fromUtf8)).toEqual(['one', 'two', 'three']);
    for (let size = 1n; size <= 15n; size++) {
      const written = growthFiles(
        size - 1n,
        size,
        (_level, n) => leafHash(entries[Number(n)]!),
        (index) => entries[Number(index)]!,
      );
      expect(written.map(({ path }) => path)).toEqual([`tile/entries/000.p/${size}`, `tile/0/000.p/${size}`]);
      for (const { path, bytes } of written) expect(Buffer.from(bytes)).toEqual(readFileSync(join(tessera, path)));
    }
  });

  it('gives the signed root from its tile alone', async () => {
    const { size, root } = openCheckpoint(await file('checkpoint'), parseVkey(TESSERA_VKEY));
    const tile = await file('tile/0/000.p/15');
    expect(statSync(join(tessera, 'tile/0/000.p/15')).size).toBe(15 * 32);
    expect(
      rootOf(
        size,
        tileHashReader(size, () => tile),
      ),
    ).toEqual(root);
  });
});
