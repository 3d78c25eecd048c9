// Files that a command leaves: whole or not there, whatever happens meanwhile.
import { randomUUID } from 'node:crypto';
import { mkdir, open, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { Unreachable } from './sources';

/** @throws Unreachable when it cannot be written */
export async function store(folder: string, path: string, bytes: Uint8Array): Promise<void> {
  const target = join(folder, path);
  const fresh = `${target}.${randomUUID()}.new`;
  try {
    await mkdir(dirname(target), { recursive: true });
    await writeFile(fresh, bytes, { flush: true });
    // A crash before this line leaves a stray `.new` file; after it the file is whole. Never half of one.
    await rename(fresh, target);
  } catch (cause) {
    await rm(fresh, { force: true });
    throw new Unreachable(`无法写入 ${target}(${(cause as NodeJS.ErrnoException).code}),请检查磁盘空间与权限`, {
      cause,
    });
  }
}

/** As `store`, and there after a power cut too. */
export async function storeDurably(folder: string, path: string, bytes: Uint8Array): Promise<void> {
  await store(folder, path, bytes);
  const directory = await open(dirname(join(folder, path)), 'r');
  try {
    await directory.sync();
  } finally {
    await directory.close();
  }
}
