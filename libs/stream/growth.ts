// From the size that is held to the size that is signed: fetches what lies between and proves all of it before any of
// it is handed out. A short stretch is hashed whole. A long one is first proven by its hashes one level up, 32 bytes
// for 256 entries, and then handed out slice by slice, so that catching up on years needs neither trust nor memory.
import { bundleEntries, BundleFault } from '#tlog/bundle';
import { equal } from '#tlog/bytes';
import type { Checkpoint } from '#tlog/checkpoint';
import { BadFile } from '#tlog/log-reader';
import type { LogSource } from '#tlog/log-reader';
import { leafHash } from '#tlog/merkle';
import type { Frontier } from '#tlog/merkle';
import { HASH_SIZE } from '#tlog/sha256';
import { bundlePath, hashesAt, TILE_WIDTH, tilePath, tileRoot, tileWidth } from '#tlog/tile';

export type Leaf = { readonly index: bigint; readonly bytes: Uint8Array; readonly hash: Uint8Array };
export type Slice = { readonly leaves: readonly Leaf[]; readonly frontier: Frontier };

const width = BigInt(TILE_WIDTH);
// Hashed whole when it is not longer than this; the worst case is 2,048 entries of 64 KiB in memory.
const shortStretch = 2_048n;
const sliceEntries = 8_192;
const sliceBytes = 8_388_608;
const fetchesAtOnce = 4;

/** The entries do not lead from what is held to what is signed: damaged on the way, or a fork. */
export class Unproven extends Error {
  override readonly name = 'Unproven';
  constructor(
    message: string,
    /** The first bundle as it came. */
    readonly bundle?: Uint8Array,
  ) {
    super(message);
  }
}

/**
 * New entries in order, each slice with the frontier after it; nothing is yielded before all is proven.
 * @throws Unproven, BadFile, and whatever the source throws when it is out of reach
 */
export async function* growth(source: LogSource, held: Frontier, checkpoint: Checkpoint): AsyncGenerator<Slice, void> {
  if (checkpoint.size - held.size <= shortStretch) yield await shortGrowth(source, held, checkpoint);
  else yield* longGrowth(source, held, checkpoint);
}

async function shortGrowth(source: LogSource, held: Frontier, checkpoint: Checkpoint): Promise<Slice> {
  const frontier = held.copy();
  const leaves: Leaf[] = [];
  let firstBundle: Uint8Array | undefined;
  for await (const bundle of bundles(source, held.size / width, checkpoint.size)) {
    firstBundle ??= bundle.bytes;
    leaves.push(...bundle.leaves.filter(({ index }) => index >= held.size));
  }
  for (const { hash } of leaves) frontier.append(hash);
  demandRoot(frontier, checkpoint, firstBundle);
  return { leaves, frontier };
}

async function* longGrowth(source: LogSource, held: Frontier, checkpoint: Checkpoint): AsyncGenerator<Slice, void> {
  const { size } = checkpoint;
  const fullTiles = size / width;
  // The bundle in which the held size lies, so that the rest can be taken tile by tile.
  const start = held.size % width === 0n ? undefined : await bundleOf(source, held.size / width, TILE_WIDTH);
  const rest = start?.leaves.filter(({ index }) => index >= held.size) ?? [];
  const end = size % width === 0n ? undefined : await bundleOf(source, fullTiles, Number(size % width));
  const proof = held.copy();
  for (const { hash } of rest) proof.append(hash);
  const firstTile = proof.size / width;
  const tileHashes = await hashesFrom(source, firstTile, size);
  for (const hash of tileHashes) proof.appendPerfect(hash, 8);
  for (const { hash } of end?.leaves ?? []) proof.append(hash);
  demandRoot(proof, checkpoint, start?.bytes ?? end?.bytes);

  const frontier = held.copy();
  let leaves: Leaf[] = rest;
  let bytes = 0;
  const slice = (): Slice => {
    for (const { hash } of leaves) frontier.append(hash);
    const done = { leaves, frontier: frontier.copy() };
    leaves = [];
    bytes = 0;
    return done;
  };
  for await (const bundle of bundles(source, firstTile, fullTiles * width)) {
    if (!equal(bundle.root(), tileHashes[Number(bundle.n - firstTile)]!)) {
      throw new Unproven(`${bundlePath(bundle.n)} does not fit its signed tile`, bundle.bytes);
    }
    if (leaves.length + TILE_WIDTH > sliceEntries || bytes > sliceBytes) yield slice();
    leaves.push(...bundle.leaves);
    bytes += bundle.bytes.length;
  }
  if (leaves.length + TILE_WIDTH > sliceEntries && leaves.length > 0) yield slice();
  leaves.push(...(end?.leaves ?? []));
  if (leaves.length > 0) yield slice();
}

function demandRoot(frontier: Frontier, { size, root }: Checkpoint, bundle: Uint8Array | undefined): void {
  if (frontier.size === size && equal(frontier.root(), root)) return;
  throw new Unproven(`what was served for size ${size} does not give the signed root`, bundle);
}

/** Roots of the full level-0 tiles from number `first` on, out of the tiles of level 1. */
async function hashesFrom(source: LogSource, first: bigint, size: bigint): Promise<Uint8Array[]> {
  const hashes: Uint8Array[] = [];
  const count = hashesAt(1, size);
  for (let n = first / width; n * width < count; n++) {
    const tile = await source.tile(1, n, tileWidth(1, n, size));
    if (tile.length !== tileWidth(1, n, size) * HASH_SIZE) {
      throw new BadFile(`${tilePath(1, n)} has ${tile.length} bytes at size ${size}`);
    }
    for (let at = 0; at < tile.length; at += HASH_SIZE) {
      if (n * width + BigInt(at / HASH_SIZE) >= first) hashes.push(tile.subarray(at, at + HASH_SIZE));
    }
  }
  return hashes;
}

type Bundle = { readonly n: bigint; readonly bytes: Uint8Array; readonly leaves: readonly Leaf[]; root(): Uint8Array };

/** Bundles `first` to the last that `size` needs, in order, a few on their way at once. */
async function* bundles(source: LogSource, first: bigint, size: bigint): AsyncGenerator<Bundle, void> {
  const asked: Promise<Bundle>[] = [];
  for (let n = first; n * width < size || asked.length > 0; n++) {
    if (n * width < size) {
      asked.push(bundleOf(source, n, tileWidth(0, n, size)));
      // A failure is thrown when its turn comes; until then it must not count as unhandled.
      asked.at(-1)!.catch(() => undefined);
    }
    if (asked.length >= fetchesAtOnce || (n + 1n) * width >= size) yield await asked.shift()!;
  }
}

async function bundleOf(source: LogSource, n: bigint, count: number): Promise<Bundle> {
  const bytes = await source.bundle(n, count);
  const leaves: Leaf[] = [];
  try {
    for (const entry of bundleEntries(bytes)) {
      leaves.push({ index: n * width + BigInt(leaves.length), bytes: entry, hash: leafHash(entry) });
    }
  } catch (cause) {
    if (!(cause instanceof BundleFault)) throw cause;
    throw new BadFile(`${bundlePath(n, count)}: ${cause.message}`, { cause });
  }
  if (leaves.length !== count) throw new BadFile(`${bundlePath(n, count)} holds ${leaves.length} entries`);
  return { n, bytes, leaves, root: () => tileRoot(Buffer.concat(leaves.map(({ hash }) => hash))) };
}
