// The hash tree of RFC 6962 section 2.1 (the same as RFC 9162 section 2.1): the reason why a log cannot change a past
// entry unseen. Leaves and nodes hash under different prefixes, and a tree of n leaves splits at the largest power of
// two below n, so each size has one root and appending needs only the roots of the perfect subtrees on the right edge.
import { equal, fromHex, toHex } from './bytes';
import { HASH_SIZE, sha256, sha256Into } from './sha256';

/** Root of the perfect subtree of 2^level leaves whose number, counted in such subtrees from the left, is `n`. */
export type HashReader = (level: number, n: bigint) => Uint8Array;

/** SHA-256(0x00 ‖ entry). */
export function leafHash(entry: Uint8Array): Uint8Array {
  const preimage = new Uint8Array(entry.length + 1);
  preimage.set(entry, 1);
  return sha256(preimage);
}

/**
 * Writes the leaf hash of the entry at `from` to `to` into `out`. The byte before the entry is 0 for that moment: a
 * copy of every entry would cost half as much again as its hash.
 */
export function leafHashInPlace(bytes: Uint8Array, from: number, to: number, out: Uint8Array, at: number): void {
  const before = bytes[from - 1]!;
  bytes[from - 1] = 0;
  sha256Into(bytes.subarray(from - 1, to), out, at);
  bytes[from - 1] = before;
}

/** SHA-256(0x01 ‖ left ‖ right). */
export function nodeHash(left: Uint8Array, right: Uint8Array): Uint8Array {
  const out = new Uint8Array(HASH_SIZE);
  nodePreimage.set(left, 1);
  nodePreimage.set(right, 1 + HASH_SIZE);
  sha256Into(nodePreimage, out, 0);
  return out;
}
// One preimage for all nodes: hashing is synchronous, and a fresh 65-byte array a node would cost a third of the time.
const nodePreimage = new Uint8Array(1 + 2 * HASH_SIZE);
nodePreimage[0] = 1;

/** Root of the tree without leaves: SHA-256 of nothing. */
export function emptyRoot(): Uint8Array {
  return sha256(new Uint8Array(0));
}

/** Root of the perfect subtree over 2^k hashes laid end to end (at most one tile of 256). */
export function perfectRoot(hashes: Uint8Array): Uint8Array {
  let count = hashes.length / HASH_SIZE;
  if (!Number.isInteger(count) || count < 1 || (count & (count - 1)) !== 0) {
    throw new Error(`a perfect subtree has a power of two of ${HASH_SIZE}-byte hashes, not ${hashes.length} bytes`);
  }
  // A copy whatever comes: `slice` of a Buffer shares its memory, and the caller's tile would be hashed away.
  const row = new Uint8Array(hashes);
  while (count > 1) {
    count >>= 1;
    for (let i = 0; i < count; i++) {
      const pair = i * 2 * HASH_SIZE;
      // Byte by byte: making a view of 64 bytes takes longer than copying them.
      for (let n = 0; n < 2 * HASH_SIZE; n++) nodePreimage[1 + n] = row[pair + n]!;
      sha256Into(nodePreimage, row, i * HASH_SIZE);
    }
  }
  return row.slice(0, HASH_SIZE);
}

/** The right edge of a growing tree: roots of its perfect subtrees, the largest first; never more than 64 hashes. */
export class Frontier {
  private constructor(
    private leaves: bigint,
    private readonly stack: Uint8Array[],
  ) {}

  static empty(): Frontier {
    return new Frontier(0n, []);
  }

  /** Takes up a frontier that `serialise` wrote. Throws unless the number of hashes fits the size. */
  static from({ size, hashes }: { size: bigint; hashes: readonly Uint8Array[] }): Frontier {
    if (size < 0n || hashes.length !== ones(size) || hashes.some((hash) => hash.length !== HASH_SIZE)) {
      throw new Error(`a frontier of size ${size} has ${ones(size)} hashes of ${HASH_SIZE} bytes`);
    }
    return new Frontier(size, [...hashes]);
  }

  get size(): bigint {
    return this.leaves;
  }

  get hashes(): readonly Uint8Array[] {
    return this.stack;
  }

  /** Adds one leaf hash. */
  append(leaf: Uint8Array): void {
    this.appendPerfect(leaf, 0);
  }

  /** Adds leaf hashes that lie end to end. */
  appendEach(leaves: Uint8Array): void {
    for (let at = 0; at < leaves.length; at += HASH_SIZE) this.append(leaves.slice(at, at + HASH_SIZE));
  }

  /** Adds the root of a perfect subtree of 2^level leaves. Throws unless the size is a multiple of 2^level. */
  appendPerfect(root: Uint8Array, level: number): void {
    const width = 1n << BigInt(level);
    if (root.length !== HASH_SIZE) throw new Error(`a tree hash has ${HASH_SIZE} bytes, not ${root.length}`);
    if (this.leaves % width !== 0n) throw new Error(`a subtree of ${width} leaves cannot start at ${this.leaves}`);
    let hash = root;
    for (let rest = this.leaves >> BigInt(level); rest & 1n; rest >>= 1n) hash = nodeHash(this.stack.pop()!, hash);
    this.stack.push(hash);
    this.leaves += width;
  }

  /** Takes up what `serialise` wrote; throws on any other text. */
  static parse(text: string): Frontier {
    const [size, ...hashes] = text.split('\n');
    if (!/^(0|[1-9]\d*)$/.test(size!)) throw new Error('a frontier starts with its size');
    return Frontier.from({ size: BigInt(size!), hashes: hashes.map(fromHex) });
  }

  root(): Uint8Array {
    if (this.stack.length === 0) return emptyRoot();
    return this.stack.reduceRight((right, left) => nodeHash(left, right));
  }

