// What `loop --peers` compares with, each half a process of its own. The author takes an event over HTTP and stores it;
// the reader writes a row of a read model when the event comes to him. One database for both, nothing is signed.
//   notify  LISTEN/NOTIFY on that shared database
//   emmett  Emmett's store and its consumer as they come
import { createServer } from 'node:http';
import type { IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { randomUUID } from 'node:crypto';
import { Client, Pool } from 'pg';
import { patient, peerPackages } from './peer-packages';

export type LoopPeerReady = { readonly url: string };
type Received = { readonly id: string; readonly text: string };

const [mode = '', address = ''] = process.argv.slice(2);
const database = mode.startsWith('emmett') ? patient(address) : address;
const ready = (url: string): void => void process.send?.({ url } satisfies LoopPeerReady);

/** Answers 200 when `store` has stored the event. */
function author(store: (event: Received) => Promise<unknown>): void {
  const server = createServer((request, response) => {
    void bodyOf(request)
      .then(store)
      .then(
        () => response.end('{}'),
        (error: Error) => response.writeHead(500).end(error.message),
      );
  });
  server.listen(0, '127.0.0.1', () => ready(`http://127.0.0.1:${(server.address() as AddressInfo).port}`));
}

async function bodyOf(request: IncomingMessage): Promise<Received> {
  const parts: Buffer[] = [];
  for await (const part of request as AsyncIterable<Buffer>) parts.push(part);
  return JSON.parse(Buffer.concat(parts).toString('utf8')) as Received;
}

function notifyAuthor(): void {
  const pool = new Pool({ connectionString: database, max: 16 });
  const text = `with stored as (insert into events (id, data) values ($1, $2) returning position)
    select pg_notify('events', position::text) from stored`;
  author(({ id, ...data }) => pool.query({ name: 'append', text, values: [id, JSON.stringify(data)] }));
}

async function notifyReader(): Promise<void> {
  const client = new Client({ connectionString: database });
  await client.connect();
  let reached = 0;
  let reading = false;
  let again = false;
  // Positions of the shared table may become visible out of order; this peer looks back a little, as people do.
  const text = `insert into seen (id, data, position) select id, data, position from events
    where position > $1 - 100 on conflict do nothing returning position`;
  const read = async (): Promise<void> => {
    again = true;
    if (reading) return;
    reading = true;
    while (again) {
      again = false;
      const { rows } = await client.query<{ position: string }>({ name: 'read', text, values: [reached] });
      for (const { position } of rows) reached = Math.max(reached, Number(position));
    }
    reading = false;
  };
  client.on('notification', () => void read());
  await client.query('listen events');
  await read();
  ready('');
}

async function emmettAuthor(): Promise<void> {
  const store = peerPackages().emmett.getPostgreSQLEventStore(database);
  await store.schema.migrate();
  author(({ id, text }) =>
    store.appendToStream(`issue-${randomUUID()}`, [{ type: 'ProgressReported', data: { id, text }, metadata: {} }], {
      expectedStreamVersion: 'STREAM_DOES_NOT_EXIST',
    }),
  );
}

function emmettReader(): void {
  const pool = new Pool({ connectionString: database, max: 4 });
  const consumer = peerPackages().emmett.postgreSQLEventStoreConsumer({ connectionString: database });
  consumer.reactor({
    processorId: 'seen',
    eachMessage: async ({ data }) => {
      const { id, text } = data as Received;
      await pool.query({
        name: 'seen',
        text: 'insert into seen (id, data) values ($1, $2) on conflict do nothing',
        values: [id, JSON.stringify({ text })],
      });
    },
  });
  void consumer.start();
  ready('');
}

const modes: Readonly<Record<string, () => unknown>> = {
  'notify-author': notifyAuthor,
  'notify-reader': notifyReader,
  'emmett-author': emmettAuthor,
  'emmett-reader': emmettReader,
};
process.once('disconnect', () => process.exit(0));
void modes[mode]?.();
