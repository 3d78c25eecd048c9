// The logs that a story's agencies leave behind, before Go's own packages: entries, tiles, signatures and cosignatures.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { agencies } from '#kernel/envelope';
import { ask, foreignProgram } from './program';
import type { Program } from './program';

let built: Program | undefined;

/**
 * @param data folder of a region whose services have stopped
 * @returns how many logs it read; 0 where there is no Go, which is said on the way
 * @throws Error with what it refuses
 */
export async function demandForeign(data: string): Promise<number> {
  const folders = agencies
    .map((agency) => join(data, agency, 'log'))
    .filter((log) => existsSync(join(log, 'checkpoint')));
  built ??= foreignProgram();
  if ('missing' in built || folders.length === 0) return 0;
  const keys = agencies.flatMap((agency) => [
    ...option('-log', join(data, 'trust', `${agency}.vkey`)),
    ...option('-witness', join(data, 'trust', `${agency}.witness.vkey`)),
  ]);
  const { code, out, err } = await ask(built, ...keys, ...folders);
  if (code !== 0) throw new Error(`Go's own packages refuse what this story left behind:\n${err}`);
  const read = out.match(/^log /gm)?.length ?? 0;
  if (read !== folders.length) throw new Error(`${read} of ${folders.length} logs were read:\n${out}`);
  return read;
}

function option(name: string, path: string): string[] {
  return existsSync(path) ? [name, readFileSync(path, 'utf8').trim()] : [];
}
