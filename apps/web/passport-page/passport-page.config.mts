import { fileURLToPath } from 'node:url';
import { defaultClientConditions, defineConfig } from 'vite';
import { withoutNode } from '../without-node.mts';

// Script and style of the page, each in one piece; scripts/build-passport-page.mjs puts them into the page.
export default defineConfig({
  root: fileURLToPath(new URL('.', import.meta.url)),
  plugins: [withoutNode],
  resolve: { conditions: ['source', ...defaultClientConditions] },
  build: {
    write: false,
    target: 'chrome86',
    modulePreload: false,
    rolldownOptions: {
      input: fileURLToPath(new URL('main.ts', import.meta.url)),
      output: { format: 'iife' },
    },
  },
});
