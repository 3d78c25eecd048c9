// The log as files in the tlog-tiles layout, which any file server can serve. A file appears whole under its name or
// not at all, its bytes are on disk before its name is, and no name ever gets other bytes.
// Small files just written lie in the page cache: they are opened, written, read and renamed at once, because a round
// through the thread pool for each step costs more than the step. Only the flushes, which wait for the disk, are awaited.
import { randomUUID } from 'node:crypto';
import { closeSync, fdatasync, fsync, mkdirSync, openSync, readFileSync, renameSync, write, writeSync } from 'node:fs';
import { readdir, rm } from 'node:fs/promises';
import { promisify } from 'node:util';
import { dirname, join } from 'node:path';
import { equal } from '#tlog/bytes';
import { hashesAt, TILE_WIDTH, tilePath, tileWidth, bundlePath } from '#tlog/tile';
import type { TileFile } from '#tlog/tile';
import { RelayFault } from './relay-fault';
import type { RelayStep } from './relay-fault';

type Crash = (step: RelayStep) => Promise<void> | void;
const width = BigInt(TILE_WIDTH);
const flush = promisify(fsync);
const flushData = promisify(fdatasync);
/** While the disk is flushing, a write of this size can wait for it: then it waits in the thread pool. */
const largeBytes = 16_384;
const writePart = (file: number, bytes: Uint8Array, at: number): Promise<number> =>
  new Promise((resolve, reject) =>
    write(file, bytes, at, bytes.length - at, null, (error, written) => (error ? reject(error) : resolve(written))),
  );

export class RelayFolder {
  private readonly made = new Set<string>();

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

  /** Writes tiles and bundles and returns when files and names are on disk. @throws RelayFault for other bytes */
  async write(files: readonly TileFile[]): Promise<void> {
    mkdirSync(this.temporary, { recursive: true });
    // Few at a time: one event writes two files at once, a catch-up must not open a thousand.
    for (let at = 0; at < files.length; at += 8) {
      const written = await Promise.allSettled(files.slice(at, at + 8).map((file) => this.writeOnce(file)));
      for (const one of written) if (one.status === 'rejected') throw one.reason;
    }
    const folders = new Set(files.map(({ path }) => dirname(join(this.folder, path))));
    await Promise.all([...folders].map(syncFolder));
  }

  /**
   * Replaces a small file that changes. Not forced to disk: the database holds the checkpoint already, and the next
   * start writes the file again, so a power cut costs nothing and a reader waits one disk flush less.
   */
  async replace(path: string, bytes: Uint8Array): Promise<void> {
    mkdirSync(this.temporary, { recursive: true });
    const temporary = join(this.temporary, randomUUID());
    await writeThrough(temporary, bytes, false);
    await this.crash('checkpoint-written');
    renameSync(temporary, join(this.folder, path));
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
        const ahead = Math.max(0, ...partial) > here || this.names(full) || this.names(next);
        if (ahead) {
          const what = `the folder holds ${full} beyond size ${size} of the database`;
          const remedy = 'The database was restored from an older backup: rebuild it from the folder or from a mirror.';
          throw new RelayFault(this.origin, what, remedy);
        }
      }
      if (hashesAt(level, size) === 0n) return;
    }
  }

  /** Removes partial tiles for which a full one is published, and what a crash left half written. */
  async tidy(oldSize: bigint, size: bigint): Promise<void> {
    for (let level = 0; hashesAt(level, size) >= width; level++) {
      for (let n = hashesAt(level, oldSize) / width; (n + 1n) * width <= hashesAt(level, size); n++) {
        for (const path of level === 0 ? [tilePath(0, n), bundlePath(n)] : [tilePath(level, n)]) {
          this.made.delete(join(this.folder, `${path}.p`));
          await rm(join(this.folder, `${path}.p`), { recursive: true, force: true });
        }
      }
    }
  }

  async clearTemporary(): Promise<void> {
    await rm(this.temporary, { recursive: true, force: true });
  }

  private get temporary(): string {
    return join(this.folder, '.temporary');
  }

  private async writeOnce({ path, bytes }: TileFile): Promise<void> {
    const there = this.readIfThere(path);
    if (there !== undefined) {
      if (equal(there, bytes)) return;
      const remedy = 'Never change the files of a log; restore this one, or the database, from a mirror.';
      throw new RelayFault(this.origin, `${path} is there with other bytes`, remedy);
    }
    const temporary = join(this.temporary, randomUUID());
    await writeThrough(temporary, bytes, true);
    await this.crash('file-written');
    await this.makeFolder(dirname(join(this.folder, path)));
    renameSync(temporary, join(this.folder, path));
    await this.crash('file-named');
  }

  /** A new folder is a name in the one above, and that name must be on disk as well. */
  private async makeFolder(folder: string): Promise<void> {
    if (this.made.has(folder)) return;
    const first = mkdirSync(folder, { recursive: true });
    if (first !== undefined) {
      for (let made = folder; made.length >= first.length; made = dirname(made)) await syncFolder(dirname(made));
    }
    this.made.add(folder);
  }

  private async widths(path: string): Promise<number[]> {
    try {
      return (await readdir(join(this.folder, path))).map(Number);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
      throw error;
    }
  }

  private names(path: string): boolean {
    return this.readIfThere(path) !== undefined;
  }
}

async function writeThrough(path: string, bytes: Uint8Array, toDisk: boolean): Promise<void> {
  const file = openSync(path, 'wx', 0o644);
  try {
    if (bytes.length < largeBytes) for (let at = 0; at < bytes.length;) at += writeSync(file, bytes, at);
    else for (let at = 0; at < bytes.length;) at += await writePart(file, bytes, at);
    if (toDisk) await flushData(file);
  } finally {
    closeSync(file);
  }
}

async function syncFolder(path: string): Promise<void> {
  const folder = openSync(path, 'r');
  try {
    await flush(folder);
  } finally {
    closeSync(folder);
  }
}
