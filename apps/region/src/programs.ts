// Where the compiled programs lie, whether this file itself runs compiled or is read as source by a test.
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';

export const root = above(__dirname);

/** Path of a compiled program, e.g. `apps/commission/src/main`. */
export function program(name: string): string {
  return join(root, 'dist', `${name}.js`);
}

function above(folder: string): string {
  if (existsSync(join(folder, 'package.json'))) return folder;
  const parent = dirname(folder);
  if (parent === folder) throw new Error('no package.json above the program; run it from a checkout of the project');
  return above(parent);
}
