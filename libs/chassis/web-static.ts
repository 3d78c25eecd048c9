// The console's files. One build serves all three agencies; the page asks `/api/console` whose it is.
import fastifyStatic from '@fastify/static';
import type { FastifyStaticOptions } from '@fastify/static';
import type { FastifyInstance } from 'fastify';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
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
  '/verifications',
  '/tasks',
] as const;

const placeholder = '__NONCE__';
const notBuilt =
  '<!doctype html><html lang="zh-CN"><meta charset="utf-8"><title>三方</title>' +
  '<p>页面还没有构建，接口已可使用。请在项目目录运行 <code>npm run build</code> 后重新启动。</p></html>';

/** @param folder of the built console (`dist/web`); without it the API still works and `/` says how to build it */
export async function serveConsole(http: FastifyInstance, folder: string): Promise<void> {
  const page = join(folder, 'index.html');
  const built = existsSync(page);
  const html = built ? readFileSync(page, 'utf8') : notBuilt;
  if (built) await http.register(fastifyStatic, staticOptions(folder));
  for (const route of consoleRoutes) {
    http.get(route, (request, reply) =>
      reply
        .header('content-type', 'text/html; charset=utf-8')
        // The page carries a nonce, so that no copy of it is of use later.
        .header('cache-control', 'no-store')
        .send(html.replaceAll(placeholder, nonceOf(request))),
    );
  }
}

function staticOptions(root: string): FastifyStaticOptions {
  return {
    root,
    index: false,
    // One route per file found at start: nothing else in the folder, and nothing outside it, has an address.
    wildcard: false,
    globIgnore: ['index.html', '**/*.map'],
    cacheControl: false,
    setHeaders(reply, path) {
      // Names under assets/ carry a hash of their content.
      const immutable = path.includes('/assets/');
      reply.header('cache-control', immutable ? 'public, max-age=31536000, immutable' : 'no-cache');
    },
  };
}
