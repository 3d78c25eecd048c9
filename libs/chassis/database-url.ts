// Where a command-line program finds an agency's database: by its URL, or the embedded one, running or not.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Config } from './config';

export type Reachable = { readonly url: string; stop(): Promise<void> };

/** Starts the embedded server when nobody has, and stops it again; a running service's server is only used. */
export async function reachDatabase({ databaseUrl, folder }: Config): Promise<Reachable> {
  if (databaseUrl !== undefined) return { url: databaseUrl, stop: () => Promise.resolve() };
  const { startEmbedded } = await import('#chassis/postgres/embedded');
  const { DataFolderInUse } = await import('#chassis/postgres/owner-lock');
  const place = join(folder, 'postgres');
  try {
    return await startEmbedded({ folder: place, name: 'sanfang' });
  } catch (error) {
    if (!(error instanceof DataFolderInUse)) throw error;
    return { url: await urlOfRunning(place), stop: () => Promise.resolve() };
  }
}

/** URL of the embedded server that a running service keeps in its folder `postgres`. */
export async function urlOfRunning(place: string): Promise<string> {
  const { openPasswords } = await import('#chassis/postgres/secrets');
  // Line 4 of PostgreSQL's postmaster.pid is the port it listens on.
  const port = readFileSync(join(place, 'cluster', 'postmaster.pid'), 'utf8')
    .split('\n')[3]
    ?.trim();
  if (!port) throw new Error(`the server of ${place} is just starting or stopping; try again in a moment`);
  return `postgres://sanfang:${openPasswords(join(place, 'secrets.json')).role}@127.0.0.1:${port}/sanfang`;
}
