// Clues 问题线索 between console and service, and who receives a list of them. What agencies tell each other: events.ts.
import { z } from 'zod';
import type { Agency } from '#kernel/envelope';
import type { Action } from './answers';
import { clue, clueLimit } from './events';

export type Clue = z.infer<typeof clue>;
export const receivers = ['commission', 'organization'] as const;
export type Receiver = (typeof receivers)[number];
/** 单移交 · 双移交 */
export type HandOverKind = 'single' | 'dual';
export const receiversOf: Readonly<Record<HandOverKind, readonly Agency[]>> = {
  single: ['commission'],
  dual: receivers,
};

const text = (max: number) => z.string().trim().min(1).max(max);

export const handOverClues = z.strictObject({
  kind: z.enum(['single', 'dual']),
  roundId: text(64),
  clues: z
    .array(
      z.strictObject({
        unitName: text(80),
        source: text(200),
        person: text(60),
        post: text(80),
        contents: text(2000),
      }),
    )
    .min(1)
    .max(clueLimit),
});
/** The receiver counts the list himself and says what he holds. */
export const signReceipt = z.strictObject({ count: z.number().int().min(1).max(clueLimit) });

/** Why somebody opens the words of a list, has them destroyed, or has them kept after all. */
export const clueReason = z.strictObject({ reason: text(200) });
export const confirmDestruction = z.strictObject({});

export type Signer = { readonly id: string; readonly name: string; readonly role: string };
export type ClueReceiptLine = { readonly agency: Agency; readonly receivedBy: Signer; readonly at: string };
export type ClueDestruction = {
  readonly agency: Agency;
  readonly requestedBy: Signer;
  readonly confirmedBy: Signer;
  readonly at: string;
};
export type ClueListLine = {
  readonly handOverId: string;
  readonly roundId: string;
  readonly kind: HandOverKind;
  readonly count: number;
  readonly handedOverBy: Signer;
  /** RFC 3339 UTC. */
  readonly handedOverAt: string;
  readonly receipts: readonly ClueReceiptLine[];
  /** Which agencies have destroyed the words, as far as it is known here. */
  readonly destructions: readonly ClueDestruction[];
  /** What stands here where the words were: 密封 while they can be opened, 已销毁 for ever after. */
  readonly body: BodyWord;
};
export type BodyWord = '密封' | '已销毁';
export type ClueLists = { readonly lists: readonly ClueListLine[]; readonly cutOff: string };
export type ClueAction = 'signReceipt' | 'openBody' | 'requestDestruction' | 'dropDestruction' | 'confirmDestruction';
export type ClueList = ClueListLine & {
  readonly actions: readonly Action<ClueAction>[];
  /** Whether a sealing key of this agency still opens the sealed copy in the shared log; after a destruction for a while. */
  readonly opensInLogs: boolean;
  /** Asked for by one person, and not yet confirmed by another. */
  readonly request?: { readonly reason: string; readonly requestedBy: Signer };
};
export type OpenedClues = { readonly clues: readonly Clue[] };

/** Stream of the hand-over in the agency that hands over; there the sealed body stands. */
export function handOverStream(handOverId: string): string {
  return `clueHandOver-${handOverId}`;
}
