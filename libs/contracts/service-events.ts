// What a service itself publishes for its agency, without an act of anybody: keys, anchors, totals.
import { z } from 'zod';
import { civilDate, id, sha256Hex, words } from './forms';

/** A note by which one key of the agency hands over to another (docs/spec/keys.md section 2). */
export const keyAnnounced = z.object({ note: words(4000) });
/** Commitment to the agency's private journal: shows that it was there, and nothing of what is in it. */
export const journalAnchored = z.object({
  nth: z.number().int().min(0),
  commit: sha256Hex,
  everySeconds: z.number().int().min(1).max(3600),
});
/** An agency says that another's key is known to others: beyond a size it counts for nothing (docs/spec/keys.md section 4). */
export const keyRevoked = z.object({
  origin: words(200),
  vkey: words(400),
  lastGoodSize: z.number().int().min(0),
  /** Verifier key of who follows; empty when it says nothing of that. */
  successor: z.string().max(400),
});
const entries = z.number().int().min(0);
/** A ledger at stated sizes of the logs: counts by state, digests of groups of issues (docs/spec/replay.md section 5). */
export const totalsPublished = z.object({
  day: civilDate,
  /** Of the read model that was counted: another version may count otherwise. */
  version: z.number().int().min(1),
  sizes: z.record(words(200), entries),
  states: z.record(words(40), entries),
  groups: z.record(z.string().regex(/^[0-9a-f]{2}$/), z.string().regex(/^[0-9a-f]{16}$/)),
});
/** Another agency's totals, recounted; where they differ, the first record that it concerns. */
export const totalsCompared = z.object({
  /** Of the event by which they were said. */
  of: id,
  /** Empty when the two are the same; what no log tells of has no issue. */
  apart: z
    .array(
      z.object({
        issueId: id.optional(),
        number: words(60).optional(),
        origin: words(200).optional(),
        index: entries.optional(),
      }),
    )
    .max(1),
});
/** An agency's new public key for sealed bodies; all later bodies are sealed to it (docs/spec/sealed.md). */
export const sealingKeyAnnounced = z.object({
  suite: words(60),
  key: z.string().regex(/^[0-9a-f]{16}$/),
  publicKey: z.string().regex(/^[A-Za-z0-9+/]{43}=$/),
});
