// The console's files. One build serves all three agencies; the page asks `/api/console` whose it is.
import fastifyStatic from '@fastify/static';
import type { FastifyInstance } from 'fastify';
import { existsSync, readFileSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { nonceOf } from './security-headers';

/** Addresses that the page itself understands; the server answers each with the page. */
const consoleRoutes = [
  '/',
  '/sign-in',
  '/rounds',
  '/feedbacks',
  '/feedbacks/*',
  '/ledger',
  '/issues/*',
  '/history',
  '/history/*',
  '/verifications',
  '/clues',
  '/clues/*',
  '/tasks',
] as const;

const placeholder = '__NONCE__';
const passportPage = 'passport.html';
const notBuilt =
  '<!doctype html><html lang="zh-CN"><meta charset="utf-8"><title>三方</title>' +
  '<p>页面还没有构建，接口已可使用。请在项目目录运行 <code>npm run build</code> 后重新启动。</p></html>';

/**
 * @param folder of the built console (`dist/web`), with `passport.html` beside it; without it the API still works and `/`
 *   says how to build it
 */
export async function serveConsole(http: FastifyInstance, folder: string): Promise<void> {
  const page = join(folder, 'index.html');
  const built = existsSync(page);
  if (built) await serveFiles(http, folder);
  if (built) servePassportPage(http, dirname(folder));
  const html = built ? latest(page) : () => notBuilt;
  for (const route of consoleRoutes) {
    http.get(route, (request, reply) =>
      reply
        .header('content-type', 'text/html; charset=utf-8')
        // The page carries a nonce, so that no copy of it is of use later.
        .header('cache-control', 'no-store')
        .send(html().replaceAll(placeholder, nonceOf(request))),
    );
  }
}

/** To be kept, not opened here: its own policy allows its script, the console's does not, and it asks no server. */
function servePassportPage(http: FastifyInstance, folder: string): void {
  http.get(`/${passportPage}`, (_request, reply) =>
    reply
      .header('content-disposition', `attachment; filename="${passportPage}"`)
      .header('cache-control', 'no-cache')
      .sendFile(passportPage, folder, { cacheControl: false }),
  );
}

/** A build made while the service runs is served without a restart: the page names its files by their content. */
function latest(page: string): () => string {
  let read = { at: -1, html: '' };
  return () => {
    const at = statSync(page, { throwIfNoEntry: false })?.mtimeMs;
    // Between emptying the folder and writing it anew there is no page: what was read last is still whole.
    if (at !== undefined && at !== read.at) read = { at, html: readFileSync(page, 'utf8') };
    return read.html;
  };
}

/** Nothing outside `assets/` has an address but the icon, and of `assets/` no source map. */
async function serveFiles(http: FastifyInstance, folder: string): Promise<void> {
  await http.register(fastifyStatic, {
    root: join(folder, 'assets'),
    prefix: '/assets/',
    index: false,
    cacheControl: false,
    allowedPath: (path) => !path.endsWith('.map'),
    // Names under assets/ carry a hash of their content.
    setHeaders: (reply, path) =>
      reply.header('cache-control', path.endsWith('icon.svg') ? 'no-cache' : 'public, max-age=31536000, immutable'),
  });
  http.get('/icon.svg', (_request, reply) => reply.sendFile('icon.svg', folder));
}
