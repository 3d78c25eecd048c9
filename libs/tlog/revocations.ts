// Whose word takes a key out of use. One agency could do it to another by itself, and then nothing of it would be read any
// more: so it takes the own agency's word, or that of two others; and a successor always takes two.
import { agencies } from '#kernel/envelope';
import type { Agency } from '#kernel/envelope';
import { fromUtf8 } from './bytes';
import { openCheckpoint } from './checkpoint';
import { withHandovers } from './handover';
import type { Handover, Revocation } from './handover';
import { formatVkey, parseVkey } from './key';
import type { VerifierKey } from './key';
import { NoteFault } from './note';

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
  const { origin, vkey, lastGoodSize, successor } = (data ?? {}) as Partial<Record<keyof Word, unknown>>;
  const isText = (value: unknown): value is string => typeof value === 'string';
  if (!isText(origin) || !isText(vkey) || !isText(successor)) return undefined;
  if (!Number.isSafeInteger(lastGoodSize) || (lastGoodSize as number) < 0) return undefined;
  try {
    const keys = [vkey, ...(successor === '' ? [] : [successor])].map(parseVkey);
    if (keys.some(({ name }) => name !== origin)) return undefined;
  } catch {
    return undefined;
  }
  return { by, origin, vkey, lastGoodSize: BigInt(lastGoodSize as number), successor };
}

/** Takes the words about other logs' keys out of the entries of one log, which is heard as one agency. */
export class Listener {
  readonly words: Word[] = [];

  /** @param whose the log's agency; undefined when its origin does not tell: then the first word does */
  constructor(
    private readonly origin: string,
    private whose: Agency | undefined,
  ) {}

  take(entry: Uint8Array): void {
    const { type, data } = JSON.parse(fromUtf8(entry)) as { type: string; data: unknown };
    const by = agencies.find((agency) => type === `${agency}.key-revoked.v1`);
    if (!by || by !== (this.whose ?? by)) return;
    const word = wordOf(by, data);
    if (!word || word.origin === this.origin) return;
    this.whose = by;
    this.words.push(word);
  }
}

/**
 * What of the words about one log counts for an agency.
 * @param words of one agency in the order in which it said them: its last word on a key counts
 * @param whose the agency of the log, whose own word on itself does not count
 * @param here the agency that asks; absent for a reader who is none, to whom nobody's word alone is enough
 */
export function revocationsOf(words: readonly Word[], whose?: Agency, here?: Agency): Revocation[] {
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

/**
 * Weighs a checkpoint that opened before the words were known.
 * @param key the anchor
 * @returns the first entry for which nobody stands who still counts; undefined when all is well
 */
export function refusedFrom(
  note: Uint8Array,
  key: VerifierKey,
  handovers: readonly Handover[],
  revocations: readonly Revocation[],
): bigint | undefined {
  if (revocations.length === 0) return undefined;
  try {
    openCheckpoint(note, withHandovers(key, handovers, revocations));
    return undefined;
  } catch (error) {
    if (!(error instanceof NoteFault)) throw error;
    return revocations.map(({ lastGoodSize }) => lastGoodSize).reduce((least, size) => (size < least ? size : least));
  }
}

export function dataOf({ origin, vkey, lastGoodSize, successor }: Omit<Word, 'by'>) {
  return { origin, vkey: formatVkey(parseVkey(vkey)), lastGoodSize: Number(lastGoodSize), successor };
}