  copy(): Frontier {
    return new Frontier(this.leaves, [...this.stack]);
  }

  /** Size as a decimal line, then one line of lower-case hex for each hash: fit for a text column. */
  serialise(): string {
    return [String(this.leaves), ...this.stack.map((hash) => toHex(hash))].join('\n');
  }
}

/**
 * Is `leaf` entry `index` of the tree of `size` leaves with that root? (RFC 9162 section 2.1.3.2)
 * @param proof audit path, the leaf's sibling first
 */
export function verifyInclusion(
  index: bigint,
  size: bigint,
  leaf: Uint8Array,
  proof: readonly Uint8Array[],
  root: Uint8Array,
): boolean {
  if (index < 0n || index >= size || leaf.length !== HASH_SIZE || root.length !== HASH_SIZE) return false;
  let hash = leaf;
  const complete = climb(index, size - 1n, proof, (sibling, isLeft) => {
    hash = isLeft ? nodeHash(sibling, hash) : nodeHash(hash, sibling);
  });
  return complete && equal(hash, root);
}

/**
 * Is the tree of `size1` leaves a prefix of the tree of `size2`? (RFC 9162 section 2.1.4.2)
 * Size 0 proves nothing and is refused here; that roots have 32 bytes is checked where checkpoints are read.
 */
export function verifyConsistency(
  size1: bigint,
  size2: bigint,
  root1: Uint8Array,
  root2: Uint8Array,
  proof: readonly Uint8Array[],
): boolean {
  if (size1 <= 0n || size1 > size2) return false;
  if (size1 === size2) return proof.length === 0 && equal(root1, root2);
  // When the old tree is perfect its root is itself the first hash of the path, and the proof leaves it out.
  const path = (size1 & (size1 - 1n)) === 0n ? [root1, ...proof] : proof;
  const [start, ...rest] = path;
  if (proof.length === 0 || start === undefined || start.length !== HASH_SIZE) return false;
  let [first, second] = [size1 - 1n, size2 - 1n];
  for (; first & 1n; first >>= 1n) second >>= 1n;
  let [old, whole] = [start, start];
  const complete = climb(first, second, rest, (sibling, isLeft) => {
    if (isLeft) old = nodeHash(sibling, old);
    whole = isLeft ? nodeHash(sibling, whole) : nodeHash(whole, sibling);
  });
  return complete && equal(old, root1) && equal(whole, root2);
}

/** Audit path of entry `index` in the tree of `size` leaves (RFC 6962 section 2.1.1), the leaf's sibling first. */
export function proveInclusion(index: bigint, size: bigint, hashAt: HashReader): Uint8Array[] {
  if (index < 0n || index >= size) throw new Error(`entry ${index} is not in a tree of ${size}`);
  const path: Uint8Array[] = [];
  for (let [from, to] = [0n, size]; to - from > 1n;) {
    const middle = from + splitOf(to - from);
    const goesLeft = index < middle;
    path.push(goesLeft ? rangeRoot(middle, to, hashAt) : rangeRoot(from, middle, hashAt));
    [from, to] = goesLeft ? [from, middle] : [middle, to];
  }
  return path.reverse();
}

/** Proof that the tree of `size1` is a prefix of the tree of `size2` (RFC 6962 section 2.1.2). */
export function proveConsistency(size1: bigint, size2: bigint, hashAt: HashReader): Uint8Array[] {
  if (size1 <= 0n || size1 > size2) throw new Error(`a tree of ${size1} cannot be proven within one of ${size2}`);
  const path: Uint8Array[] = [];
  let [from, to] = [0n, size2];
  while (to !== size1) {
    const middle = from + splitOf(to - from);
    const goesLeft = size1 <= middle;
    path.push(goesLeft ? rangeRoot(middle, to, hashAt) : rangeRoot(from, middle, hashAt));
    [from, to] = goesLeft ? [from, middle] : [middle, to];
  }
  if (from !== 0n) path.push(rangeRoot(from, to, hashAt));
  return path.reverse();
}

/** Root of the whole tree of `size` leaves from its perfect subtrees. */
export function rootOf(size: bigint, hashAt: HashReader): Uint8Array {
  return size === 0n ? emptyRoot() : rangeRoot(0n, size, hashAt);
}

// Walks a path upwards and tells for each hash on which side it stands; false when the path is too long or too short.
function climb(
  node: bigint,
  last: bigint,
  path: readonly Uint8Array[],
  visit: (sibling: Uint8Array, isLeft: boolean) => void,
): boolean {
  for (const sibling of path) {
    if (sibling.length !== HASH_SIZE || last === 0n) return false;
    const isLeft = (node & 1n) === 1n || node === last;
    visit(sibling, isLeft);
    // On the ragged right edge a node without sibling rises unchanged, so those levels are skipped.
    for (; isLeft && !(node & 1n) && node !== 0n; node >>= 1n) last >>= 1n;
    node >>= 1n;
    last >>= 1n;
  }
  return last === 0n;
}

function rangeRoot(from: bigint, to: bigint, hashAt: HashReader): Uint8Array {
  const width = to - from;
  if ((width & (width - 1n)) === 0n) {
    const level = width.toString(2).length - 1;
    return hashAt(level, from >> BigInt(level));
  }
  const middle = from + splitOf(width);
  return nodeHash(rangeRoot(from, middle, hashAt), rangeRoot(middle, to, hashAt));
}

// The largest power of two below n, for n > 1.
function splitOf(n: bigint): bigint {
  return 1n << BigInt((n - 1n).toString(2).length - 1);
}

function ones(size: bigint): number {
  let count = 0;
  for (let rest = size; rest > 0n; rest >>= 1n) if (rest & 1n) count++;
  return count;
}
