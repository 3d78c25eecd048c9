// Anchors: at a fixed cadence an agency puts into its shared log a commitment to the newest checkpoint of its journal.
// Whoever is given salt and checkpoint later can open it; whoever is not learns that the journal was there, and no more.
import type { JsonObject } from '#kernel/canonical-json';
import { concat, toHex, utf8 } from './bytes';
import { parseCheckpoint } from './checkpoint';
import type { Checkpoint } from './checkpoint';
import { hostOf } from './policy';
import { sha256 } from './sha256';

export const ANCHOR_SALT_SIZE = 32;
/** Published type, behind the agency's name and a dot. */
const anchorType = /^[a-z]+\.journal-anchored\.v1$/;

/** What a published anchor says. */
export interface Anchor {
  /** Of the journal's anchors, counted from 0. */
  readonly nth: number;
  /** Hex. */
  readonly commit: string;
  /** Within so many seconds the next one follows. */
  readonly everySeconds: number;
  /** Recorded time, RFC 3339 UTC, as the agency says. */
  readonly at: string;
}

/** SHA-256 (hex) that a published anchor shows. @param salt 32 random bytes @param text of the journal's checkpoint */
export function anchorCommit(salt: Uint8Array, text: string): string {
  if (salt.length !== ANCHOR_SALT_SIZE) throw new Error(`the salt of an anchor has ${ANCHOR_SALT_SIZE} bytes`);
  return toHex(sha256(concat(utf8('anchor/v1\n'), salt, utf8(text))));
}

/** Is it the type of an entry that is to be opened? */
export function isAnchorType(type: unknown): boolean {
  return typeof type === 'string' && anchorType.test(type);
}

/** @param entry of a log, its form checked @returns undefined when it is no anchor as promised */
export function anchorOf(entry: JsonObject): Anchor | undefined {
  if (!isAnchorType(entry['type'])) return undefined;
  const { nth, commit, everySeconds } = entry['data'] as JsonObject;
  const whole = Number.isSafeInteger(nth) && (nth as number) >= 0 && Number.isSafeInteger(everySeconds);
  if (!whole || typeof commit !== 'string' || !/^[0-9a-f]{64}$/.test(commit)) return undefined;
  return { nth: nth as number, commit, everySeconds: everySeconds as number, at: String(entry['at']) };
}

/** Origin of the journal beside a shared log; `turn` rises when a journal was lost and begun anew. */
export function journalOrigin(origin: string, turn = 1): string {
  return `${hostOf(origin)}/private/v${turn}`;
}

/** @returns the checkpoint of the journal that belongs to the log @throws NoteFault, Error */
export function journalCheckpoint(text: string, origin: string): Checkpoint & { readonly turn: number } {
  const checkpoint = parseCheckpoint(text);
  const turn = Number(/\/v([1-9]\d{0,5})$/.exec(checkpoint.origin)?.[1]);
  if (checkpoint.origin !== journalOrigin(origin, turn)) {
    throw new Error(`${checkpoint.origin} is not the journal of ${origin}`);
  }
  return { ...checkpoint, turn };
}
