// A small real log for tests: entries go through the same tiles, tree and signature as an agency's own, so that what
// reads logs is tested on logs and not on fixtures that only look like some.
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { canonicalBytes } from '#kernel/canonical-json';
import type { PlainEntry } from '#kernel/envelope';
import { utf8 } from '#tlog/bytes';
import { addSignatures, signCheckpoint } from '#tlog/checkpoint';
import { cosign } from '#tlog/cosignature';
import { formatVkey, LOG_KEY_TYPE, signingKey } from '#tlog/key';
import type { SigningKey } from '#tlog/key';
import { BadFile } from '#tlog/log-reader';
import type { LogSource } from '#tlog/log-reader';
import { Frontier, leafHash } from '#tlog/merkle';
import { parseNote } from '#tlog/note';
import { bundlePath, growthFiles, tilePath, tileRoot } from '#tlog/tile';

export interface SampleLog {
  readonly origin: string;
  readonly vkey: string;
  readonly size: bigint;
  readonly root: Uint8Array;
  readonly entries: readonly Uint8Array[];
  /** By path relative to the log: tiles, bundles, `checkpoint` and `vkey`. */
  readonly files: Map<string, Uint8Array>;
}

export interface SampleOptions {
  readonly origin?: string;
  /** 32 bytes; the same seed gives the same log. */
  readonly seed?: Uint8Array;
  readonly witness?: SigningKey;
}

/** An entry in the envelope's form; the same number gives the same bytes. */
export function sampleEntry(number: number, overrides: Partial<PlainEntry> = {}): Uint8Array {
  const entry: PlainEntry = {
    v: 1,
    id: `0190a000-0000-7000-8000-${String(number).padStart(12, '0')}`,
    type: 'inspection.sample-noted.v1',
    stream: `sample-${number % 7}`,
    revision: Math.floor(number / 7),
    at: '2026-03-02T01:00:00.000Z',
    actor: { agency: 'inspection', id: 'p-1', name: '张某', role: 'clerk' },
    seen: { 'commission.example.gov.cn/events/v1': number },
    commit: String(number).padStart(64, '0'),
    data: { text: `第${number}项` },
    ...overrides,
  };
  return canonicalBytes(entry);
}

export function sampleEntries(count: number): Uint8Array[] {
  return Array.from({ length: count }, (_, i) => sampleEntry(i));
}

/** Builds the log of these entries in memory. `grown` lists earlier sizes whose partial tiles are kept as well. */
export function sampleLog(
  entries: readonly Uint8Array[],
  { origin = 'inspection.example.gov.cn/events/v1', seed = new Uint8Array(32).fill(7), witness }: SampleOptions = {},
  grown: readonly number[] = [],
): SampleLog {
  const key = signingKey(origin, LOG_KEY_TYPE, seed);
  const leaves = entries.map(leafHash);
  const hashAt = completeSubtrees(leaves);
  const files = new Map<string, Uint8Array>();
  let size = 0n;
  for (const next of [...grown, entries.length].map(BigInt)) {
    for (const file of growthFiles(size, next, hashAt, (index) => entries[Number(index)]!)) {
      files.set(file.path, file.bytes);
    }
    size = next;
  }
  const frontier = Frontier.empty();
  leaves.forEach((leaf) => frontier.append(leaf));
  const signed = signCheckpoint({ origin, size, root: frontier.root() }, key);
  const note = parseNote(signed);
  files.set('checkpoint', witness ? addSignatures(note, cosign(note.text, 1_767_139_200n, witness)) : signed);
  files.set('vkey', utf8(`${formatVkey(key)}\n`));
  return { origin, vkey: formatVkey(key), size, root: frontier.root(), entries, files };
}

/** Writes a log's files as the tlog-tiles layout. */
export function writeSampleLog(log: Pick<SampleLog, 'files'>, folder: string): void {
  for (const [path, bytes] of log.files) {
    const target = join(folder, path);
    mkdirSync(dirname(target), { recursive: true });
    writeFileSync(target, bytes);
  }
}

/** Reads a log from the files in memory, whatever a test did to them meanwhile. */
export function sampleSource({ files }: Pick<SampleLog, 'files'>): LogSource {
  const read = (path: string): Promise<Uint8Array> => {
    const bytes = files.get(path);
    return bytes ? Promise.resolve(bytes) : Promise.reject(new BadFile(`${path} is missing`));
  };
  return {
    checkpoint: () => read('checkpoint'),
    tile: (level, n, width) => read(tilePath(level, n, width)),
    bundle: (n, width) => read(bundlePath(n, width)),
  };
}

function completeSubtrees(leaves: readonly Uint8Array[]): (level: number, n: bigint) => Uint8Array {
  const levels: Uint8Array[][] = [[...leaves]];
  for (let below = levels[0]!; below.length >= 256; below = levels.at(-1)!) {
    const full = Math.floor(below.length / 256);
    levels.push(Array.from({ length: full }, (_, i) => tileRoot(Buffer.concat(below.slice(i * 256, (i + 1) * 256)))));
  }
  return (level, n) => levels[level]![Number(n)]!;
}
