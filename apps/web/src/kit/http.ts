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

/** Fetches a file and hands it to the browser to keep. @throws Refusal whatever goes wrong. */
export async function download(path: string, name: string): Promise<void> {
  const response = await answered(withPosition(path), { headers: consoleHeader });
  if (!response.ok) throw await refusalOf(response);
  keepFile(await response.blob(), name);
}

/** Hands a file to the browser to keep. */
export function keepFile(file: Blob, name: string): void {
  const address = URL.createObjectURL(file);
  const link = document.createElement('a');
  link.href = address;
  link.download = name;
  link.click();
  URL.revokeObjectURL(address);
}

async function ask<Answer>(path: string, init: RequestInit): Promise<Answer> {
  const response = await answered(path, init);
  if (!response.ok) throw await refusalOf(response);
  const content = await response.text();
  return (content === '' ? undefined : parse(content, response.status)) as Answer;
}

async function answered(path: string, init: RequestInit): Promise<Response> {
  try {
    const response = await fetch(path, { ...init, credentials: 'same-origin', cache: 'no-store' });
    noteRead(response.headers.get('date') ?? '');
    return response;
  } catch {
    throw unreachable();
  }
}

async function refusalOf(response: Response): Promise<Refusal> {
  const content = await response.text();
  const parsed = content === '' ? undefined : parse(content, response.status);
  return isProblem(parsed) ? new Refusal(parsed) : unreadable(response.status);
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
