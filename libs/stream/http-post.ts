// One bounded POST: like the GET beside it, it ends by size, by time, or whole.
import { request as plain, type Agent } from 'node:http';
import { request as secure } from 'node:https';
import { AnswerTooLarge } from './http-get';

export type PostOptions = {
  readonly agent?: Agent;
  readonly type: string;
  /** Longest silence, connecting included. */
  readonly silenceMs: number;
  readonly signal?: AbortSignal | undefined;
};

/** Any status is an answer. @throws AnswerTooLarge, or what the network throws */
export function postBytes(
  url: string,
  body: Uint8Array,
  limit: number,
  { agent, type, silenceMs, signal }: PostOptions,
): Promise<{ readonly status: number; readonly body: Uint8Array }> {
  return new Promise((resolve, reject) => {
    const post = url.startsWith('https:') ? secure : plain;
    const headers = { 'content-type': type, 'content-length': body.length };
    const options = { method: 'POST', headers, ...(agent && { agent }), ...(signal && { signal }) };
    const request = post(url, options, (answer) => {
      const chunks: Buffer[] = [];
      let size = 0;
      answer.on('data', (chunk: Buffer) => {
        size += chunk.length;
        if (size > limit) answer.destroy(new AnswerTooLarge(`${url} answers with more than ${limit} bytes`));
        else chunks.push(chunk);
      });
      answer.once('end', () => resolve({ status: answer.statusCode ?? 0, body: Buffer.concat(chunks) }));
      answer.once('error', reject);
    });
    request.setTimeout(silenceMs, () => request.destroy(new Error(`${url} was silent for ${silenceMs} ms`)));
    request.once('error', reject);
    request.end(body);
  });
}
