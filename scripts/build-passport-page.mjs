// Builds dist/passport.html: one file with script and style in it, which checks passports without any server. Its own
// policy names the two by hash and allows nothing else, so the page cannot load, send or be made to run anything more.
import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const source = join(root, 'apps/web/passport-page');
const passportPage = join(root, 'dist/passport.html');

/** Paths, relative to the root, of all that the page is made of. */
export const passportPageInputs = [
  'apps/web/passport-page',
  'apps/web/without-node.mts',
  'libs/contracts',
  'libs/joint',
  'libs/kernel',
  'libs/tlog',
];

const hashOf = (text) => `'sha256-${createHash('sha256').update(text).digest('base64')}'`;

/** What stands in an element of its own must not end it. */
function inElement(name, text) {
  if (new RegExp(`</${name}|<!--`, 'i').test(text)) throw new Error(`the passport page's ${name} would end itself`);
  return text;
}

export async function buildPassportPage() {
  const { build } = await import('vite');
  const configFile = join(source, 'passport-page.config.mts');
  const { output } = await build({ configFile, logLevel: 'warn' });
  const scripts = output.filter((file) => file.type === 'chunk');
  if (scripts.length !== 1) throw new Error(`the passport page has ${scripts.length} scripts and not one`);
  const script = inElement('script', scripts[0].code.trim());
  const style = inElement('style', readFileSync(join(source, 'page.css'), 'utf8').trim());
  const policy = [
    "default-src 'none'",
    `script-src ${hashOf(script)}`,
    `style-src ${hashOf(style)}`,
    "base-uri 'none'",
    "form-action 'none'",
    "require-trusted-types-for 'script'",
    "trusted-types 'none'",
  ].join('; ');
  // Functions, because `$` in a replacement has a meaning.
  const page = readFileSync(join(source, 'page.html'), 'utf8')
    .replace('__POLICY__', () => policy)
    .replace('<!--style-->', () => `<style>${style}</style>`)
    .replace('<!--script-->', () => `<script>${script}</script>`);
  mkdirSync(dirname(passportPage), { recursive: true });
  writeFileSync(passportPage, page);
}
