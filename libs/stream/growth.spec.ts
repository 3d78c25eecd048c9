import { sampleLog, sampleSource } from '#testing/sample-log';
import { utf8 } from '#tlog/bytes';
import { Frontier, leafHash } from '#tlog/merkle';
import { growth, Unproven } from './growth';
import { signedPrefixRoot } from './prefix';

const entries = Array.from({ length: 67_000 }, (_, i) => utf8(`entry ${i}`));

function frontierAt(size: number): Frontier {
  const frontier = Frontier.empty();
  for (const entry of entries.slice(0, size)) frontier.append(leafHash(entry));
  return frontier;
}

describe('growth', () => {
  const log = sampleLog(entries);
  const checkpoint = { origin: log.origin, size: log.size, root: log.root };

  it.each([0, 1, 255, 256, 40_000, 65_535, 65_536, 66_900])(
    'yields every entry above %i once, in order',
    async (held) => {
      let next = held;
      for await (const { leaves, frontier } of growth(sampleSource(log), frontierAt(held), checkpoint)) {
        expect(leaves.length).toBeLessThanOrEqual(8_192);
        for (const { index, bytes } of leaves) {
          if (index !== BigInt(next) || bytes.length !== entries[next]!.length) throw new Error(`not entry ${next}`);
          next++;
        }
        expect(frontier.size).toBe(BigInt(next));
      }
      expect(next).toBe(entries.length);
    },
  );

  it('yields nothing when one hash far ahead is wrong', async () => {
    const files = new Map(log.files);
    const tile = Buffer.from(files.get('tile/1/001.p/5')!);
    tile[3]! ^= 1;
    files.set('tile/1/001.p/5', tile);
    await expect(growth(sampleSource({ files }), frontierAt(9), checkpoint).next()).rejects.toThrow(Unproven);
  });

  it.each([1, 7, 256, 300, 65_536, 66_000, 66_999])(
    'reads the root at size %i out of the signed tree',
    async (size) => {
      expect(await signedPrefixRoot(sampleSource(log), checkpoint, BigInt(size))).toEqual(frontierAt(size).root());
    },
  );

  it('takes no root from tiles that are not under the signed one', async () => {
    const files = new Map(log.files);
    const tile = Buffer.from(files.get('tile/0/001')!);
    tile[3]! ^= 1;
    files.set('tile/0/001', tile);
    await expect(signedPrefixRoot(sampleSource({ files }), checkpoint, 300n)).rejects.toThrow('does not fit');
  });
});
