// Somebody at a console, seen as bare HTTP: whatever comes back is kept whole, because a right is broken just as well by
// a header or an error as by a page.
import { randomUUID } from 'node:crypto';
import type { Agency } from '#kernel/envelope';
import { commandHeader, paths } from '#contracts/api';
import type { Problem } from '#contracts/answers';
import type { Role } from '#contracts/roles';

export type Visitor = {
  readonly url: string;
  readonly agency: Agency;
  readonly role: Role | 'nobody';
  /** `name=token`, or empty. */
  readonly cookie: string;
};

export type Reply = {
  readonly status: number;
  /** All headers as one text, dates and nonces included. */
  readonly headers: string;
  readonly text: string;
  /** Of a refusal; empty otherwise. */
  readonly code: string;
};

export type Request = {
  readonly body?: object | FormData;
  readonly headers?: Readonly<Record<string, string>>;
};

export async function entered(
  url: string,
  who: { readonly agency: Agency; readonly role: Role; readonly login: string; readonly password: string },
): Promise<Visitor> {
  const { agency, role, login, password } = who;
  const response = await fetch(url + paths.session, {
    method: 'POST',
    headers: { 'sanfang-console': '1', 'content-type': 'application/json' },
    body: JSON.stringify({ login, password }),
  });
  if (!response.ok) throw new Error(`${login} could not sign in: ${await response.text()}`);
  const cookie = response.headers.getSetCookie()[0]?.split(';')[0] ?? '';
  return { url, agency, role, cookie };
}

/** One exchange, wherever it leads told and not followed; a stream that never ends is left after its headers. */
export async function visit(who: Visitor, method: string, path: string, request: Request = {}): Promise<Reply> {
  const { body } = request;
  const isForm = body instanceof FormData;
  const leave = new AbortController();
  const response = await fetch(who.url + path, {
    method,
    redirect: 'manual',
    signal: leave.signal,
    headers: {
      'sanfang-console': '1',
      ...(method !== 'GET' && method !== 'HEAD' && { [commandHeader]: randomUUID() }),
      ...(who.cookie && { cookie: who.cookie }),
      ...(body && !isForm && { 'content-type': 'application/json' }),
      ...request.headers,
    },
    ...(body && { body: isForm ? body : JSON.stringify(body) }),
  });
  const type = response.headers.get('content-type') ?? '';
  const headers = [...response.headers].map(([name, value]) => `${name}: ${value}`).join('\n');
  const endless = type.startsWith('text/event-stream');
  const text = endless || method === 'HEAD' ? '' : await response.text();
  leave.abort();
  const code = type.includes('problem+json') && text ? (JSON.parse(text) as Problem).code : '';
  return { status: response.status, headers, text, code };
}

/** What somebody can tell two refusals apart by: everything but the reference, which is new each time. */
export function told({ status, text }: Reply): string {
  const { reference: _, ...problem } = JSON.parse(text) as Problem;
  return JSON.stringify([status, problem]);
}
