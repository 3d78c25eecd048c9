import react from '@vitejs/plugin-react';
import { fileURLToPath } from 'node:url';
import { defaultClientConditions, defineConfig } from 'vite';

const tlog = fileURLToPath(new URL('../../libs/tlog/', import.meta.url));

/** The console checks logs by the services' own code; only hashing and signatures have a form without Node. */
const withoutNode = {
  name: 'tlog-without-node',
  enforce: 'pre' as const,
  resolveId(source: string, importer?: string) {
    const own = importer !== undefined && importer.startsWith(tlog);
    const [, file] = /^#tlog\/(sha256|ed25519)$/.exec(own ? source.replace('./', '#tlog/') : source) ?? [];
    return file === undefined ? null : `${tlog}browser/${file}.ts`;
  },
};

// Browsers met on the desks go back to Chromium 86 (ux.md section 3); nothing is fetched from anywhere else.
export default defineConfig({
  root: fileURLToPath(new URL('.', import.meta.url)),
  plugins: [withoutNode, react()],
  resolve: { conditions: ['source', ...defaultClientConditions] },
  build: {
    outDir: fileURLToPath(new URL('../../dist/web', import.meta.url)),
    emptyOutDir: true,
    target: 'chrome86',
    cssTarget: 'chrome86',
    // Fonts and pictures never become data: URLs, and the preload polyfill is not needed from Chromium 66 on.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    chunkSizeWarningLimit: 900,
    rolldownOptions: {
      output: {
        codeSplitting: {
          groups: [
            // zod and the module that forbids it to probe for eval share a chunk: whoever gets zod gets it told off.
            { name: 'strict', test: /strict-page|node_modules\/zod\//, priority: 3 },
            { name: 'react', test: /node_modules\/(react|react-dom|scheduler|react-router|@tanstack)\//, priority: 2 },
          ],
        },
      },
    },
  },
});
