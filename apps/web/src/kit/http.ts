// The only place that talks to the service: same origin, session cookie, and the console header that a foreign page
// cannot set without being asked first (CSRF).
import type { Problem } from '#contracts/answers';
import { commandHeader, revisionHeader } from '#contracts/api';
import { noteRead } from './connection';
import { notePosition, withPosition } from './positions';
import { Refusal, unreachable, unreadable } from './refusal';

const consoleHeader = { 'sanfang-console': '1', accept: 'application/json' };

/** Reads a view. @throws Refusal whatever goes wrong. */
export function read<Answer>(path: string): Promise<Answer> {
  return ask<Answer>(withPosition(path), { headers: consoleHeader });
}

export type Sending = { readonly commandId: string; readonly method?: string; readonly revision?: number };

/** Sends a command: JSON, or multipart when the body carries a file. @throws Refusal whatever goes wrong. */
export async function send<Answer>(path: string, body: unknown, sending: Sending): Promise<Answer> {
  const headers: Record<string, string> = { ...consoleHeader, [commandHeader]: sending.commandId };
  if (sending.revision !== undefined) headers[revisionHeader] = String(sending.revision);
  const multipart = body instanceof FormData;
  if (!multipart) headers['content-type'] = 'application/json';
  const answer = await ask<Answer & { position?: unknown }>(path, {
    method: sending.method ?? 'POST',
    headers,
    body: multipart ? body : JSON.stringify(body),
  });
  if (typeof answer?.position === 'string') notePosition(answer.position);
  return answer;
}

async function ask<Answer>(path: string, init: RequestInit): Promise<Answer> {
  let response: Response;
  try {
    response = await fetch(path, { ...init, credentials: 'same-origin', cache: 'no-store' });
  } catch {
    throw unreachable();
  }
  noteRead(response.headers.get('date') ?? '');
  const content = await response.text();
  const parsed = content === '' ? undefined : parse(content, response.status);
  if (!response.ok) throw isProblem(parsed) ? new Refusal(parsed) : unreadable(response.status);
  return parsed as Answer;
}

function parse(content: string, status: number): unknown {
  try {
    return JSON.parse(content) as unknown;
  } catch {
    throw unreadable(status);
  }
}

function isProblem(value: unknown): value is Problem {
  return typeof value === 'object' && value !== null && 'code' in value && 'message' in value;
}
