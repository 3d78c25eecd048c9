// What this browser has verified of each log, kept from visit to visit: so the next visit proves that nothing seen before
// has changed, and no service can show it another past. Sizes, roots and keys only, nothing of what the records say.
import type { DraftStorage } from '../kit/draft';
import type { CheckedLog, Remembered } from './check';

const name = 'logs';
/** By origin. */
export type Memory = Readonly<Record<string, Remembered>>;

/** Nothing when nothing was kept, or it is damaged: then every log is met as if for the first time. */
export function recall(storage: Pick<DraftStorage, 'getItem'>): Memory {
  try {
    const kept: unknown = JSON.parse(storage.getItem(name) ?? 'null');
    if (typeof kept !== 'object' || kept === null) return {};
    return Object.fromEntries(Object.entries(kept).filter((pair): pair is [string, Remembered] => isSound(pair[1])));
  } catch {
    return {};
  }
}

function isSound(value: unknown): value is Remembered {
  if (typeof value !== 'object' || value === null) return false;
  const { size, root, vkey, at } = value as Partial<Remembered>;
  return Number.isSafeInteger(size) && Number(size) > 0 && [root, vkey, at].every((each) => typeof each === 'string');
}

/** Keeps the larger of what was known and what was checked now. A storage that is full or closed keeps nothing. */
export function remember(storage: DraftStorage, logs: readonly CheckedLog[], at: string): void {
  const memory: Record<string, Remembered> = { ...recall(storage) };
  for (const { origin, size, root, vkey, state } of logs) {
    if (state === 'checked' && size > 0 && size >= (memory[origin]?.size ?? 0))
      memory[origin] = { size, root, vkey, at };
  }
  try {
    storage.setItem(name, JSON.stringify(memory));
  } catch {
    return;
  }
}

/** For people who have compared the keys anew, by telephone or on paper. */
export function forget(storage: Pick<DraftStorage, 'removeItem'>): void {
  storage.removeItem(name);
}

/** For the query of a page: `origin:size`, several behind commas; undefined while nothing is known. */
export function seenOf(memory: Memory): string | undefined {
  const seen = Object.entries(memory).map(([origin, { size }]) => `${origin}:${size}`);
  return seen.length === 0 ? undefined : seen.join(',');
}
