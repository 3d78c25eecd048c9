// What an agency that shows two histories needs: the entries of its own log, its key, and the files of the other history.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { canonicalBytes } from '#kernel/canonical-json';
import { sampleLog } from '#testing/sample-log';
import { bundleEntries } from '#tlog/bundle';
import { bundlePath } from '#tlog/tile';

/** @param folder of a log with fewer than 256 entries */
export function entriesIn(folder: string): Uint8Array[] {
  const [, size = '0'] = readFileSync(join(folder, 'checkpoint'), 'utf8').split('\n');
  const bundle = readFileSync(join(folder, bundlePath(0n, Number(size))));
  return [...bundleEntries(bundle)].map((entry) => entry.slice());
}

/** @param folder of the agency @param name of a file below keys/ */
export function seedIn(folder: string, name: string): Uint8Array {
  return new Uint8Array(Buffer.from(readFileSync(join(folder, 'keys', name), 'utf8'), 'base64'));
}

/** The same entry saying something else, or of another id. */
export function changed(entry: Uint8Array, more: Readonly<Record<string, unknown>> = { commit: '0'.repeat(64) }) {
  return canonicalBytes({ ...(JSON.parse(Buffer.from(entry).toString('utf8')) as Record<string, unknown>), ...more });
}

/** The last entry says something else. */
export function lastChanged(entries: readonly Uint8Array[]): Uint8Array[] {
  return [...entries.slice(0, -1), changed(entries.at(-1) as Uint8Array)];
}

export function filesOf(entries: readonly Uint8Array[], origin: string, seed: Uint8Array): Map<string, Uint8Array> {
  return sampleLog(entries, { origin, seed }).files;
}
