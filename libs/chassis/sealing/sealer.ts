// Seals what only some agencies may read, once, when it is appended: what is stored then gives the same entry for ever,
// after a crash, to fsck and in another store. Without a key of each addressee nothing is appended at all.
import { createHmac } from 'node:crypto';
import { canonicalize } from '#kernel/canonical-json';
import { Refused } from '#kernel/decider';
import type { Agency } from '#kernel/envelope';
import { agencyNames } from '#contracts/agencies';
import { addresseesOf, publishedEvents } from '#contracts/events';
import type { PublishedType } from '#contracts/events';
import { isVeiled, subjectOf, veiledOf } from '#contracts/personal';
import type { NewEvent } from '#store/event-store';
import { fromBase64 } from '#tlog/bytes';
import type { Sql } from '../database';
import { uuidFrom } from '../ids';
import { bodyOf } from '../publishing';
import type { Publisher, Shown } from '../publishing';
import { ownContentKey, ownSalt } from '../subjects/own-body';
import type { SubjectKeys } from '../subjects/subject-keys';
import { BodyTooLong, commitOf, seal } from './body';
import type { Addressee } from './body';
import { sealingKeyId, suiteName } from './suite';

export type SealerParts = {
  readonly agency: Agency;
  readonly origin: string;
  readonly publish: Publisher;
  /** Hides what an id was derived from. */
  readonly commitKey: Uint8Array;
  /** The newest key that an agency announced in its verified log; undefined while it has announced none. */
  readonly keyOf: (agency: Agency) => Promise<Addressee | undefined>;
  readonly subjects: Pick<SubjectKeys, 'of'>;
};

export type Sealer = (stream: string, event: NewEvent) => Promise<NewEvent>;

/** @returns events as they are to be stored. @throws Refused `sealing.noKey`, `sealing.tooLong`, `body.destroyed` */
export function sealerOf({ agency, origin, publish, commitKey, keyOf, subjects }: SealerParts): Sealer {
  return async (stream, event) => {
    // The store has not set these yet: a publishing rule of a sealed type cannot use them.
    const unset = { stream, revision: -1n, position: -1n, at: '' };
    const addressees = addresseesOf(publish({ ...event, ...unset })?.type ?? '');
    if (!addressees) return event;
    const keys: Addressee[] = [];
    for (const each of addressees) {
      const key = await keyOf(each);
      if (!key) throw new Refused('sealing.noKey', { agency: agencyNames[each] });
      keys.push(key);
    }
    // Ids of commands and streams can be guessed, and an id that is derived from them would confirm the guess.
    const id = uuidFrom(hidden(commitKey, `id\n${event.id}`, 'hex'));
    const hiding = { ...event, ...unset, id };
    const shown = publish(hiding)!;
    const place = { agency, origin, id };
    try {
      if (!isVeiled(shown.type)) {
        const salt = hidden(commitKey, `salt\n${event.id}`, 'base64url');
        const { ct, suite, to } = await seal(bodyOf(hiding, shown, salt), place, keys);
        return { ...event, id, meta: { ...event.meta, sealed: { ct, salt, suite, to } } };
      }
      const key = await subjects.of(subjectOf(shown.type, shown.data)!);
      const body = bodyOf(hiding, shown, ownSalt(key, id));
      const sealed = await seal(body, place, keys, { contentKey: ownContentKey(key, id, commitOf(body)) });
      return { ...veiledEvent(hiding, shown, publish), meta: { ...event.meta, sealed } };
    } catch (error) {
      if (error instanceof BodyTooLong) throw new Refused('sealing.tooLong');
      throw error;
    }
  };
}

/** The event without the words that are kept sealed. @throws Error when it would still publish one of them */
function veiledEvent({ id, type, data, ...rest }: Hiding, shown: Shown, publish: Publisher): Omit<NewEvent, 'meta'> {
  const veiled = { id, type, data: veiledOf(shown.type, data) };
  const published = publish({ ...rest, ...veiled })?.data;
  if (!published || canonicalize(published) !== canonicalize(veiledOf(shown.type, shown.data))) {
    throw new Error(`${type}: what is stored of ${shown.type} cannot be veiled by libs/contracts/personal.ts`);
  }
  return veiled;
}
type Hiding = Parameters<Publisher>[0];

function hidden(key: Uint8Array, what: string, encoding: 'hex' | 'base64url'): string {
  return createHmac('sha256', key).update(`sanfang/sealed/v1\n${what}`).digest(encoding);
}

/** Reads announcements where the follower stores what it has verified. */
export function announcedKeys(
  sql: Sql,
  peers: readonly { readonly agency: Agency; readonly origin: string }[],
): SealerParts['keyOf'] {
  return async (agency) => {
    const type = `${agency}.sealing-key-announced.v1`;
    const [row]: { bytes: Buffer }[] = await sql.query(
      'select bytes from inbox.entry where origin = $1 and type = $2 order by index desc limit 1',
      [peers.find((peer) => peer.agency === agency)?.origin ?? '', type],
    );
    if (!row) return undefined;
    const { data } = JSON.parse(row.bytes.toString('utf8')) as { data?: unknown };
    const read = publishedEvents[type as PublishedType & `${Agency}.sealing-key-announced.v1`].safeParse(data);
    if (!read.success || read.data.suite !== suiteName) return undefined;
    const publicKey = fromBase64(read.data.publicKey);
    return sealingKeyId(publicKey) === read.data.key ? { agency, key: read.data.key, publicKey } : undefined;
  };
}
