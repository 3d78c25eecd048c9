// What a running service answers, told by its own web servers: Fastify announces every new instance on a diagnostics
// channel, and a line of code loaded before the service listens there and writes down each route, by port, once it listens.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const listener = `
const { subscribe } = require('node:diagnostics_channel');
const { writeFileSync } = require('node:fs');
const { join } = require('node:path');
subscribe('fastify.initialization', ({ fastify }) => {
  const routes = [];
  fastify.addHook('onRoute', ({ method, url }) => {
    for (const each of [method].flat()) routes.push(each + ' ' + url);
  });
  fastify.addHook('onListen', (done) => {
    writeFileSync(join(__dirname, fastify.server.address().port + '.routes'), routes.join('\\n'));
    done();
  });
});
`;

/** @returns environment for a service that writes its routes into the folder */
export function tellingRoutes(folder: string): Record<string, string> {
  const path = join(folder, 'listener.cjs');
  writeFileSync(path, listener);
  return { NODE_OPTIONS: `--require ${path}` };
}

/** URLs of all listeners that told their routes, by port alone: `http://127.0.0.1:<port>`. */
export function listeners(folder: string): string[] {
  const told = readdirSync(folder).filter((name) => name.endsWith('.routes'));
  return told.map((name) => `http://127.0.0.1:${name.replace('.routes', '')}`).sort();
}

/** `METHOD /path`, sorted. */
export function registeredRoutes(folder: string, url: string): readonly string[] {
  const name = `${new URL(url).port}.routes`;
  if (!readdirSync(folder).includes(name)) throw new Error(`${url} told no route; has Fastify's channel changed?`);
  return [...new Set(readFileSync(join(folder, name), 'utf8').split('\n'))].sort();
}
