// What the journal keeps of one event, and what can be shown of it later, field by field: a disclosure is base64url of
// the JSON text [salt, name, value] and only its SHA-256 stands in the leaf (RFC 9901 section 4.2). Unlike there, each
// name has one place: were the digests a set, an agency could put two values under one name and show to each what it likes.
import { hash } from 'node:crypto';
import { canonicalBytes, canonicalize, parseCanonical } from '#kernel/canonical-json';
import type { Json, JsonObject } from '#kernel/canonical-json';
import { fromBase64Url, textToBase64Url, toBase64Url } from './base64-url';
import { excerpt } from './bytes';

/** One event as an agency stores it. `cause` is null where there is none; `meta` is the rest of what is stored. */
export interface JournalEvent {
  readonly id: string;
  readonly type: string;
  readonly stream: string;
  readonly revision: number;
  readonly at: string;
  readonly actor: Json;
  readonly cause: Json;
  readonly seen: Json;
  readonly meta: JsonObject;
  readonly data: JsonObject;
}

export interface JournalLeaf {
  readonly id: string;
  /** SHA-256, base64url; a multiple of 8 of them, so that their count says little of the event. */
  readonly digests: readonly string[];
}

export interface OpenedField {
  readonly name: string;
  readonly value: Json;
}

/** A leaf or a disclosure that is none, or that does not belong to the leaf. */
export class LeafFault extends Error {
  override readonly name = 'LeafFault';
}

/** What has the same place in every leaf; behind them the members of `data`, in the order that `names` lists them. */
export const fixedFields = ['type', 'stream', 'revision', 'at', 'actor', 'cause', 'seen', 'meta', 'names'] as const;
export const SALT_SIZE = 16;
const padTo = 8;
const namesSlot = fixedFields.indexOf('names');

/** The fields of an event in the order of their places. */
export function fieldsOf(event: JournalEvent): OpenedField[] {
  const { data } = event;
  const names = Object.keys(data)
    .filter((name) => data[name] !== undefined)
    .sort();
  return [
    ...fixedFields.map((name) => ({ name, value: name === 'names' ? names : event[name] })),
    ...names.map((name) => ({ name: `data.${name}`, value: data[name]! })),
  ];
}

/** How many digests the leaf of so many fields has. */
export function widthOf(fields: number): number {
  return Math.ceil(fields / padTo) * padTo;
}

/** @param salt 16 random bytes, of this field of this event alone */
export function disclosureOf(salt: Uint8Array, { name, value }: OpenedField): string {
  return textToBase64Url(canonicalize([toBase64Url(salt), name, value]));
}

/** SHA-256 over the disclosure's own characters, base64url (RFC 9901 section 4.2.3). */
export function digestOf(disclosure: string): string {
  return hash('sha256', disclosure, 'base64url');
}

/**
 * @param salts 16 bytes for each digest (`widthOf`); those beyond the fields make decoys
 * @returns the leaf's bytes, and the disclosure of each field
 */
export function makeLeaf(event: JournalEvent, salts: Uint8Array): { bytes: Uint8Array; disclosures: string[] } {
  const fields = fieldsOf(event);
  const width = widthOf(fields.length);
  if (salts.length !== width * SALT_SIZE) throw new LeafFault(`the leaf of ${event.id} needs ${width} salts`);
  const saltAt = (slot: number) => salts.subarray(slot * SALT_SIZE, (slot + 1) * SALT_SIZE);
  const disclosures = fields.map((field, slot) => disclosureOf(saltAt(slot), field));
  const digests = Array.from({ length: width }, (_, slot) => {
    const disclosure = disclosures[slot];
    return disclosure === undefined ? hash('sha256', saltAt(slot), 'base64url') : digestOf(disclosure);
  });
  return { bytes: canonicalBytes({ digests, id: event.id, v: 1 }), disclosures };
}

/** @throws LeafFault */
export function readLeaf(value: unknown): JournalLeaf {
  const { digests, id, v, ...rest } = (value ?? {}) as Record<string, unknown>;
  const wide = Array.isArray(digests) && digests.length >= 2 * padTo && digests.length % padTo === 0;
  if (v !== 1 || Object.keys(rest).length > 0 || typeof id !== 'string' || !/^[\w-]{1,64}$/.test(id) || !wide) {
    throw new LeafFault('not a leaf of a journal');
  }
  const bad = digests.find((digest) => typeof digest !== 'string' || !/^[\w-]{43}$/.test(digest));
  if (bad !== undefined) throw new LeafFault('a digest of the leaf is not a SHA-256 in base64url');
  return { id, digests: digests as string[] };
}

/**
 * What disclosures say of the event behind a leaf; in the order of their places, so that they have one spelling. A
 * member of `data` counts only beside `names`, which says what place is its.
 * @throws LeafFault
 */
export function openFields(leaf: JournalLeaf, disclosures: readonly string[]): OpenedField[] {
  let before = -1;
  let names: readonly Json[] = [];
  return disclosures.map((disclosure) => {
    const slot = leaf.digests.indexOf(digestOf(disclosure));
    if (slot < 0) throw new LeafFault('a disclosure is not of this leaf');
    if (slot <= before) throw new LeafFault('the disclosures are not in the order of their places');
    before = slot;
    const field = readDisclosure(disclosure);
    if (slot === namesSlot) names = namesOf(field.value, leaf.digests.length - fixedFields.length);
    const name = slot < fixedFields.length ? fixedFields[slot] : names[slot - fixedFields.length];
    const expected = slot < fixedFields.length ? name : name === undefined ? undefined : `data.${String(name)}`;
    if (field.name !== expected) throw new LeafFault(`"${excerpt(field.name)}" stands in the place of another field`);
    return field;
  });
}

/** Do these fields show all of the event? */
export function isWhole(fields: readonly OpenedField[]): boolean {
  const names = fields.find(({ name }) => name === 'names')?.value;
  return Array.isArray(names) && fields.length === fixedFields.length + names.length;
}

function readDisclosure(disclosure: string): OpenedField {
  let value: Json;
  try {
    value = parseCanonical(fromBase64Url(disclosure));
  } catch (cause) {
    throw new LeafFault('a disclosure is not canonical JSON in base64url', { cause });
  }
  const [salt, name, said] = Array.isArray(value) && value.length === 3 ? (value as readonly Json[]) : [];
  if (typeof salt !== 'string' || !/^[\w-]{22}$/.test(salt) || typeof name !== 'string') {
    throw new LeafFault('a disclosure is [salt, name, value] with a salt of 128 bits');
  }
  return { name, value: said! };
}

function namesOf(value: Json, most: number): readonly string[] {
  const names = Array.isArray(value) ? (value as readonly Json[]) : undefined;
  const rising = names?.every((name, n) => typeof name === 'string' && (n === 0 || String(names[n - 1]) < name));
  if (!names || !rising || names.length > most)
    throw new LeafFault('"names" does not list the members of data in order');
  return names as readonly string[];
}
