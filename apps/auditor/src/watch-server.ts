// The C2SP tlog-witness interface of an outside witness, by plain HTTP: whoever asks proves what he says by signatures.
import { createServer } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { MAX_ADD_CHECKPOINT, readAddCheckpoint, SIZE_MEDIA_TYPE } from '#tlog/witness';
import { BadTarget } from './sources';
import { originHash } from './watch-states';
import type { WatchAnswer, WatchedLog } from './watched-log';

/** One peer that hangs must not keep the others out. */
const REQUEST_MS = 30_000;
const MOST_CONNECTIONS = 256;
const opening = 'not all logs have been opened yet; ask again';
const text = 'text/plain; charset=utf-8';

export interface WatchServer {
  /** `http://host:port`, with the port that was given out for 0. */
  readonly url: string;
  close(): Promise<void>;
}

export type Served = {
  /** Grows while it is served. */
  readonly logs: readonly WatchedLog[];
  /** Is a log still to come whose name is not known yet? */
  readonly isOpening: () => boolean;
  readonly vkey: string;
};

/** @param listen `host:port`. @throws BadTarget when nothing can listen there */
export async function serveWitness(listen: string, served: Served): Promise<WatchServer> {
  const [, host, port] = /^(?:(.+):)?(\d{1,5})$/.exec(listen) ?? [];
  if (port === undefined || Number(port) > 65_535) throw new BadTarget(`--listen 应为 主机:端口,而不是“${listen}”`);
  const server = createServer((request, response) => {
    answer(request, response, served).catch((error: unknown) => {
      // An aborted request has nobody to answer to; anything else is told, and asked again later.
      if (!response.headersSent) send(response, 500, text, `${(error as Error).message}\n`);
      else response.destroy();
    });
  });
  server.requestTimeout = REQUEST_MS;
  server.headersTimeout = REQUEST_MS / 2;
  server.maxConnections = MOST_CONNECTIONS;
  const name = (host ?? '127.0.0.1').replace(/^\[|\]$/g, '');
  await new Promise<void>((ready, failed) => {
    server.once('error', (cause: NodeJS.ErrnoException) =>
      failed(new BadTarget(`无法在 ${listen} 监听(${cause.code}),请换一个端口或地址`, { cause })),
    );
    server.listen(Number(port), name, ready);
  });
  const { port: given } = server.address() as AddressInfo;
  return {
    url: `http://${name.includes(':') ? `[${name}]` : name}:${given}`,
    close: () =>
      new Promise((closed) => {
        server.close(() => closed());
        server.closeAllConnections();
      }),
  };
}

async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  { logs, isOpening, vkey }: Served,
): Promise<void> {
  const { method, url = '' } = request;
  if (url === '/add-checkpoint') {
    if (method !== 'POST') return send(response, 405, text, 'POST only\n');
    const body = await bodyOf(request);
    const given = body
      ? await added(body, logs, isOpening())
      : ({ status: 400, why: 'the request is too long' } as const);
    if (given.status === 200) return send(response, 200, text, given.body);
    if (given.status === 409) return send(response, 409, SIZE_MEDIA_TYPE, `${given.size}\n`);
    return send(response, given.status, text, `${given.why}\n`);
  }
  if (method !== 'GET' && method !== 'HEAD') return send(response, 405, text, 'GET only\n');
  if (url === '/vkey') return send(response, 200, text, `${vkey}\n`);
  const [, hash] = /^\/([0-9a-f]{64})\/checkpoint$/.exec(url) ?? [];
  const note = logs.find(({ origin }) => originHash(origin) === hash)?.note;
  if (note) return send(response, 200, text, note);
  return hash && isOpening() ? send(response, 503, text, `${opening}\n`) : send(response, 404, text, 'not here\n');
}

async function added(body: Uint8Array, logs: readonly WatchedLog[], isOpening: boolean): Promise<WatchAnswer> {
  const request = readAddCheckpoint(body, (origin) => logs.find((log) => log.origin === origin)?.key);
  if ('status' in request && request.status === 404 && isOpening) return { status: 503, why: opening };
  if ('status' in request) return request;
  return logs.find(({ origin }) => origin === request.checkpoint.origin)!.add(request);
}

async function bodyOf(request: IncomingMessage): Promise<Uint8Array | undefined> {
  const parts: Buffer[] = [];
  let size = 0;
  for await (const part of request as AsyncIterable<Buffer>) {
    size += part.length;
    // Read to its end all the same, within the time of a request: else the sender sees a broken line, not an answer.
    if (size <= MAX_ADD_CHECKPOINT) parts.push(part);
  }
  return size > MAX_ADD_CHECKPOINT ? undefined : new Uint8Array(Buffer.concat(parts));
}

function send(response: ServerResponse, status: number, type: string, body: string | Uint8Array): void {
  const headers = { 'content-type': type, 'cache-control': 'no-store', ...(status === 503 && { 'retry-after': '1' }) };
  response.writeHead(status, headers).end(body);
}
