// The other agency, as a process of its own: makes a log of so many entries and serves its files.
import { createReadStream } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { entryBytes, logOf, origin } from './histories';
import { writeLog } from './log-folder';

export type LogPeerReady = { readonly url: string; readonly vkey: string; readonly meanEntryBytes: number };

const [folder = '', count = '0'] = process.argv.slice(2);
let bytes = 0;

function* entries(): Generator<Uint8Array> {
  let index = 0;
  for (const each of logOf(Number(count))) {
    const entry = entryBytes(each, index++);
    bytes += entry.length;
    yield entry;
  }
}

const vkey = writeLog(folder, origin, entries());
const server = createServer((request, response) => {
  const path = (request.url ?? '').replace(/^\/log\//, '');
  const file = createReadStream(join(folder, path));
  file.once('open', () => response.writeHead(200)).once('error', () => response.writeHead(404).end());
  file.pipe(response);
});
server.listen(0, '127.0.0.1', () => {
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/log`;
  const ready: LogPeerReady = { url, vkey, meanEntryBytes: Math.round(bytes / Math.max(1, Number(count))) };
  process.send?.(ready);
});
process.once('disconnect', () => process.exit(0));
