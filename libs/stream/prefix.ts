// When what a peer serves does not give the root that it signed, there are two reasons: bytes were damaged on the way,
// or the peer signed another history than the one we hold. This file tells them apart, because the first heals by
// asking again and the second is misconduct that must never be healed.
import { equal } from '#tlog/bytes';
import type { Checkpoint } from '#tlog/checkpoint';
import { BadFile } from '#tlog/log-reader';
import type { LogSource } from '#tlog/log-reader';
import { proveConsistency, rootOf, verifyConsistency } from '#tlog/merkle';
import { HASH_SIZE } from '#tlog/sha256';
import { hashesAt, TILE_WIDTH, tileHashReader, tilePath, tileRoot, tileWidth } from '#tlog/tile';

const width = BigInt(TILE_WIDTH);

/**
 * The root that the signed tree of `checkpoint` has at an earlier size. Every hash used is tied to the signed root.
 * @throws BadFile when the tiles served do not belong to the signed root
 */
export async function signedPrefixRoot(source: LogSource, checkpoint: Checkpoint, size: bigint): Promise<Uint8Array> {
  const edge = new Map<number, Uint8Array>();
  const levels: number[] = [];
  for (let level = 0; hashesAt(level, checkpoint.size) > 0n; level++) {
    levels.push(level);
    const n = hashesAt(level, checkpoint.size) / width;
    const count = tileWidth(level, n, checkpoint.size);
    if (count > 0) edge.set(level, await tileOf(source, level, n, count));
  }
  const whole = rootOf(
    checkpoint.size,
    tileHashReader(checkpoint.size, (level) => edge.get(level)!),
  );
  if (!equal(whole, checkpoint.root)) throw new BadFile('the tiles do not give the signed root');
  // Downwards along the border of the earlier size: a full tile is proven by its hash in the tile above.
  const border = new Map<number, Uint8Array>();
  for (const level of levels.reverse()) {
    const n = hashesAt(level, size) / width;
    const count = tileWidth(level, n, checkpoint.size);
    if (count === 0) continue;
    if (count < TILE_WIDTH) {
      border.set(level, edge.get(level)!);
      continue;
    }
    const tile = await tileOf(source, level, n, TILE_WIDTH);
    const at = Number(n % width) * HASH_SIZE;
    if (!equal(tileRoot(tile), border.get(level + 1)!.subarray(at, at + HASH_SIZE))) {
      throw new BadFile(`${tilePath(level, n)} does not fit the tile above`);
    }
    border.set(level, tile);
  }
  return rootOf(
    size,
    tileHashReader(size, (level) => border.get(level)!),
  );
}

/**
 * The proof that the signed tree has this root at an earlier size: what makes a fork plain to whoever was not there.
 * @returns undefined when the tiles served do not give one, or when there is nothing to prove
 */
export async function signedPrefixProof(
  source: LogSource,
  checkpoint: Checkpoint,
  size: bigint,
  root: Uint8Array,
): Promise<Uint8Array[] | undefined> {
  if (size <= 0n || size >= checkpoint.size) return undefined;
  // A first pass only to learn which tiles the proof is read from; what they hold is proven by the result.
  const tiles = new Map<string, Uint8Array>();
  const wanted = new Map<string, () => Promise<Uint8Array>>();
  const learn = tileHashReader(checkpoint.size, (level, n, count) => {
    wanted.set(tilePath(level, n), () => tileOf(source, level, n, count));
    return new Uint8Array(count * HASH_SIZE);
  });
  proveConsistency(size, checkpoint.size, learn);
  for (const [path, fetch] of wanted) tiles.set(path, await fetch());
  const proof = proveConsistency(
    size,
    checkpoint.size,
    tileHashReader(checkpoint.size, (level, n) => tiles.get(tilePath(level, n))!),
  );
  return verifyConsistency(size, checkpoint.size, root, checkpoint.root, proof) ? proof : undefined;
}

async function tileOf(source: LogSource, level: number, n: bigint, count: number): Promise<Uint8Array> {
  const tile = await source.tile(level, n, count);
  if (tile.length === count * HASH_SIZE) return tile;
  throw new BadFile(`${tilePath(level, n, count)} has ${tile.length} bytes, not ${count * HASH_SIZE}`);
}
