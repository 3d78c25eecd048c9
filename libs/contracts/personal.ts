// What in a published body concerns persons. It is kept nowhere in plain text: where the body was, records and read models
// hold a veil, and the words themselves only in the sealed body, under the data key of its subject.
import type { Json, JsonObject } from '#kernel/canonical-json';
import { isPublishedType } from './events';
import type { PublishedType } from './events';

/** Stands in records and read models for each word that is kept sealed. */
export const veil = '密封';

type Personal = {
  /** The field that names the subject: all bodies about it are destroyed together. */
  readonly subject: string;
  /** A list of records whose texts are veiled, and which of their fields are not. */
  readonly veiled?: { readonly list: string; readonly plain: readonly string[] };
};

const clues: Personal = { subject: 'handOverId', veiled: { list: 'clues', plain: ['clueId'] } };
const aboutClues: Personal = { subject: 'handOverId' };

/** One row for each type that is addressed to some agencies alone. */
const personal: Readonly<Partial<Record<PublishedType, Personal>>> = {
  'inspection.clue-handed-over.v1': clues,
  'inspection.clue-dual-handed-over.v1': clues,
  'commission.clue-received.v1': aboutClues,
  'organization.clue-received.v1': aboutClues,
  'commission.clue-destroyed.v1': aboutClues,
  'organization.clue-destroyed.v1': aboutClues,
  'inspection.clue-destroyed.v1': aboutClues,
};

/** @returns undefined for a type that is not sealed */
export function subjectOf(type: string, data: JsonObject): string | undefined {
  const row = rowOf(type);
  return row && String(data[row.subject]);
}

/** Whether a body of this type has words that are kept sealed. */
export function isVeiled(type: string): boolean {
  return rowOf(type)?.veiled !== undefined;
}

/** The data, or the stored data from which it was made, with a veil over each word that concerns a person. */
export function veiledOf(type: string, data: JsonObject): JsonObject {
  const rule = rowOf(type)?.veiled;
  if (!rule) return data;
  const list = data[rule.list];
  if (!Array.isArray(list)) throw new Error(`${type}: what is stored of it has no list ${rule.list} to veil`);
  const records = list.map((each: Json) =>
    Object.fromEntries(
      Object.entries(each as JsonObject).map(([name, value]) => [name, rule.plain.includes(name) ? value : veil]),
    ),
  );
  return { ...data, [rule.list]: records };
}

function rowOf(type: string): Personal | undefined {
  return isPublishedType(type) ? personal[type] : undefined;
}
