// Whose word takes a key out of use. One agency could do it to another by itself, and then nothing of it would be read any
// more: so it takes the reader's own word, or that of two others; and a successor always takes two (docs/spec/keys.md section 4).
import { formatVkey, parseVkey } from './key';
import type { Revocation } from './handover';

/** What one party says of a key of another. */
export type Word = {
  /** Who says it: an agency, or the origin of the log in which it stands. */
  readonly by: string;
  readonly origin: string;
  readonly vkey: string;
  readonly lastGoodSize: bigint;
  /** Empty when it names nobody. */
  readonly successor: string;
};

const needed = 2;

/** @param data of a `key-revoked` entry @returns undefined for data that is no revocation, or names no key */
export function wordOf(by: string, data: unknown): Word | undefined {
  if (typeof data !== 'object' || data === null) return undefined;
  const { origin, vkey, lastGoodSize, successor } = data as { [name in keyof Word]?: unknown };
  if (typeof origin !== 'string' || typeof vkey !== 'string' || typeof successor !== 'string') return undefined;
  if (!Number.isSafeInteger(lastGoodSize) || (lastGoodSize as number) < 0) return undefined;
  try {
    const keys = [vkey, ...(successor === '' ? [] : [successor])].map(parseVkey);
    if (keys.some(({ name }) => name !== origin)) return undefined;
  } catch {
    return undefined;
  }
  return { by, origin, vkey, lastGoodSize: BigInt(lastGoodSize as number), successor };
}

/**
 * What of the words about one log counts for a reader.
 * @param words of one party in the order in which it said them: its last word on a key counts
 * @param whose the party of the log, whose own word on itself does not count
 * @param here the reader; undefined for one who has no word of his own, such as an auditor
 */
export function revocationsOf(
  words: readonly Word[],
  whose: string | undefined,
  here: string | undefined,
): Revocation[] {
  const last = new Map(words.filter(({ by }) => by !== whose).map((word) => [`${word.by} ${word.vkey}`, word]));
  const byKey = new Map<string, Word[]>();
  for (const word of last.values()) byKey.set(word.vkey, [...(byKey.get(word.vkey) ?? []), word]);
  return [...byKey].flatMap(([vkey, said]): Revocation[] => {
    if (said.length < needed && !said.some(({ by }) => by === here)) return [];
    const sizes = said.map(({ lastGoodSize }) => lastGoodSize);
    const lastGoodSize = sizes.reduce((least, size) => (size < least ? size : least));
    const named = said.map(({ successor }) => successor).filter((each) => each !== '');
    const agreed = named.find((each) => named.filter((other) => other === each).length >= needed);
    const successor = agreed === undefined ? undefined : parseVkey(agreed);
    return [{ key: parseVkey(vkey), lastGoodSize, ...(successor && { successor }) }];
  });
}

export function dataOf({ origin, vkey, lastGoodSize, successor }: Omit<Word, 'by'>) {
  return { origin, vkey: formatVkey(parseVkey(vkey)), lastGoodSize: Number(lastGoodSize), successor };
}
