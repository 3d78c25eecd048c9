// One program of this tree as one file that needs nothing but Node.js: `node scripts/bundle.mjs apps/auditor/src/main.ts FILE`.
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');

/** @param entry below the root, or absolute; @param file that is written, whole or not at all */
export async function bundle(entry, file) {
  // Comes with the bundler of the console; loaded only when there is something to bundle.
  const { rolldown } = await import('rolldown');
  const made = await rolldown({
    cwd: root,
    input: resolve(root, entry),
    platform: 'node',
    resolve: { conditionNames: ['source', 'node', 'import', 'default'] },
    // What would stay an import must be found here, not by whoever starts the file.
    onLog: (level, log, handler) => {
      if (log.code === 'UNRESOLVED_IMPORT') throw new Error(log.message);
      handler(level, log);
    },
  });
  await made.write({ file, format: 'esm', banner: '#!/usr/bin/env node', codeSplitting: false });
  await made.close();
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await bundle(process.argv[2], process.argv[3]);
