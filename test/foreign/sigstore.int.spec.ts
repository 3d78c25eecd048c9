// A second judge that shares no line with this project: the verifier of Sigstore's JavaScript client. It reads
// checkpoints and inclusion proofs; it knows neither cosignatures nor consistency. Its files are internal, so the version
// is pinned in package.json.
import { createPublicKey } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { verifyCheckpoint } from '@sigstore/verify/dist/tlog/checkpoint';
import { verifyMerkleInclusion } from '@sigstore/verify/dist/tlog/merkle';
import { sampleEntries, sampleEntry, sampleLog, sampleSource } from '#testing/sample-log';
import type { SampleLog } from '#testing/sample-log';
import { sampleRegion } from '#testing/sample-region';
import { describeWithVectors, vectorFolder } from '#testing/vectors';
import { bundleEntries } from '#tlog/bundle';
import { openCheckpoint } from '#tlog/checkpoint';
import { parseVkey } from '#tlog/key';
import { inclusionProofs } from '#tlog/prove';
import { tilePath } from '#tlog/tile';

type Entry = Parameters<typeof verifyCheckpoint>[0];
type Logs = Parameters<typeof verifyCheckpoint>[1];
type Claim = { note: Uint8Array; index: bigint; entry: Uint8Array; proof: readonly Uint8Array[] };

/** A key of ours as it keeps them: by the first bytes of its id, and by name. */
function believed(vkey: string): Logs {
  const { name, keyId, publicKey } = parseVkey(vkey);
  const der = Buffer.concat([Buffer.from('302a300506032b6570032100', 'hex'), publicKey]);
  const key = createPublicKey({ key: der, format: 'der', type: 'spki' });
  const validFor = { start: new Date(0), end: new Date(8e15) };
  return [{ logID: Buffer.from(keyId), baseURL: name, publicKey: key, validFor }];
}

/** Throws what it has against the claim. */
function judged({ note, index, entry, proof }: Claim, vkey: string): { size: bigint; origin: string } {
  const inclusionProof = {
    logIndex: String(index),
    hashes: proof.map((hash) => Buffer.from(hash)),
    checkpoint: { envelope: Buffer.from(note).toString('utf8') },
  };
  const asked = { inclusionProof, canonicalizedBody: Buffer.from(entry) } as unknown as Entry;
  const opened = verifyCheckpoint(asked as never, believed(vkey));
  verifyMerkleInclusion(asked as never, opened);
  return { size: opened.logSize, origin: opened.origin };
}

async function claims(log: SampleLog, indexes: readonly number[]): Promise<Claim[]> {
  const proofs = await inclusionProofs(sampleSource(log), log.size, indexes.map(BigInt));
  const note = log.files.get('checkpoint')!;
  return indexes.map((index, n) => ({ note, index: BigInt(index), entry: log.entries[index]!, proof: proofs[n]! }));
}

describe('Sigstore’s verifier, of our logs', () => {
  it.each([1, 2, 3, 255, 256, 257, 700])(
    'opens the checkpoint of one of %d entries and finds them in it',
    async (size) => {
      const log = sampleLog(sampleEntries(size));
      const indexes = [...new Set([0, 1, Math.floor(size / 2), size - 2, size - 1])].filter((n) => n >= 0 && n < size);
      for (const claim of await claims(log, indexes)) {
        expect(judged(claim, log.vkey)).toEqual({ size: BigInt(size), origin: log.origin });
      }
    },
  );

  it('passes over the witnesses’ lines, which it does not know', async () => {
    for (const log of sampleRegion().logs) {
      const [claim] = await claims(log, [0]);
      expect(judged(claim!, log.vkey).size).toBe(log.size);
    }
  });

  it('refuses what is forged: entry, index, proof, root, signature, key', async () => {
    const log = sampleLog(sampleEntries(300));
    const [claim] = (await claims(log, [270])) as [Claim];
    const flipped = (bytes: Uint8Array, at: number) => bytes.with(at, bytes[at]! ^ 1) as Uint8Array;
    const other = sampleLog(sampleEntries(300), { seed: new Uint8Array(32).fill(8) });
    const forgeries: [Partial<Claim>, string, string][] = [
      [{ entry: sampleEntry(271) }, log.vkey, 'calculated root'],
      [{ index: 271n }, log.vkey, 'calculated root'],
      [{ index: 300n }, log.vkey, 'invalid index'],
      [{ proof: claim.proof.slice(1) }, log.vkey, 'invalid hash count'],
      [{ proof: claim.proof.with(2, flipped(claim.proof[2]!, 4)) }, log.vkey, 'calculated root'],
      [{ note: flipped(claim.note, claim.note.indexOf(0x0a) + 2) }, log.vkey, 'invalid checkpoint signature'],
      [{ note: flipped(claim.note, claim.note.length - 9) }, log.vkey, 'invalid checkpoint signature'],
      [{}, other.vkey, 'invalid checkpoint signature'],
    ];
    for (const [change, vkey, why] of forgeries) expect(() => judged({ ...claim, ...change }, vkey)).toThrow(why);
  });
});

const tessera = vectorFolder('tessera', 'log');
const TESSERA_VKEY = 'example.com/log/testdata+33d7b496+AeHTu4Q3hEIMHNqc6fASMsq3rKNx280NI+oO5xCFkkSx';

describeWithVectors('Sigstore’s verifier, of the log that Tessera wrote', tessera, () => {
  it('finds each entry by the proofs that our code makes of Tessera’s tiles', async () => {
    const note = readFileSync(join(tessera, 'checkpoint'));
    const { size } = openCheckpoint(note, parseVkey(TESSERA_VKEY));
    const entries = [...bundleEntries(readFileSync(join(tessera, 'tile/entries/000.p/15')))];
    const tile = (level: number, n: bigint, width: number) =>
      Promise.resolve(new Uint8Array(readFileSync(join(tessera, tilePath(level, n, width)))));
    const indexes = entries.map((_, n) => BigInt(n));
    const proofs = await inclusionProofs({ tile }, size, indexes);
    for (const [n, entry] of entries.entries()) {
      expect(judged({ note, index: BigInt(n), entry, proof: proofs[n]! }, TESSERA_VKEY).size).toBe(15n);
    }
    expect(entries).toHaveLength(15);
  });
});
