import react from '@vitejs/plugin-react';
import { fileURLToPath } from 'node:url';
import { defaultClientConditions, defineConfig } from 'vite';
import { withoutNode } from './without-node.mts';

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
