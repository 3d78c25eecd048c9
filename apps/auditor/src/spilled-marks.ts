// Marks of the ids of a log that is too long for memory: written to a file without a name, in parts that fit, and looked
// through when the log has been read. Whatever the size of a log, its audit takes the same memory.
import { closeSync, mkdtempSync, openSync, readSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { IdMarks } from '#tlog/id-marks';
import type { MetIds } from '#tlog/id-marks';
import { Unreachable } from './sources';

/** Up to here marks stay in memory, 5 bytes each. */
const IN_MEMORY = 4_000_000n;
// Ids of one part: looking through one takes 5 MB.
const PART = 1_000_000;
const MOST_PARTS = 4_096;
// Of all parts together, before they are written.
const BUFFERS = 16 << 20;
const [LEAST_BLOCK, MOST_BLOCK] = [4_096, 65_536];
// A mark's two words, and the index of its entry.
const WORDS = 4;
const HIGH = 2 ** 32;

type Part = { readonly buffer: Uint32Array; used: number; readonly blocks: number[] };

/** @param expected the size that the log claims */
export function metIds(expected: bigint): MetIds {
  return expected <= IN_MEMORY ? new IdMarks(expected) : new SpilledMarks(expected);
}

/** 16 bytes an id in the system's folder for temporary files. */
export class SpilledMarks implements MetIds {
  private readonly parts: Part[];
  private count = 0;
  private written = 0;
  private file: number | undefined;

  /** @param part ids of one part. @throws Unreachable when the file cannot be used, here and in all methods */
  constructor(
    expected: bigint,
    private readonly part = PART,
    private readonly folder = tmpdir(),
  ) {
    const count = Math.min(MOST_PARTS, Math.max(1, Math.ceil(Number(expected) / part)));
    const bytes = Math.min(MOST_BLOCK, Math.max(LEAST_BLOCK, 2 ** Math.floor(Math.log2(BUFFERS / count))));
    this.parts = Array.from({ length: count }, () => ({ buffer: new Uint32Array(bytes / 4), used: 0, blocks: [] }));
  }

  /** Always true: what was met before is told by `firstRepeat`. */
  add(first: number, second: number): true {
    // Its low bits choose the part: the high ones choose the place within a part.
    const part = this.parts[(first >>> 0) % this.parts.length]!;
    const { buffer } = part;
    if (part.used === buffer.length) this.spill(part);
    buffer[part.used++] = first;
    buffer[part.used++] = second;
    buffer[part.used++] = this.count;
    buffer[part.used++] = Math.floor(this.count / HIGH);
    this.count++;
    return true;
  }

  firstRepeat(from: bigint): bigint | undefined {
    let least = Infinity;
    // One for all parts: what is let go is not taken back at once. A log that repeats an id all along fills one part.
    const most = Math.max(...this.parts.map(({ buffer, used, blocks }) => blocks.length * buffer.length + used));
    const met = new IdMarks(BigInt(Math.min(most / WORDS, this.part)));
    for (const part of this.parts) {
      met.clear();
      least = this.repeatIn(part, met, Number(from), least);
    }
    return least === Infinity ? undefined : BigInt(least);
  }

  close(): void {
    if (this.file !== undefined) closeSync(this.file);
    this.file = undefined;
  }

  /** @returns the least index from `from` on that repeats a mark, when it is less than `least` */
  private repeatIn(part: Part, met: IdMarks, from: number, least: number): number {
    for (const words of this.wordsOf(part)) {
      for (let at = 0; at < words.length; at += WORDS) {
        const index = words[at + 2]! + words[at + 3]! * HIGH;
        if (index >= least) return least;
        if (!met.add(words[at]!, words[at + 1]!) && index >= from) return index;
      }
    }
    return least;
  }

  /** In the order in which they came. */
  private *wordsOf({ buffer, used, blocks }: Part): Generator<Uint32Array> {
    const block = new Uint32Array(buffer.length);
    for (const n of blocks) {
      const read = told(this.folder, () => readSync(this.file!, block, 0, block.byteLength, n * block.byteLength));
      if (read !== block.byteLength) throw failed(this.folder, `${read} of ${block.byteLength} bytes`);
      yield block;
    }
    yield buffer.subarray(0, used);
  }

  private spill(part: Part): void {
    const { buffer, blocks } = part;
    const file = (this.file ??= told(this.folder, () => nameless(this.folder)));
    const place = this.written * buffer.byteLength;
    const put = told(this.folder, () => writeSync(file, buffer, 0, buffer.byteLength, place));
    if (put !== buffer.byteLength) throw failed(this.folder, `${put} of ${buffer.byteLength} bytes`);
    blocks.push(this.written++);
    part.used = 0;
  }
}

/** Open, and in no folder any more: it is gone with the process, however that ends. */
function nameless(folder: string): number {
  const own = mkdtempSync(join(folder, 'sanfang-audit-'));
  try {
    return openSync(join(own, 'marks'), 'wx+', 0o600);
  } finally {
    rmSync(own, { recursive: true });
  }
}

function told<T>(folder: string, task: () => T): T {
  try {
    return task();
  } catch (cause) {
    throw failed(folder, (cause as NodeJS.ErrnoException).code ?? String(cause), cause);
  }
}

function failed(folder: string, why: string, cause?: unknown): Unreachable {
  const what = `临时文件夹 ${folder} 读写失败(${why}):核验大日志时每条占 16 字节,可用环境变量 TMPDIR 另指一处`;
  return new Unreachable(what, { cause });
}
