// Names that survive a power cut: a file's name is as durable as the folder that holds it, and a folder's as its parent.
import { mkdir, open } from 'node:fs/promises';
import { dirname } from 'node:path';

/** Makes a folder and what is missing above it, readable by their owner only; durable on return. */
export async function makeFolder(folder: string): Promise<void> {
  const first = await mkdir(folder, { recursive: true, mode: 0o700 });
  if (first === undefined) return;
  for (let made = folder; ; made = dirname(made)) {
    await syncFolder(dirname(made));
    if (made === first) return;
  }
}

/** The names in a folder, as they are now, are on disk on return. */
export async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r');
  await handle.sync().finally(() => handle.close());
}
