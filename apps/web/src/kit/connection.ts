// Whether the live stream is up, and when the service last answered: the quiet line under the header reads it.

export type Connection = { readonly live: 'unknown' | 'up' | 'down'; readonly readAt: string };

let now: Connection = { live: 'unknown', readAt: '' };
const listeners = new Set<() => void>();

function become(next: Connection): void {
  if (next.live === now.live && next.readAt === now.readAt) return;
  now = next;
  listeners.forEach((listener) => listener());
}

export function noteLive(live: 'up' | 'down'): void {
  become({ ...now, live });
}

/** @param readAt the service's own time of an answer (its Date header); an older one never replaces a newer one. */
export function noteRead(readAt: string): void {
  if (Date.parse(readAt) > (now.readAt === '' ? 0 : Date.parse(now.readAt))) become({ ...now, readAt });
}

export function readConnection(): Connection {
  return now;
}

export function watchConnection(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}
