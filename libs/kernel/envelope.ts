// What surrounds an event's data: who acted, because of what, and knowing what. The inner form is what an agency
// stores for itself; the outer form, Entry, is what it signs and shows to the others.
import type { JsonObject } from './canonical-json';

export type Agency = 'commission' | 'organization' | 'inspection';
export const agencies: readonly Agency[] = ['commission', 'organization', 'inspection'];

/** Who acted: a person with a role, or a reactor of the service itself (role `system`). */
export type Actor = {
  readonly agency: Agency;
  readonly id: string;
  readonly name: string;
  readonly role: string;
  /** The inspected organisation a portal account belongs to. */
  readonly unit?: string;
};

/** Address of an act: which log, which index, and the leaf's hash (hex) so that nothing else can stand there. */
export type Basis = { readonly origin: string; readonly index: number; readonly hash: string };

/** Sizes of the other agencies' logs, by origin, when the author decided: what was known (contexts.md 1.5). */
export type Seen = { readonly [origin: string]: number };

/** Stored beside an event's data, inside the agency. */
export type EventMeta = {
  readonly actor: Actor;
  readonly commandId: string;
  readonly cause?: Basis;
  readonly seen: Seen;
  /** Random, hides the stored event behind its published commitment; never leaves the agency. */
  readonly salt: string;
  /** Its entry carries an SM3 digest: stored, so that the same bytes come again after a change of the profile. */
  readonly digest?: 'sm3';
  /** Of an event that only some agencies may read: sealed once, when it was appended (docs/spec/sealed.md). */
  readonly sealed?: StoredSeal;
};

/** The content key for one addressee: which of his keys, the encapsulated secret, the wrapped key (base64). */
export type Wrapped = { readonly enc: string; readonly key: string; readonly wrapped: string };

/** A body that only the addressed agencies can open (docs/spec/sealed.md). */
export type SealedBody = {
  /** SHA-256 (hex) over the body, which holds a salt of its own: an addressee can prove later what he was told. */
  readonly commit: string;
  /** The padded body under the content key, base64. */
  readonly ct: string;
  readonly suite: string;
  readonly to: { readonly [agency in Agency]?: Wrapped };
};

/**
 * What is kept of a sealed body beside its event. Where the event holds all that is in the body, the commitment is
 * reckoned from it and this salt each time; where words are veiled, the commitment stands here, the salt in the body.
 */
export type StoredSeal = Omit<SealedBody, 'commit'> & { readonly salt?: string; readonly commit?: string };

type EntryHead = {
  readonly v: 1;
  readonly id: string;
  readonly type: string;
  readonly stream: string;
  readonly revision: number;
  /** Recorded time, RFC 3339 UTC. */
  readonly at: string;
  readonly actor: Actor;
  readonly cause?: Basis;
  readonly seen: Seen;
  /** SHA-256 (hex) over salt and the stored event, so that the agency cannot change its own copy later. */
  readonly commit: string;
  /** SM3 (hex) over all else, of an event appended in the profile gm (docs/spec/gm.md). */
  readonly sm3?: string;
};

export type PlainEntry = EntryHead & { readonly data: JsonObject; readonly sealed?: undefined };
export type SealedEntry = EntryHead & { readonly sealed: SealedBody; readonly data?: undefined };

/** Published entry of a log. Its canonical bytes are the leaf (architecture.md section 4); at most 65,535 bytes. */
export type Entry = PlainEntry | SealedEntry;

/** Type, stream and author of every sealed entry of an agency: they tell nothing of what is inside. */
export function neutral(agency: Agency, id: string): Pick<Entry, 'actor' | 'stream' | 'type'> {
  const actor = { agency, id: 'sealed', name: '密封', role: 'sealed' };
  return { actor, stream: `sealed-${id}`, type: `${agency}.sealed.v1` };
}

/** A published event as read models and reactors see it, whichever agency it comes from. */
export type Published<Type extends string = string, Data = JsonObject> = {
  readonly agency: Agency;
  readonly origin: string;
  readonly id: string;
  readonly type: Type;
  readonly stream: string;
  readonly at: string;
  readonly actor: Actor;
  readonly cause?: Basis;
  readonly data: Data;
  /** Address in the log; absent while the agency's own event is not yet in its log. */
  readonly address?: Basis;
  /** Its body is sealed in the log. Whoever cannot open it sees the neutral type and no data. */
  readonly sealed?: true;
};
