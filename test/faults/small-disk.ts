// Disks of a fixed size for one agency: tmpfs, which only root may mount. Filled to the last byte, and freed again.
import { execFileSync } from 'node:child_process';
import { closeSync, mkdirSync, openSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';

/** Undefined when this machine can mount, else why not. */
export function lacksMounts(): string | undefined {
  const place = join('/tmp', `sanfang-mount-${process.pid}`);
  mkdirSync(place);
  try {
    const disk = SmallDisk.mount(place, 1);
    disk.end();
    return undefined;
  } catch {
    return 'tmpfs cannot be mounted: not root, or a container without that right';
  } finally {
    rmSync(place, { recursive: true, force: true });
  }
}

export class SmallDisk {
  private constructor(readonly place: string) {}

  /** @param size MiB */
  static mount(place: string, size: number): SmallDisk {
    mkdirSync(place, { recursive: true, mode: 0o711 });
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${size}m,mode=711`, 'tmpfs', place], { stdio: 'ignore' });
    return new SmallDisk(place);
  }

  fill(): void {
    const file = openSync(this.filler, 'w');
    try {
      for (let length = 1 << 20; length >= 1; length >>= 1) while (written(file, length)) continue;
    } finally {
      closeSync(file);
    }
  }

  free(): void {
    rmSync(this.filler, { force: true });
  }

  end(): void {
    execFileSync('umount', ['-l', this.place], { stdio: 'ignore' });
  }

  private get filler(): string {
    return join(this.place, '.filler');
  }
}

function written(file: number, length: number): boolean {
  try {
    return writeSync(file, Buffer.alloc(length)) === length;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOSPC') return false;
    throw error;
  }
}
