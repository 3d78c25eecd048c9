// A rotation stands in the own log: the others learn the new key from where they learn everything. The notes are made
// while the service is stopped (npm run rotate-key); the start that follows puts into the store what is not there yet.
import { createHmac } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { DataSource } from 'typeorm';
import type { Agency, Seen } from '#kernel/envelope';
import { StreamNotFound } from '#store/event-store';
import type { EventStore, NewEvent } from '#store/event-store';
import type { LogSink } from '#stream/log-sink';
import { joinHandovers } from '#tlog/handover';
import type { Config } from './config';
import { eventIdOf, uuidFrom } from './ids';
import { removeRetired } from './key-turns';
import { BadKey } from './keys';
import { wordOf } from '#tlog/revocations';
import type { Word } from '#tlog/revocations';
import type { Keys } from './keys';

export type AnnounceParts = {
  readonly agency: Agency;
  readonly store: EventStore;
  readonly keys: Pick<Keys, 'handovers' | 'commitKey'>;
  readonly seen: () => Promise<Seen>;
};

/** Event of the agency about keys, in its own stream. */
export type KeyEvent = { readonly type: 'KeyAnnounced' | 'KeyRevoked'; readonly data: NewEvent['data'] };

/**
 * @returns how many were appended
 * @throws BadKey when the log has announced a key that the keys folder does not know: it is older than the log
 */
async function announceHandovers(parts: AnnounceParts): Promise<number> {
  const { agency, store, keys } = parts;
  const { notes, revision } = await keyEvents(store, agency);
  const lost = notes.find((note) => !keys.handovers.includes(note));
  if (lost !== undefined) {
    throw new BadKey(
      'the keys folder is older than the log, which has announced a newer key; restore the keys folder: ' + lost,
    );
  }
  const fresh = keys.handovers.filter((note) => !notes.includes(note));
  await appendKeyEvents(
    parts,
    fresh.map((note) => ({ type: 'KeyAnnounced', data: { note } })),
    revision,
  );
  return fresh.length;
}

/** @param revision of the last event of the stream, undefined when there is none */
export async function appendKeyEvents(
  { agency, store, keys, seen }: AnnounceParts,
  events: readonly KeyEvent[],
  revision: bigint | undefined,
): Promise<void> {
  if (events.length === 0) return;
  const stream = streamOf(agency);
  const known = await seen();
  const rows = events.map(({ type, data }, n): NewEvent => {
    const commandId = uuidFrom(`${type}\n${revision ?? ''}\n${JSON.stringify(data)}`);
    const id = eventIdOf(stream, commandId, n);
    const salt = createHmac('sha256', keys.commitKey).update(id).digest().subarray(0, 16).toString('base64url');
    const actor = { agency, id: 'system-keys', name: '系统', role: 'system' };
    return { id, type, data, meta: { actor, commandId, seen: known, salt } };
  });
  await store.append(stream, rows, revision ?? 'no_stream');
}

export type OwnWord = Word & {
  /** Of the event. */
  readonly id: string;
};

/** What the agency has said of others' keys. */
export async function wordsOf(store: EventStore, agency: Agency): Promise<readonly OwnWord[]> {
  return (await keyEvents(store, agency)).words;
}

/** What the agency has stored about keys. */
export async function keyEvents(store: EventStore, agency: Agency) {
  const notes: string[] = [];
  const words: OwnWord[] = [];
  let revision: bigint | undefined;
  try {
    for await (const event of store.readStream(streamOf(agency))) {
      ({ revision } = event);
      if (event.type === 'KeyAnnounced') notes.push(String(event.data['note']));
      const word = event.type === 'KeyRevoked' ? wordOf(agency, event.data) : undefined;
      if (word) words.push({ ...word, id: event.id });
    }
  } catch (error) {
    if (!(error instanceof StreamNotFound)) throw error;
  }
  return { notes, words, revision };
}

/**
 * What a start does about rotations: announces them, leaves their notes beside the log for whoever was away, removes
 * seeds whose overlap has ended. @throws BadKey
 */
export async function takeUpKeys(parts: {
  readonly config: Config;
  readonly store: EventStore;
  readonly database: DataSource;
  readonly keys: Keys;
  readonly log: Pick<LogSink, 'info'>;
}): Promise<void> {
  const { config, store, database, keys, log } = parts;
  const { agency, folder } = config;
  const fresh = await announceHandovers({ agency, store, keys, seen: () => heldSizes(database) });
  if (fresh > 0) log.info({ fresh }, 'the own log announces a new key');
  if (keys.handovers.length > 0) {
    mkdirSync(join(folder, 'log'), { recursive: true });
    writeFileSync(join(folder, 'log', 'keys'), joinHandovers(keys.handovers));
  }
  for (const role of ['log', 'witness'] as const) {
    for (const removed of removeRetired(join(folder, 'keys'), role, Date.now())) {
      log.info({ removed }, 'the overlap of a rotation has ended; the old seed was removed');
    }
  }
}

export async function heldSizes(database: DataSource): Promise<Seen> {
  const rows: { origin: string; size: string }[] = await database.query(
    'select origin, size from inbox.peer where size > 0',
  );
  return Object.fromEntries(rows.map(({ origin, size }) => [origin, Number(size)]));
}

/** Its category is what `keysPublishing` publishes. */
function streamOf(agency: Agency): string {
  return `keys-${agency}`;
}
