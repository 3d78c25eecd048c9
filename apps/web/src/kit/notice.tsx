// One short sentence after something succeeded, spoken and shown for some seconds, never in the way.
import { useSyncExternalStore } from 'react';

const shownMilliseconds = 4000;
let sentence = '';
let timer = 0;
const listeners = new Set<() => void>();

function become(next: string): void {
  sentence = next;
  listeners.forEach((listener) => listener());
}

export function say(words: string): void {
  window.clearTimeout(timer);
  become(words);
  timer = window.setTimeout(() => become(''), shownMilliseconds);
}

function watch(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

export function Notice() {
  const words = useSyncExternalStore(watch, () => sentence);
  return (
    <div className={words === '' ? 'notice' : 'notice notice-shown'} role="status">
      {words}
    </div>
  );
}
