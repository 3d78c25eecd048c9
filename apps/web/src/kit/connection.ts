// Whether the live stream is up and how new the shown data is: the quiet line under the header reads it.

export type Connection = { readonly live: 'unknown' | 'up' | 'down'; readonly cutOff: string };

let now: Connection = { live: 'unknown', cutOff: '' };
const listeners = new Set<() => void>();

function become(next: Connection): void {
  if (next.live === now.live && next.cutOff === now.cutOff) return;
  now = next;
  listeners.forEach((listener) => listener());
}

export function noteLive(live: 'up' | 'down'): void {
  become({ ...now, live });
}

/** @param cutOff recorded time the view has reached, RFC 3339; an older one never replaces a newer one. */
export function noteCutOff(cutOff: string): void {
  if (Date.parse(cutOff) > (now.cutOff === '' ? 0 : Date.parse(now.cutOff))) become({ ...now, cutOff });
}

export function readConnection(): Connection {
  return now;
}

export function watchConnection(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}
