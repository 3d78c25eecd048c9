// A TCP link to a PostgreSQL server that can lose one answer: the statement reaches the server and is carried out, and
// the connection breaks before the client hears of it. What a crash does by chance, a test does on demand.
import { connect, createServer } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';

export interface LossyLink {
  /** The same database, through the link. */
  readonly url: string;
  /** Loses the answer to the next statement that contains these words. @returns resolves when it has been lost */
  loseAnswerTo(words: string): Promise<void>;
  stop(): Promise<void>;
}

export async function lossyLink(url: string): Promise<LossyLink> {
  const target = new URL(url);
  const sockets = new Set<Socket>();
  let wanted: { readonly words: string; readonly lost: () => void } | undefined;
  const server = createServer((client) => {
    const database = connect(Number(target.port), target.hostname);
    let losing: (() => void) | undefined;
    const end = (): void => {
      for (const each of [client, database]) {
        each.destroy();
        sockets.delete(each);
      }
    };
    for (const each of [client, database]) {
      sockets.add(each);
      each.on('error', end).on('close', end);
    }
    client.on('data', (bytes) => {
      if (wanted && bytes.includes(wanted.words)) {
        losing = wanted.lost;
        wanted = undefined;
      }
      database.write(bytes);
    });
    database.on('data', (bytes) => {
      if (!losing) return void client.write(bytes);
      // The server answers a statement outside a transaction only once it is committed.
      end();
      losing();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const link = new URL(url);
  link.host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    url: link.href,
    loseAnswerTo: (words) => new Promise((resolve) => (wanted = { words, lost: resolve })),
    async stop() {
      for (const each of sockets) each.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
