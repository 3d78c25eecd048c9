// Whose word takes a key out of use. One agency could do it to another by itself, and then nothing of it would be read any
// more: so it takes the own agency's word, or that of two others; and a successor always takes two.
import { publishedEvents } from '#contracts/events';
import type { Agency } from '#kernel/envelope';
import type { Revocation } from '#tlog/handover';
import { formatVkey, parseVkey } from '#tlog/key';

/** What one agency says of a key of another. */
export type Word = {
  readonly by: Agency;
  readonly origin: string;
  readonly vkey: string;
  readonly lastGoodSize: bigint;
  /** Empty when it names nobody. */
  readonly successor: string;
};

const needed = 2;

/** @returns undefined for data that is no revocation, or names no key */
export function wordOf(by: Agency, data: unknown): Word | undefined {
  const read = publishedEvents[`${by}.key-revoked.v1`].safeParse(data);
  if (!read.success) return undefined;
  const { origin, vkey, lastGoodSize, successor } = read.data;
  try {
    const keys = [vkey, ...(successor === '' ? [] : [successor])].map(parseVkey);
    if (keys.some(({ name }) => name !== origin)) return undefined;
  } catch {
    return undefined;
  }
  return { by, origin, vkey, lastGoodSize: BigInt(lastGoodSize), successor };
}

/**
 * What of the words about one log counts for an agency.
 * @param words of one agency in the order in which it said them: its last word on a key counts
 * @param whose the agency of the log, whose own word on itself does not count
 */
export function revocationsOf(words: readonly Word[], whose: Agency | undefined, here: Agency): Revocation[] {
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
