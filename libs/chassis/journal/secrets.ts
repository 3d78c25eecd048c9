// Where the salts of a leaf come from: one random secret for each event, kept in its row of the journal and nowhere
// else. Nothing of them follows from the event, so whoever destroys the secret makes the leaf unopenable for ever.
import { hkdfSync, randomBytes } from 'node:crypto';
import type { RecordedEvent } from '#store/event-store';
import type { JsonObject } from '#kernel/canonical-json';
import { fieldsOf, makeLeaf, SALT_SIZE, widthOf } from '#tlog/journal-leaf';
import type { JournalEvent } from '#tlog/journal-leaf';

export const SECRET_SIZE = 32;
// HKDF gives at most 255 hashes; so many salts come out of one call.
const saltsAtOnce = 256;
const none = new Uint8Array(0);

/** Secrets for so many events, end to end. */
export function newSecrets(count: number): Uint8Array {
  return randomBytes(count * SECRET_SIZE);
}

/** 16 bytes for each digest of a leaf: HKDF-SHA256 (RFC 5869) without salt, 256 of them for each info text. */
export function saltsOf(secret: Uint8Array, width: number): Uint8Array {
  const salts = new Uint8Array(width * SALT_SIZE);
  for (let from = 0; from < width; from += saltsAtOnce) {
    const info = `sanfang journal salts v1 ${from / saltsAtOnce}`;
    const size = Math.min(saltsAtOnce, width - from) * SALT_SIZE;
    salts.set(new Uint8Array(hkdfSync('sha256', secret, none, info, size)), from * SALT_SIZE);
  }
  return salts;
}

/** The leaf of a stored event, and what opens it. */
export function leafOf(event: RecordedEvent, secret: Uint8Array): ReturnType<typeof makeLeaf> {
  const said = journalEvent(event);
  return makeLeaf(said, saltsOf(secret, widthOf(fieldsOf(said).length)));
}

/** All that is stored of an event; what this file does not know by name is in `meta`. */
function journalEvent({ id, type, stream, revision, at, data, meta }: RecordedEvent): JournalEvent {
  const { actor, cause = null, seen, ...rest } = meta;
  return { id, type, stream, revision: Number(revision), at, actor, cause, seen, meta: rest as JsonObject, data };
}
