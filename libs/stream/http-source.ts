// A peer's log over HTTP: the tlog-tiles files as any server may offer them, and the wake-up stream (docs/spec/feed.md).
import { Agent } from 'node:http';
import { Agent as SecureAgent } from 'node:https';
import { BundleFault, MAX_BUNDLE_SIZE, narrowBundle } from '#tlog/bundle';
import { BadFile } from '#tlog/log-reader';
import { MAX_NOTE_SIZE } from '#tlog/note';
import { HASH_SIZE } from '#tlog/sha256';
import { bundlePath, TILE_WIDTH, tilePath } from '#tlog/tile';
import { AnswerTooLarge, getBytes, NotServed, openGet } from './http-get';
import type { Hint, PeerSource } from './peer-source';
import { RecentBundle } from './recent-bundle';

const silenceMs = 5_000;
// A peer that sends a byte now and then is not silent, but it is not serving either.
const wholeMs = 60_000;
// The server beats every 15 seconds; two beats missed and the connection counts as dead.
const wakeSilenceMs = 35_000;
const maxTileSize = TILE_WIDTH * HASH_SIZE;
// A hint may carry the checkpoint, of at most 4,096 characters of base64, and entries, of at most 8,192.
const maxWakeLine = 12_288;

/** @param url where `checkpoint` and `tile/…` lie, for example `http://127.0.0.1:8803/log` */
export function httpSource(url: string): PeerSource & { close(): void } {
  const base = url.replace(/\/+$/, '');
  const kept = { keepAlive: true, maxSockets: 8, keepAliveMsecs: 1_000 };
  const agent = base.startsWith('https:') ? new SecureAgent(kept) : new Agent(kept);
  const read = (path: string, limit: number) => {
    return getBytes(`${base}/${path}`, limit, { agent, silenceMs, signal: AbortSignal.timeout(wholeMs) });
  };

  /** A partial file may be gone once the full one is there (C2SP tlog-tiles); `narrow` cuts that down. */
  const file = async (partial: string, full: string, limit: number, narrow: (bytes: Uint8Array) => Uint8Array) => {
    try {
      try {
        return await read(partial, limit);
      } catch (error) {
        if (!isMissing(error) || partial === full) throw error;
        return narrow(await read(full, limit));
      }
    } catch (error) {
      const bad = isMissing(error) || error instanceof AnswerTooLarge || error instanceof BundleFault;
      throw bad ? new BadFile(error.message, { cause: error }) : error;
    }
  };

  const recent = new RecentBundle();
  const bundle = async (n: bigint, count: number) => {
    const kept = recent.take(n, count);
    if (kept) return kept;
    const partial = bundlePath(n, count);
    const bytes = await file(partial, bundlePath(n), MAX_BUNDLE_SIZE, (whole) => narrowBundle(whole, count));
    recent.keep(n, count, bytes);
    return bytes;
  };

  return {
    checkpoint: () => read('checkpoint', MAX_NOTE_SIZE),
    tile: (level, n, width) =>
      file(tilePath(level, n, width), tilePath(level, n), maxTileSize, (tile) => tile.subarray(0, width * HASH_SIZE)),
    bundle,
    wake: (signal) => wake(`${base}/wake`, signal, recent),
    handovers: () => read('keys', MAX_NOTE_SIZE).catch(ifMissing),
    distrust: () => recent.forget(),
    close: () => agent.destroy(),
  };
}

function ifMissing(error: unknown): undefined {
  if (!isMissing(error)) throw error;
}

function isMissing(error: unknown): error is NotServed {
  return error instanceof NotServed && (error.status === 404 || error.status === 410);
}

async function* wake(url: string, signal: AbortSignal, recent: RecentBundle): AsyncGenerator<Hint, void> {
  const headers = { accept: 'text/event-stream' };
  const answer = await openGet(url, { headers, silenceMs: wakeSilenceMs, signal });
  let text = '';
  let size: number | undefined;
  let note: Uint8Array | undefined;
  for await (const chunk of answer as AsyncIterable<Buffer>) {
    const lines = (text + chunk.toString('latin1')).split('\n');
    text = lines.pop()!;
    if (text.length > maxWakeLine) throw new AnswerTooLarge(`${url} sends lines without end`);
    for (const line of lines) {
      const [, field, value] = /^(data|note): ?([A-Za-z0-9+/=]+)\r?$/.exec(line) ?? [];
      const [, from, entries] = /^entries: ?(\d{1,15}) ([A-Za-z0-9+/=]+)\r?$/.exec(line) ?? [];
      if (from !== undefined) recent.grow(BigInt(from), Buffer.from(entries!, 'base64'));
      if (field === 'data' && /^\d{1,15}$/.test(value!)) size = Number(value);
      if (field === 'note') note = Buffer.from(value!, 'base64');
      // An empty line ends an event.
      if (line !== '' && line !== '\r') continue;
      if (size !== undefined) yield { size, ...(note && { note }) };
      size = note = undefined;
    }
  }
}
