// The log as files in the tlog-tiles layout, which any file server can serve. A file appears whole under its name or
// not at all, and no name ever gets other bytes. Files are flushed to disk later and by many at once (relay-flush.ts):
// the rows hold the same entries, and a start writes anew what a power cut took.
// What was written a moment ago lies in the page cache and is read at once. A small step also writes at once, because the
// rounds through the thread pool would cost more than the step; a large one does not, because making a name waits while the
// disk takes in what others flush.
import { randomUUID } from 'node:crypto';
import { closeSync, fdatasync, mkdirSync, openSync, readFileSync, rename, statSync, writeFile } from 'node:fs';
import { renameSync, writeFileSync } from 'node:fs';
import { readdir, rm } from 'node:fs/promises';
import { promisify } from 'node:util';
import { dirname, join } from 'node:path';
import { narrowBundle } from '#tlog/bundle';
import { equal } from '#tlog/bytes';
import { HASH_SIZE } from '#tlog/sha256';
import { hashesAt, parseTilePath, TILE_WIDTH, tilePath, tileWidth, bundlePath } from '#tlog/tile';
import type { TileFile, TileName } from '#tlog/tile';
import { syncFolder } from './durable';
import { RelayFault } from './relay-fault';
import type { RelayStep } from './relay-fault';

type Crash = (step: RelayStep) => Promise<void> | void;
const width = BigInt(TILE_WIDTH);
const flushData = promisify(fdatasync);
const temporary = '.temporary';
const filesAtOnce = 8;
const writeWhole = promisify(writeFile);
const nameAs = promisify(rename);

export class RelayFolder {
  private readonly made = new Set<string>();
  /** Written or met, and perhaps not on disk: path, and the size of a log that it belongs to wholly. */
  private readonly unflushed = new Map<string, bigint>();

  constructor(
    private readonly folder: string,
    private readonly origin: string,
    private readonly crash: Crash,
  ) {}

  read(path: string): Uint8Array {
    return readFileSync(join(this.folder, path));
  }

  readIfThere(path: string): Uint8Array | undefined {
    try {
      return this.read(path);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
      throw error;
    }
  }

  /** A tile or bundle; what it begins with, out of the full one, where that has replaced it. */
  readOrFull(path: string): Uint8Array {
    const bytes = this.readIfThere(path);
    const name = parseTilePath(path);
    if (bytes || !name) return bytes ?? this.read(path);
    if (name.level === 'entries') return narrowBundle(this.read(bundlePath(name.n)), name.width);
    return this.read(tilePath(name.level, name.n)).subarray(0, name.width * HASH_SIZE);
  }

  /**
   * Writes tiles and bundles. `lostBeyond`: a power cut may have damaged the files that belong to more than this size,
   * and those are written anew. `atOnce`: a small step, which nobody has to wait for.
   * @returns paths of the files that were not there, or with other bytes @throws RelayFault for other bytes elsewhere
   */
  async write(files: readonly TileFile[], atOnce = false, lostBeyond?: bigint): Promise<string[]> {
    const written: string[] = [];
    // Few at a time: one event writes two files at once, a catch-up must not open a thousand.
    for (let at = 0; at < files.length; at += filesAtOnce) {
      const some = files.slice(at, at + filesAtOnce);
      const done = await Promise.allSettled(some.map((file) => this.writeOnce(file, atOnce, lostBeyond)));
      for (const [nth, one] of done.entries()) {
        if (one.status === 'rejected') throw one.reason;
        if (one.value) written.push(some[nth]!.path);
      }
    }
    return written;
  }

  /**
   * Brings to disk, names included, the verifier key and all files that belong wholly to a log of size `to`; partial
   * ones that have become full tiles since size `from` are removed instead, and are gone for good on return.
   */
  async flush(from: bigint, to: bigint): Promise<void> {
    const paths = [...this.unflushed].filter(([, reach]) => reach <= to).map(([path]) => path);
    const kept = paths.filter((path) => !isSuperseded(path, to));
    for (let at = 0; at < kept.length; at += filesAtOnce) {
      await Promise.all(kept.slice(at, at + filesAtOnce).map((path) => flushFile(join(this.folder, path))));
    }
    await flushFile(join(this.folder, 'vkey'));
    await this.flushFolders(kept);
    await this.crash('flushed');
    const superseded = this.superseded(from, to);
    for (const folder of superseded) {
      this.made.delete(folder);
      await rm(join(this.folder, folder), { recursive: true, force: true });
    }
    await this.flushFolders(superseded);
    for (const path of paths) this.unflushed.delete(path);
    await this.crash('tidied');
  }

  /** Replaces a small file that changes. The database holds its content, and the next start writes it again. */
  async replace(path: string, bytes: Uint8Array, atOnce = false): Promise<void> {
    await this.put(path, bytes, atOnce, 'checkpoint-written');
  }

