// A real HTTP server over a log's files, for tests of whatever reads logs over a network.
import { createServer } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface SampleServer {
  /** `http://127.0.0.1:<port>`, without a path. */
  readonly url: string;
  /** Paths asked for, in order. */
  readonly asked: string[];
  close(): Promise<void>;
}

type Answer = (path: string, response: ServerResponse, request: IncomingMessage) => boolean;

/**
 * Serves files below `/log/`; `special` answers first and returns true when it did. The map is read at each request, so
 * a test changes what is served by changing the map.
 */
export async function serveFiles(files: ReadonlyMap<string, Uint8Array>, special?: Answer): Promise<SampleServer> {
  const asked: string[] = [];
  const server = createServer((request, response) => {
    const path = (request.url ?? '').replace(/^\/log\//, '');
    asked.push(path);
    if (special?.(path, response, request)) return;
    const bytes = files.get(path);
    response.writeHead(bytes ? 200 : 404).end(bytes);
  });
  await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    asked,
    close: () =>
      new Promise((closed) => {
        server.closeAllConnections();
        server.close(() => closed());
      }),
  };
}
