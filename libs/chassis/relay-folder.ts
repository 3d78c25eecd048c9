// The log as files in the tlog-tiles layout, which any file server can serve. A file appears whole under its name or
// not at all, its bytes are on disk before its name is, and no name ever gets other bytes.
import { randomUUID } from 'node:crypto';
import { mkdir, open, readdir, readFile, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { equal } from '#tlog/bytes';
import { hashesAt, TILE_WIDTH, tilePath, tileWidth, bundlePath } from '#tlog/tile';
import type { TileFile } from '#tlog/tile';
import { RelayFault } from './relay-fault';
import type { RelayStep } from './relay-fault';

type Crash = (step: RelayStep) => Promise<void> | void;
const width = BigInt(TILE_WIDTH);

export class RelayFolder {
  private readonly made = new Set<string>();

  constructor(
    private readonly folder: string,
    private readonly origin: string,
    private readonly crash: Crash,
  ) {}

  read(path: string): Promise<Uint8Array> {
    return readFile(join(this.folder, path));
  }

  async readIfThere(path: string): Promise<Uint8Array | undefined> {
    return this.read(path).catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return undefined;
      throw error;
    });
  }

  /** Writes tiles and bundles and returns when files and names are on disk. @throws RelayFault for other bytes */
  async write(files: readonly TileFile[]): Promise<void> {
    await mkdir(this.temporary, { recursive: true });
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
    await mkdir(this.temporary, { recursive: true });
    const temporary = join(this.temporary, randomUUID());
    await writeThrough(temporary, bytes, false);
    await this.crash('checkpoint-written');
    await rename(temporary, join(this.folder, path));
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
        const ahead = Math.max(0, ...partial) > here || (await this.names(full)) || (await this.names(next));
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
    const there = await this.readIfThere(path);
    if (there !== undefined) {
      if (equal(there, bytes)) return;
      const remedy = 'Never change the files of a log; restore this one, or the database, from a mirror.';
      throw new RelayFault(this.origin, `${path} is there with other bytes`, remedy);
    }
    const temporary = join(this.temporary, randomUUID());
    await writeThrough(temporary, bytes, true);
    await this.crash('file-written');
    await this.makeFolder(dirname(join(this.folder, path)));
    await rename(temporary, join(this.folder, path));
    await this.crash('file-named');
  }

  /** A new folder is a name in the one above, and that name must be on disk as well. */
  private async makeFolder(folder: string): Promise<void> {
    if (this.made.has(folder)) return;
    const first = await mkdir(folder, { recursive: true });
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

  private async names(path: string): Promise<boolean> {
    return (await this.readIfThere(path)) !== undefined;
  }
}

async function writeThrough(path: string, bytes: Uint8Array, toDisk: boolean): Promise<void> {
  const file = await open(path, 'wx', 0o644);
  try {
    await file.writeFile(bytes);
    if (toDisk) await file.datasync();
  } finally {
    await file.close();
  }
}

async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, 'r');
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}
