// One bounded GET: an answer ends by size, by time, or whole. Peers are not trusted to be small, quick or alive.
import { get as getPlain, type Agent, type IncomingMessage } from 'node:http';
import { get as getSecure } from 'node:https';

export type GetOptions = {
  readonly agent?: Agent;
  readonly headers?: Readonly<Record<string, string>>;
  /** Longest silence, connecting included. */
  readonly silenceMs: number;
  readonly signal?: AbortSignal | undefined;
};

/** The server answered, but not with 200. */
export class NotServed extends Error {
  override readonly name = 'NotServed';
  constructor(
    readonly status: number,
    url: string,
  ) {
    super(`${url} answered ${status}`);
  }
}

/** The answer is longer than anything honest. */
export class AnswerTooLarge extends Error {
  override readonly name = 'AnswerTooLarge';
}

/** Opens a GET and resolves with the answer's stream. @throws NotServed, or what the network throws */
export function openGet(url: string, { agent, headers = {}, silenceMs, signal }: GetOptions): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const get = url.startsWith('https:') ? getSecure : getPlain;
    const request = get(url, { headers, ...(agent && { agent }), ...(signal && { signal }) }, (answer) => {
      if (answer.statusCode === 200) return resolve(answer);
      answer.resume();
      reject(new NotServed(answer.statusCode ?? 0, url));
    });
    request.setTimeout(silenceMs, () => request.destroy(new Error(`${url} was silent for ${silenceMs} ms`)));
    request.on('error', reject);
  });
}

/** The whole body. @throws NotServed, AnswerTooLarge, or what the network throws */
export async function getBytes(url: string, limit: number, options: GetOptions): Promise<Uint8Array> {
  const answer = await openGet(url, options);
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of answer as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > limit) {
      answer.destroy();
      throw new AnswerTooLarge(`${url} is longer than ${limit} bytes`);
    }
    chunks.push(chunk);
  }
  return chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks);
}
