// Where an audit reads: an HTTP prefix or a folder, both in the tlog-tiles layout. The other end may be broken, slow or
// hostile, so every request has a time limit, every body a size limit, and retries end.
import { closeSync, fstatSync, openSync, readFileSync } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { join, resolve, sep } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { MAX_BUNDLE_SIZE, BundleFault, narrowBundle } from '#tlog/bundle';
import { BadFile } from '#tlog/log-reader';
import type { LogSource } from '#tlog/log-reader';
import { MAX_NOTE_SIZE } from '#tlog/note';
import { bundlePath, TILE_WIDTH, tilePath } from '#tlog/tile';

/** The place cannot be read at all: no network, no such folder, a server that fails. Says nothing about the log. */
export class Unreachable extends Error {
  override readonly name = 'Unreachable';
}

/** The argument names no place: a usage error. */
export class BadTarget extends Error {
  override readonly name = 'BadTarget';
}

export interface LogPlace extends LogSource {
  /** The URL prefix or the folder's path, for messages. */
  readonly name: string;
  readonly isUrl: boolean;
  /** A small file below the prefix; undefined when there is none. */
  read(path: string, limit: number, patience?: number): Promise<Uint8Array | undefined>;
  /** Names of all files below a folder of the log, sorted, where a place can list them. */
  names?(under: 'tile' | 'witnessed'): Promise<string[]>;
}

type Read = LogPlace['read'];

/** Limits of one request; tests make them short. */
export interface Patience {
  /** Milliseconds for one request, its body included. */
  readonly timeout: number;
  /** Pauses in milliseconds before each new try. */
  readonly retries: readonly number[];
}

const PATIENCE: Patience = { timeout: 10_000, retries: [200, 1_000, 3_000] };
const TILE_LIMIT = TILE_WIDTH * 32;

/** The place that a command-line argument names. Throws BadTarget, and Unreachable for a folder that is not there. */
export async function placeOf(target: string, patience: Patience = PATIENCE): Promise<LogPlace> {
  if (/^https?:\/\//i.test(target)) return httpPlace(logPrefix(target), patience);
  if (/^[a-z][a-z0-9+.-]*:\/\//i.test(target)) {
    throw new BadTarget(`不支持的地址“${target}”:请用 http://、https:// 地址或本机文件夹`);
  }
  const folder = resolve(target);
  const found = await stat(folder).catch((cause: unknown) => {
    throw new Unreachable(`文件夹 ${folder} 不存在或无法读取,请检查路径与权限`, { cause });
  });
  if (!found.isDirectory()) throw new BadTarget(`${folder} 不是文件夹:请指定日志所在的文件夹`);
  return folderPlace(folder);
}

export function folderPlace(folder: string): LogPlace {
  const place = fromReads(folder, false, async (path, limit) => {
    try {
      return readWithin(join(folder, path), limit);
    } catch (cause) {
      if (cause instanceof BadFile) throw cause;
      const { code } = cause as NodeJS.ErrnoException;
      if (code === 'ENOENT' || code === 'ENOTDIR') return undefined;
      throw new Unreachable(`无法读取 ${join(folder, path)}(${code}),请检查权限与磁盘`, { cause });
    }
  });
  return { ...place, names: (under) => namesIn(folder, under) };
}

// At once and not in the background: handing a small file through the thread pool takes longer than reading it.
function readWithin(path: string, limit: number): Uint8Array {
  const file = openSync(path, 'r');
  try {
    const { size } = fstatSync(file);
    if (size > limit) throw new BadFile(`the file has ${size} bytes, more than the ${limit} that it can have`);
    return readFileSync(file);
  } finally {
    closeSync(file);
  }
}

async function namesIn(folder: string, under: string): Promise<string[]> {
  try {
    const found = await readdir(join(folder, under), { recursive: true });
    return found.map((name) => `${under}/${name.split(sep).join('/')}`).sort();
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    // An empty log has no tiles.
    if (code === 'ENOENT') return [];
    throw new Unreachable(`无法读取 ${join(folder, under)}(${code}),请检查权限与磁盘`, { cause });
  }
}

export function httpPlace(prefix: string, { timeout, retries }: Patience = PATIENCE): LogPlace {
  // The address of an agency's console leads to its feed; from the first answer on, the feed itself is asked.
  let base = prefix;
  return fromReads(prefix, true, async (path, limit, ownTimeout = timeout) => {
    for (let attempt = 0; ;) {
      const asked = base;
      const url = `${asked}/${path}`;
      try {
        return await get(url, limit, ownTimeout);
      } catch (cause) {
        const led = cause instanceof Moved && asked === prefix ? ledTo(prefix, path, cause.location) : undefined;
        if (led !== undefined) {
          base = led;
          continue;
        }
        if (cause instanceof BadFile || cause instanceof Refusal) throw cause;
        const wait = retries[attempt++];
        if (wait === undefined) {
          throw new Unreachable(`无法连接 ${url}(${reasonOf(cause)}),请检查服务是否运行、网络是否可达`, { cause });
        }
        await pause(wait);
      }
    }
  });
}

/** The server answered and will not give the file; asking again changes nothing. */
class Refusal extends Unreachable {}

/** HTTP 308: the file lies at another address. */
class Moved extends Refusal {
  constructor(
    message: string,
    readonly location: string,
  ) {
    super(message);
  }
}

/** @returns the prefix of the same file there; undefined when it leads to no log, in a circle, or out of TLS */
function ledTo(prefix: string, path: string, location: string): string | undefined {
  const url = URL.canParse(location) ? new URL(location) : undefined;
  const kept = url?.protocol === 'https:' || (url?.protocol === 'http:' && prefix.startsWith('http:'));
  if (!url || !kept || url.username || url.password || !url.href.endsWith(`/${path}`)) return undefined;
  const led = url.href.slice(0, -path.length - 1);
  return led === prefix ? undefined : led;
}

async function get(url: string, limit: number, timeout: number): Promise<Uint8Array | undefined> {
  const ending = new AbortController();
  const timer = setTimeout(() => ending.abort(new Error(`${timeout} 毫秒内未答复`)), timeout);
  try {
    // Not left to fetch, which would follow anything anywhere: only a console may lead on, and only once.
    const answer = await fetch(url, { redirect: 'manual', signal: ending.signal });
    if (answer.ok) return await body(answer, limit);
    await answer.body?.cancel();
    if (answer.status === 404 || answer.status === 410) return undefined;
    if (answer.status >= 500 || answer.status === 429) throw new Error(`HTTP ${answer.status}`);
    const why = `${url} 拒绝提供(HTTP ${answer.status}),请检查地址与访问权限`;
    throw answer.status === 308 ? new Moved(why, answer.headers.get('location') ?? '') : new Refusal(why);
  } finally {
    clearTimeout(timer);
  }
}

async function body(answer: Response, limit: number): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  let size = 0;
  for await (const part of answer.body ?? []) {
    parts.push(part as Uint8Array);
    size += parts.at(-1)!.length;
    // Leaving the loop cancels the body, so an endless answer ends here.
    if (size > limit) throw new BadFile(`the answer has more than the ${limit} bytes that it can have`);
  }
  return parts.length === 1 ? parts[0]! : Buffer.concat(parts);
}