  /** @throws RelayFault when the folder holds files of a longer log than the database: then the database went back */
  async refuseFilesBeyond(size: bigint): Promise<void> {
    for (let level = 0; ; level++) {
      const n = hashesAt(level, size) / width;
      const here = tileWidth(level, n, size);
      const names = level === 0 ? [tilePath(0, n), bundlePath(n)] : [tilePath(level, n)];
      for (const full of names) {
        const partial = await this.widths(`${full}.p`);
        const next = full === bundlePath(n) ? bundlePath(n + 1n) : tilePath(level, n + 1n);
        const ahead = Math.max(0, ...partial) > here || this.has(full) || this.has(next);
        if (ahead) {
          const what = `the folder holds ${full} beyond size ${size} of the database`;
          const remedy = 'The database was restored from an older backup: rebuild it from the folder or from a mirror.';
          throw new RelayFault(this.origin, what, remedy);
        }
      }
      if (hashesAt(level, size) === 0n) return;
    }
  }

  async clearTemporary(): Promise<void> {
    this.made.delete(temporary);
    await rm(join(this.folder, temporary), { recursive: true, force: true });
  }

  /** @returns whether it was not there, or with other bytes */
  private async writeOnce({ path, bytes }: TileFile, atOnce: boolean, lostBeyond?: bigint): Promise<boolean> {
    const reach = reachOf(path);
    const there = this.has(path) ? this.read(path) : undefined;
    this.unflushed.set(path, reach);
    if (there && equal(there, bytes)) return false;
    if (there && (lostBeyond === undefined || reach <= lostBeyond)) {
      const remedy = 'Never change the files of a log; restore this one, or the database, from a mirror.';
      throw new RelayFault(this.origin, `${path} is there with other bytes`, remedy);
    }
    await this.put(path, bytes, atOnce, 'file-written');
    await this.crash('file-named');
    return true;
  }

  private async put(path: string, bytes: Uint8Array, atOnce: boolean, step: RelayStep): Promise<void> {
    this.makeFolder(temporary);
    this.makeFolder(dirname(path));
    const beside = join(this.folder, temporary, randomUUID());
    const options = { flag: 'wx', mode: 0o644 };
    if (atOnce) writeFileSync(beside, bytes, options);
    else await writeWhole(beside, bytes, options);
    await this.crash(step);
    if (atOnce) renameSync(beside, join(this.folder, path));
    else await nameAs(beside, join(this.folder, path));
  }

  private makeFolder(folder: string): void {
    if (this.made.has(folder)) return;
    mkdirSync(join(this.folder, folder), { recursive: true });
    this.made.add(folder);
  }

  /** Folders of partial files for which there are full ones since size `from`. */
  private superseded(from: bigint, to: bigint): string[] {
    const folders: string[] = [];
    for (let level = 0; hashesAt(level, to) >= width; level++) {
      for (let n = hashesAt(level, from) / width; (n + 1n) * width <= hashesAt(level, to); n++) {
        const full = level === 0 ? [tilePath(0, n), bundlePath(n)] : [tilePath(level, n)];
        folders.push(...full.map((path) => `${path}.p`).filter((path) => this.has(path)));
      }
    }
    return folders;
  }

  /** The names of these paths: a folder's name is one in the folder above, up to what holds the whole log. */
  private async flushFolders(paths: readonly string[]): Promise<void> {
    const folders = new Set([this.folder, dirname(this.folder)]);
    for (const path of paths) {
      for (let folder = dirname(path); folder !== '.'; folder = dirname(folder)) folders.add(join(this.folder, folder));
    }
    await Promise.all([...folders].map(syncFolder));
  }

  private async widths(path: string): Promise<number[]> {
    try {
      return (await readdir(join(this.folder, path))).map(Number);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
      throw error;
    }
  }

  has(path: string): boolean {
    return statSync(join(this.folder, path), { throwIfNoEntry: false }) !== undefined;
  }
}

/** Size of the smallest log that has this very file: all that stands in it lies below. */
function reachOf(path: string): bigint {
  const { level, n, width: count } = nameOf(path);
  return (n * width + BigInt(count)) << BigInt(8 * (level === 'entries' ? 0 : level));
}

/** A partial file for which there is a full one at this size. */
export function isSuperseded(path: string, size: bigint): boolean {
  const { level, n, width: count } = nameOf(path);
  return count < TILE_WIDTH && tileWidth(level === 'entries' ? 0 : level, n, size) === TILE_WIDTH;
}

function nameOf(path: string): TileName {
  const name = parseTilePath(path);
  if (!name) throw new Error(`${path} is no file of a log`);
  return name;
}

async function flushFile(path: string): Promise<void> {
  const file = openSync(path, 'r');
  try {
    await flushData(file);
  } finally {
    closeSync(file);
  }
}
