import fc from 'fast-check';
import { sha256 } from './sha256';
import { equal, fromBase64, toHex, utf8 } from './bytes';
import {
  emptyRoot,
  Frontier,
  leafHash,
  nodeHash,
  perfectRoot,
  proveConsistency,
  proveInclusion,
  rootOf,
  verifyConsistency,
  verifyInclusion,
} from './merkle';
import type { HashReader } from './merkle';

// The definition of RFC 6962 section 2.1, word for word and slow: what all else is compared with.
function naiveRoot(leaves: readonly Uint8Array[]): Uint8Array {
  if (leaves.length === 0) return sha256(new Uint8Array(0));
  if (leaves.length === 1) return leaves[0]!;
  let k = 1;
  while (k * 2 < leaves.length) k *= 2;
  return nodeHash(naiveRoot(leaves.slice(0, k)), naiveRoot(leaves.slice(k)));
}

const leavesOf = (count: number) => Array.from({ length: count }, (_, i) => leafHash(utf8(`entry ${i}`)));
const readerOf =
  (leaves: readonly Uint8Array[]): HashReader =>
  (level, n) =>
    naiveRoot(leaves.slice(Number(n) << level, (Number(n) + 1) << level));
const flipped = (bytes: Uint8Array, bit: number) => {
  const copy = bytes.slice();
  copy[bit >> 3]! ^= 1 << (bit & 7);
  return copy;
};
const tree = fc.integer({ min: 1, max: 300 });

describe('tree hashes', () => {
  it('hash leaves and nodes under different prefixes', () => {
    expect(leafHash(utf8('a'))).toEqual(sha256(Uint8Array.of(0, 97)));
    const [a, b] = [leafHash(utf8('a')), leafHash(utf8('b'))];
    expect(nodeHash(a, b)).toEqual(sha256(Uint8Array.of(1, ...a, ...b)));
    expect(toHex(emptyRoot())).toBe('e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855');
  });

  it('reduce 2^k hashes to the root of their perfect subtree, and nothing else', () => {
    for (const count of [1, 2, 4, 256]) {
      const leaves = leavesOf(count);
      expect(perfectRoot(Buffer.concat(leaves))).toEqual(naiveRoot(leaves));
    }
    expect(() => perfectRoot(new Uint8Array(96))).toThrow('power of two');
    expect(() => perfectRoot(new Uint8Array(33))).toThrow('power of two');
  });

  it('leaves the bytes it hashes as they were, also those of a Buffer, whose slices share its memory', () => {
    for (const bytes of [Buffer.alloc(8 * 32, 5), new Uint8Array(8 * 32).fill(5)]) {
      const before = Uint8Array.from(bytes);
      const root = perfectRoot(bytes);
      expect(Buffer.from(bytes).equals(before)).toBe(true);
      expect(perfectRoot(bytes)).toEqual(root);
      expect(root.buffer).not.toBe(bytes.buffer);
    }
  });
});

describe('a frontier', () => {
  it('has the root of the definition at every size', () => {
    const leaves = leavesOf(300);
    const frontier = Frontier.empty();
    expect(frontier.root()).toEqual(emptyRoot());
    leaves.forEach((leaf, i) => {
      frontier.append(leaf);
      if (i < 70 || i > 250) expect(toHex(frontier.root())).toBe(toHex(naiveRoot(leaves.slice(0, i + 1))));
    });
    expect(frontier.size).toBe(300n);
  });

  it('goes on from its serialised form', () => {
    fc.assert(
      fc.property(tree, fc.nat(40), (size, more) => {
        const whole = Frontier.empty();
        let parts = Frontier.empty();
        leavesOf(size + more).forEach((leaf, i) => {
          whole.append(leaf);
          if (i === size) parts = Frontier.parse(parts.serialise());
          parts.append(leaf);
        });
        return equal(whole.root(), parts.root()) && parts.serialise() === whole.serialise();
      }),
      { numRuns: 30 },
    );
  });

  it('refuses hashes that do not fit its size, and a subtree at a wrong place', () => {
    expect(() => Frontier.from({ size: 3n, hashes: [emptyRoot()] })).toThrow('2 hashes');
    expect(() => Frontier.parse('x')).toThrow('size');
    const frontier = Frontier.empty();
    frontier.append(emptyRoot());
    expect(() => frontier.appendPerfect(emptyRoot(), 8)).toThrow('cannot start at 1');
    expect(() => frontier.append(new Uint8Array(31))).toThrow('32 bytes');
  });
});

describe('proofs of random trees', () => {
  it('show each entry in its tree, and no other entry, index or root', () => {
    fc.assert(
      fc.property(tree, fc.nat(), fc.nat(255), (size, seed, bit) => {
        const leaves = leavesOf(size);
        const [index, total, root] = [BigInt(seed % size), BigInt(size), naiveRoot(leaves)];
        const leaf = leaves[Number(index)]!;
        const proof = proveInclusion(index, total, readerOf(leaves));
        expect(verifyInclusion(index, total, leaf, proof, root)).toBe(true);
        expect(verifyInclusion(index, total, flipped(leaf, bit), proof, root)).toBe(false);
        expect(verifyInclusion(index, total, leaf, proof, flipped(root, bit))).toBe(false);
        expect(verifyInclusion(index + 1n, total, leaf, proof, root)).toBe(false);
        expect(verifyInclusion(index, total, leaf, [...proof, leaf], root)).toBe(false);
        proof.forEach((hash, i) => {
          const changed = proof.with(i, flipped(hash, bit));
          expect(verifyInclusion(index, total, leaf, changed, root)).toBe(false);
          expect(verifyInclusion(index, total, leaf, proof.toSpliced(i, 1), root)).toBe(false);
        });
      }),
    );
  });

  it('show each smaller tree as a prefix, and no other tree', () => {
    fc.assert(
      fc.property(tree, fc.nat(), fc.nat(255), (size2, seed, bit) => {
        const size1 = 1 + (seed % size2);
        const leaves = leavesOf(size2);
        const [m, n] = [BigInt(size1), BigInt(size2)];
        const [root1, root2] = [naiveRoot(leaves.slice(0, size1)), naiveRoot(leaves)];
        const proof = proveConsistency(m, n, readerOf(leaves));
        expect(verifyConsistency(m, n, root1, root2, proof)).toBe(true);
        expect(verifyConsistency(m, n, flipped(root1, bit), root2, proof)).toBe(false);
        expect(verifyConsistency(m, n, root1, flipped(root2, bit), proof)).toBe(false);
        proof.forEach((hash, i) => {
          expect(verifyConsistency(m, n, root1, root2, proof.with(i, flipped(hash, bit)))).toBe(false);
        });
      }),
    );
  });

  it('are refused for what is not in the tree', () => {
    const reader = readerOf(leavesOf(3));
    expect(() => proveInclusion(3n, 3n, reader)).toThrow('not in a tree');
    expect(() => proveConsistency(0n, 3n, reader)).toThrow('cannot be proven');
    expect(() => proveConsistency(4n, 3n, reader)).toThrow('cannot be proven');
    expect(rootOf(3n, reader)).toEqual(naiveRoot(leavesOf(3)));
    expect(rootOf(0n, reader)).toEqual(emptyRoot());
  });
});

describe('bytes', () => {
  it('have one base64 spelling only', () => {
    expect(fromBase64('AA==')).toEqual(Uint8Array.of(0));
    for (const text of ['AB==', 'AA', 'AA=', 'A A=', 'AA==\n', '-_==']) expect(() => fromBase64(text)).toThrow();
  });
});
