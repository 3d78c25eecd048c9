// The folder of an agency's log on a disk that may be full, tear what a power cut interrupts, and rot. It has the form
// of the relay's own folder (libs/chassis/relay-folder.ts); which bytes are safe is what differs.
import { RelayFault } from '#chassis/relay-fault';
import type { RelayFolder } from '#chassis/relay-folder';
import { narrowBundle } from '#tlog/bundle';
import { equal } from '#tlog/bytes';
import { HASH_SIZE } from '#tlog/sha256';
import { bundlePath, parseTilePath, TILE_WIDTH, tilePath } from '#tlog/tile';
import type { TileFile } from '#tlog/tile';
import type { Random } from './random';

/** What lies on the disk, whoever runs. */
export class Disk {
  readonly files = new Map<string, Uint8Array>();
  private readonly unsafe = new Map<string, Uint8Array | undefined>();
  full = false;
  /** What was to be written, whatever became of it; forgotten with the program that wrote it. */
  readonly intended = new Map<string, Uint8Array>();
  /** Changes what is written to the log's tiles and bundles, at times. */
  damage: (bytes: Uint8Array) => Uint8Array = (bytes) => bytes;

  put(path: string, bytes: Uint8Array): void {
    if (this.full) throw Object.assign(new Error('no space left on device'), { code: 'ENOSPC' });
    // What stood there before is what a power cut may bring back.
    if (!this.unsafe.has(path)) this.unsafe.set(path, this.files.get(path));
    this.intended.set(path, bytes);
    this.files.set(path, path.startsWith('tile/') ? this.damage(bytes) : bytes);
  }

  flush(paths: Iterable<string>): void {
    for (const path of paths) this.unsafe.delete(path);
  }

  /** What was not flushed is kept, lost, torn, or damaged. @returns how many files changed */
  cutPower(random: Random): number {
    let changed = 0;
    for (const [path, before] of this.unsafe) {
      const now = this.files.get(path);
      const fate = random.below(4);
      if (fate === 0 || !now) continue;
      changed++;
      if (fate === 1 && before) this.files.set(path, before);
      else if (fate === 1) this.files.delete(path);
      else if (fate === 2) this.files.set(path, now.slice(0, random.below(now.length)));
      else this.files.set(path, flipped(now, random));
    }
    this.unsafe.clear();
    return changed;
  }
}

/** The same bytes but for one bit. */
export function flipped(bytes: Uint8Array, random: Random): Uint8Array {
  const copy = new Uint8Array(bytes);
  if (copy.length > 0) copy[random.below(copy.length)]! ^= 1 << random.below(8);
  return copy;
}

export type FolderPorts = {
  /** Waits for the disk. */
  readonly call: <T>(label: string, effect: () => T) => Promise<T>;
  /** What stands under a name, for a reader; a planted fault may look elsewhere. */
  readonly seen: (path: string, onDisk: Uint8Array | undefined) => Uint8Array | undefined;
};

/** The relay's folder over a virtual disk. */
export function folderOn(disk: Disk, origin: string, ports: FolderPorts): RelayFolder {
  const folder = new VirtualFolder(disk, origin, ports);
  return folder as unknown as RelayFolder;
}

class VirtualFolder implements Pick<RelayFolder, keyof RelayFolder> {
  constructor(
    private readonly disk: Disk,
    private readonly origin: string,
    private readonly ports: FolderPorts,
  ) {}

  read(path: string): Uint8Array {
    const bytes = this.readIfThere(path);
    if (!bytes) throw Object.assign(new Error(`no such file: ${path}`), { code: 'ENOENT' });
    return bytes;
  }

  readIfThere(path: string): Uint8Array | undefined {
    return this.ports.seen(path, this.disk.files.get(path));
  }

  has(path: string): boolean {
    return path === 'tile'
      ? [...this.disk.files.keys()].some((each) => each.startsWith('tile/'))
      : this.disk.files.has(path);
  }

  readOrFull(path: string): Uint8Array {
    const bytes = this.readIfThere(path);
    const name = parseTilePath(path);
    if (bytes || !name) return bytes ?? this.read(path);
    if (name.level === 'entries') return narrowBundle(this.read(bundlePath(name.n)), name.width);
    return this.read(tilePath(name.level, name.n)).subarray(0, name.width * HASH_SIZE);
  }

  async write(files: readonly TileFile[], _atOnce?: boolean, lostBeyond?: bigint): Promise<string[]> {
    const written: string[] = [];
    for (const { path, bytes } of files) {
      await this.ports.call(`write ${path}`, () => {
        const there = this.disk.files.get(path);
        if (there && equal(there, bytes)) return;
        if (there && (lostBeyond === undefined || reachOf(path) <= lostBeyond)) {
          throw new RelayFault(this.origin, `${path} is there with other bytes`, 'Restore it.');
        }
        this.disk.put(path, bytes);
        written.push(path);
      });
    }
    return written;
  }

  async flush(_from: bigint, to: bigint): Promise<void> {
    const within = [...this.disk.files.keys()].filter((path) => path === 'vkey' || reachOf(path) <= to);
    await this.ports.call('flush', () => this.disk.flush(within));
  }

  async replace(path: string, bytes: Uint8Array): Promise<void> {
    await this.ports.call(`replace ${path}`, () => this.disk.put(path, bytes));
  }

  async refuseFilesBeyond(size: bigint): Promise<void> {
    const beyond = [...this.disk.files.keys()].find((path) => parseTilePath(path) && reachOf(path) > size);
    if (beyond) throw new RelayFault(this.origin, `the folder holds ${beyond} beyond size ${size}`, 'Restore it.');
  }

  async clearTemporary(): Promise<void> {}
}

/** Size of the smallest log that the file belongs to. */
function reachOf(path: string): bigint {
  const name = parseTilePath(path);
  if (!name) return 1n << 62n;
  const level = name.level === 'entries' ? 0 : name.level;
  return (name.n * BigInt(TILE_WIDTH) + BigInt(name.width)) << BigInt(8 * level);
}