function fromReads(name: string, isUrl: boolean, read: Read): LogPlace {
  // The partial file may be gone once the full one exists (docs/spec/log.md section 7).
  const either = async (partial: string, full: string, limit: number, narrow: (bytes: Uint8Array) => Uint8Array) => {
    const bytes = await read(partial, limit);
    if (bytes || partial === full) return bytes ?? missing(partial);
    return narrow((await read(full, limit)) ?? missing(partial));
  };
  return {
    name,
    isUrl,
    read,
    checkpoint: async () => (await read('checkpoint', MAX_NOTE_SIZE)) ?? missing('checkpoint'),
    tile: (level, n, width) =>
      either(tilePath(level, n, width), tilePath(level, n), TILE_LIMIT, (bytes) => bytes.subarray(0, width * 32)),
    bundle: (n, width) =>
      either(bundlePath(n, width), bundlePath(n), MAX_BUNDLE_SIZE, (bytes) => narrowOrWhole(bytes, width)),
  };
}

// A full bundle that breaks off is handed on as it is: the reader finds the entry where it does.
function narrowOrWhole(bytes: Uint8Array, width: number): Uint8Array {
  try {
    return narrowBundle(bytes, width);
  } catch (error) {
    if (error instanceof BundleFault) return bytes;
    throw error;
  }
}

function missing(path: string): never {
  throw new BadFile(`the log does not have the file ${path}`);
}

function logPrefix(target: string): string {
  let url: URL;
  try {
    url = new URL(target);
  } catch (cause) {
    throw new BadTarget(`“${target}”不是有效的网址`, { cause });
  }
  if (url.search || url.hash || url.username || url.password) {
    throw new BadTarget(`“${target}”不能带查询、# 片段或账号:请给出日志前缀,如 http://127.0.0.1:8801/log`);
  }
  const path = url.pathname.replace(/\/+$/, '');
  return `${url.origin}${path === '' ? '/log' : path}`;
}

function reasonOf(error: unknown): string {
  const { message, cause } = error as Error & { cause?: NodeJS.ErrnoException };
  return cause?.code ?? message;
}
