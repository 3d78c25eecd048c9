// Evidence and papers on disk: each must still hash to its name.
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Finding } from './finding';

/** Names of the files kept in a folder (`ab/cdef…`), in order. */
export async function* keptFiles(folder: string): AsyncGenerator<string, void> {
  for (const head of await names(folder, /^[0-9a-f]{2}$/)) {
    for (const rest of await names(join(folder, head), /^[0-9a-f]{62}$/)) yield head + rest;
  }
}

/** @returns undefined for a file that is what its name says, or that is gone meanwhile */
export async function judgeKeptFile(folder: string, sha256: string): Promise<Finding | undefined> {
  const hash = createHash('sha256');
  try {
    for await (const chunk of createReadStream(join(folder, sha256.slice(0, 2), sha256.slice(2)))) {
      hash.update(chunk as Buffer);
    }
  } catch (error) {
    // An upload that was refused takes its file away again.
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
  const found = hash.digest('hex');
  return found === sha256 ? undefined : { fault: 'evidence', name: sha256, what: `its bytes hash to ${found}` };
}

async function names(folder: string, form: RegExp): Promise<string[]> {
  try {
    return (await readdir(folder)).filter((name) => form.test(name)).sort();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
}
