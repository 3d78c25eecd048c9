// What a running service answers, told by its own web server: Fastify announces every new instance on a diagnostics
// channel, and a line of code loaded before the service listens there and writes down each route as it is registered.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { agencies } from '#kernel/envelope';
import type { Agency } from '#kernel/envelope';

const listener = `
const { subscribe } = require('node:diagnostics_channel');
const { appendFileSync } = require('node:fs');
const { basename, dirname, join } = require('node:path');
const agency = basename(dirname(dirname(process.argv[1] ?? '/none/none/none')));
subscribe('fastify.initialization', ({ fastify }) => {
  fastify.addHook('onRoute', ({ method, url }) => {
    for (const each of [method].flat()) appendFileSync(join(__dirname, agency + '.routes'), each + ' ' + url + '\\n');
  });
});
`;

/** @returns environment for a service that writes its routes into the folder */
export function tellingRoutes(folder: string): Record<string, string> {
  const path = join(folder, 'listener.cjs');
  writeFileSync(path, listener);
  return { NODE_OPTIONS: `--require ${path}` };
}

/** `METHOD /path` by agency. */
export function registeredRoutes(folder: string): ReadonlyMap<Agency, readonly string[]> {
  const told = readdirSync(folder);
  return new Map(
    agencies.map((agency) => {
      if (!told.includes(`${agency}.routes`))
        throw new Error(`${agency} told no route; has Fastify's channel changed?`);
      const lines = readFileSync(join(folder, `${agency}.routes`), 'utf8')
        .trim()
        .split('\n');
      return [agency, [...new Set(lines)].sort()];
    }),
  );
}
