// Fills tables by COPY, which is how a benchmark comes to a million rows before its measurement begins.
import { once } from 'node:events';
import { pipeline } from 'node:stream/promises';
import { Readable } from 'node:stream';
import { Client } from 'pg';
import { peerPackages } from './peer-packages';

/** One field of COPY's text format. */
export function copyField(value: string | number | bigint): string {
  return String(value).replace(/[\\\t\n\r]/g, (found) => {
    return { '\\': '\\\\', '\t': '\\t', '\n': '\\n', '\r': '\\r' }[found] as string;
  });
}

/** @param lines each ends with a line feed */
export async function copyIn(url: string, into: string, lines: Iterable<string>): Promise<void> {
  await withClient(url, async (client) => {
    const target = client.query(peerPackages().copyIn(`copy ${into} from stdin`));
    await pipeline(Readable.from(chunked(lines)), target);
  });
}

/** Lines in pieces large enough that their number costs nothing. */
function* chunked(lines: Iterable<string>): Generator<Buffer> {
  let piece: string[] = [];
  let size = 0;
  for (const line of lines) {
    piece.push(line);
    size += line.length;
    if (size < 65_536) continue;
    yield Buffer.from(piece.join(''), 'utf8');
    piece = [];
    size = 0;
  }
  if (size > 0) yield Buffer.from(piece.join(''), 'utf8');
}

export async function withClient<T>(url: string, work: (client: Client) => Promise<T>): Promise<T> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}

/** What is read from a child process: its next message. @throws Error when it ends instead */
export async function nextMessage<T>(child: NodeJS.EventEmitter): Promise<T> {
  const ended = once(child, 'exit').then(([code]) => {
    throw new Error(`a process of the benchmark ended (${String(code)}) before it answered`);
  });
  const [message] = await Promise.race([once(child, 'message'), ended]);
  return message as T;
}
