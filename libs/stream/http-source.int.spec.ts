// A follower over real HTTP whose hints bring the entries along: it asks for no bundle that it can put together, and
// hints that lie cost it nothing but asking.
import type { ServerResponse } from 'node:http';
import { sampleEntries, sampleLog } from '#testing/sample-log';
import type { SampleLog } from '#testing/sample-log';
import { serveFiles } from '#testing/sample-server';
import type { SampleServer } from '#testing/sample-server';
import { writeBundle } from '#tlog/bundle';
import { parseVkey } from '#tlog/key';
import { Follower } from './follower';
import { httpSource } from './http-source';
import { MemoryInbox } from './memory-inbox';

const silent = { info: () => undefined, warn: () => undefined, error: () => undefined };
const entries = sampleEntries(300);
const logOf = (size: number): SampleLog => sampleLog(entries.slice(0, size));
let server: SampleServer;
let listening: ServerResponse | undefined;
let files: Map<string, Uint8Array>;
let stop: AbortController;
let inbox: MemoryInbox;
let following: Promise<void>;
let close: () => void;

beforeEach(async () => {
  files = new Map(logOf(245).files);
  server = await serveFiles(files, (path, response) => {
    if (path !== 'wake') return false;
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    response.write(': \n\n');
    listening = response;
    return true;
  });
  const source = httpSource(`${server.url}/log`);
  close = () => source.close();
  inbox = new MemoryInbox();
  stop = new AbortController();
  const { origin, vkey } = logOf(245);
  const parts = { origin, key: parseVkey(vkey), source, inbox, log: silent, onAccepted: () => undefined };
  following = new Follower({ ...parts, clock: () => '2026-03-02T01:00:00.000Z' }).follow(stop.signal);
  await until(() => inbox.entries.length === 245 && listening !== undefined);
});
afterEach(async () => {
  stop.abort();
  close();
  await following;
  listening = undefined;
  await server.close();
});

async function until(met: () => boolean): Promise<void> {
  for (let waited = 0; !met(); waited += 5) {
    if (waited > 30_000) throw new Error('it did not come about in 30 s');
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

/** Publishes the log at a size and tells of it, with these entries from this index on. */
function grow(size: number, from: number, brought: readonly Uint8Array[]): void {
  for (const [path, bytes] of logOf(size).files) files.set(path, bytes);
  const base64 = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64');
  const note = base64(files.get('checkpoint') as Uint8Array);
  const line = `entries: ${from} ${base64(writeBundle(brought))}`;
  listening?.write(`event: checkpoint\ndata: ${size}\nnote: ${note}\n${line}\n\n`);
}

const bundlesAsked = (): string[] => server.asked.filter((path) => path.startsWith('tile/entries/'));

it('takes entries from hints, across the border of a tile, and asks for none of them', async () => {
  for (const [from, size] of [
    [245, 246],
    [246, 249],
    [249, 256],
    [256, 258],
  ] as const) {
    grow(size, from, entries.slice(from, size));
    await until(() => inbox.entries.length === size);
  }
  expect(bundlesAsked()).toEqual(['tile/entries/000.p/245']);
  expect(inbox.entries.every(({ bytes }, n) => Buffer.from(bytes).equals(entries[n] as Uint8Array))).toBe(true);
});

it('asks for the bundle when a hint was missed', async () => {
  grow(249, 247, entries.slice(247, 249));
  await until(() => inbox.entries.length === 249);
  expect(bundlesAsked()).toEqual(['tile/entries/000.p/245', 'tile/entries/000.p/249']);
});

it('refuses entries that were forged on the way, asks for the true ones, and goes on with hints', async () => {
  grow(247, 245, [entries[245] as Uint8Array, Buffer.from('forged')]);
  await until(() => inbox.entries.length === 247);
  expect(inbox.evidence.map(({ kind }) => kind)).toEqual(['refused']);
  grow(248, 247, entries.slice(247, 248));
  await until(() => inbox.entries.length === 248);
  expect(bundlesAsked()).toEqual(['tile/entries/000.p/245', 'tile/entries/000.p/247']);
});
