// Rows of 256 entries against their proven leaves. Without a proof a row can still contradict itself.
import { equal, toHex } from '#tlog/bytes';
import { leafHash } from '#tlog/merkle';
import { HASH_SIZE } from '#tlog/sha256';
import { TILE_WIDTH } from '#tlog/tile';
import type { Finding } from './finding';
import type { Row } from './stored-rows';

/** @param truth proven leaves; undefined when no copy fits the signed root */
export function* judgeRows(
  n: bigint,
  rows: readonly (Row | undefined)[],
  truth: Uint8Array | undefined,
  origin: string | undefined,
): Generator<Finding, void> {
  const of = origin === undefined ? {} : { origin };
  const first = n * BigInt(TILE_WIDTH);
  let told = false;
  for (const [nth, row] of rows.entries()) {
    const finding = judgeRow(row, truth && leafAt(truth, nth));
    if (!finding) continue;
    told = true;
    yield { ...finding, index: first + BigInt(nth), ...of };
  }
  if (truth || told) return;
  const fault = origin === undefined ? 'root' : 'peerRoot';
  const last = first + BigInt(rows.length - 1);
  yield { fault, index: first, ...of, what: `no copy of the entries ${first} to ${last} gives the signed root` };
}

function judgeRow(row: Row | undefined, truth: Uint8Array | undefined): Omit<Finding, 'index'> | undefined {
  if (!row) return { fault: 'missing', what: 'the entry is missing' };
  const leaf = leafHash(row.bytes);
  const expected = truth ? `leaf ${toHex(truth)} expected` : `its own hash ${row.hash} expected`;
  if (truth ? !equal(leaf, truth) : toHex(leaf) !== row.hash) {
    return { fault: 'row', what: `the stored entry was changed: ${expected}` };
  }
  if (toHex(leaf) !== row.hash) return { fault: 'hash', what: `the hash beside the entry was changed: ${expected}` };
  // Columns that are read instead of the bytes.
  const { id, type } = JSON.parse(row.bytes.toString('utf8')) as { id: string; type: string };
  if (id !== row.id) return { fault: 'row', what: `the id beside the entry was changed: ${id} expected` };
  if (row.type !== undefined && type !== row.type) {
    return { fault: 'row', what: `the type beside the entry was changed: ${type} expected` };
  }
  return undefined;
}

export function leafAt(leaves: Uint8Array, nth: number): Uint8Array {
  return leaves.subarray(nth * HASH_SIZE, (nth + 1) * HASH_SIZE);
}

/** The entries of a bundle out of whichever copy fits the proven leaf; undefined where none does. */
export function provenEntries(
  truth: Uint8Array,
  copies: readonly (readonly (Uint8Array | undefined)[])[],
): (Uint8Array | undefined)[] {
  return Array.from({ length: truth.length / HASH_SIZE }, (_, nth) => {
    const leaf = leafAt(truth, nth);
    return copies.map((copy) => copy[nth]).find((bytes) => bytes !== undefined && equal(leafHash(bytes), leaf));
  });
}
