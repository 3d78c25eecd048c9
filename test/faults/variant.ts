// What is said of each way to change an agency's records: what is done, and who must find it. `k` is an entry in the first
// full tile, `late` the first of the last, partial one. Three look for it: the agency's own fsck; an outsider's audit of the
// folder by the region's policy, and once more against the copy that it took before; and a peer to whom the log is shown
// again.
import type { Forger } from './forger';

/** Where in the history harm is done. */
export type Places = {
  readonly size: number;
  readonly k: number;
  readonly late: number;
  /** Width of the last, partial tile, and an earlier one of which files are kept. */
  readonly width: number;
  readonly earlier: number;
  readonly positionOf: (index: number) => string;
  /** Sizes that were signed, rising, and those of them that were cosigned. */
  readonly signed: readonly number[];
  readonly cosigned: readonly number[];
};

/** Why one of the three cannot see it; the others must. */
export type Unseen = { readonly unseen: string };
export type Variant = {
  readonly what: string;
  readonly harm: (forger: Forger, at: Places) => Promise<unknown> | void;
  /** Findings as `part fault place`: these must be among them; an empty list means none at all. */
  readonly fsck: ((at: Places) => readonly string[]) | Unseen;
  /** Verdict and, where there is one, index. */
  readonly audit: ((at: Places) => string) | Unseen;
  readonly past: ((at: Places) => string) | Unseen;
  readonly peer: 'fork' | 'refused' | 'older' | Unseen;
};

const inside: Unseen = { unseen: 'the log that others are shown did not change' };
export const shownNothing = { audit: inside, past: inside, peer: inside };
export const held: Unseen = { unseen: 'a peer never fetches again what it has verified and holds' };
export const mirrored: Unseen = { unseen: 'what was copied before is read from the copy; nothing new is signed' };
export const unsigned: Unseen = { unseen: 'without the key nothing can be signed that a peer would look at' };

export const retitle = `update store.events set data = replace(data, '工作落实', '工作落定') where position = $1`;
export const swapped = `update store.events set position = case position when $1 then $2::bigint else $1::bigint end
  where position in ($1, $2)`;
export const inserted = `with moved as (update store.events set position = position + 1 where position > $1)
  insert into store.events (position, stream, revision, id, type, data, meta, at)
  select $1::bigint + 1, stream || '-x', 0, gen_random_uuid(), type, data, meta, at from store.events where position = $1`;
