// What a slice may do with the bodies of a subject: open them for somebody whose reason is on record, and destroy them.
import { Injectable } from '@nestjs/common';
import { Refused } from '#kernel/decider';
import type { Agency, Entry, SealedBody } from '#kernel/envelope';
import { isVeiled } from '#contracts/personal';
import type { Opened } from '#contracts/published';
import type { EventStore } from '#store/event-store';
import { StreamNotFound } from '#store/event-store';
import type { Sql } from '../database';
import { openWith } from '../sealing/body';
import type { SealingKeys } from '../sealing/sealing-keys';
import { ownContentKey } from './own-body';
import type { SubjectKeys } from './subject-keys';
import type { TakenBodies } from './taken-bodies';

export type BodiesParts = {
  readonly agency: Agency;
  readonly origin: string;
  readonly sql: Sql;
  readonly store: Pick<EventStore, 'readStream'>;
  readonly keys: Pick<SubjectKeys, 'find' | 'destroy'>;
  readonly taken: Pick<TakenBodies, 'held'>;
  readonly sealing: Pick<SealingKeys, 'ids'>;
  readonly clock: () => string;
};

@Injectable()
export class Bodies {
  constructor(private readonly parts: BodiesParts) {}

  /**
   * @param stream where the agency's own bodies about the subject stand, should it have sealed any itself
   * @throws Refused `body.destroyed`, `record.none`
   */
  async open(subject: string, stream: string): Promise<Opened[]> {
    const key = await this.parts.keys.find(subject);
    if (key === 'none') throw new Refused('record.none');
    if (key === 'destroyed') throw new Refused('body.destroyed');
    const opened = [...(await this.ofPeers(subject, key)), ...(await this.own(stream, key))];
    return opened.filter(({ type }) => isVeiled(type));
  }

  /** Whether there is a key that could be destroyed. */
  async keeps(subject: string): Promise<boolean> {
    return (await this.parts.keys.find(subject)) !== 'none';
  }

  /** Whether an own sealing key would still open what stands of the subject in peers' logs (sealing/tend.ts). */
  async opensInLogs(subject: string): Promise<boolean> {
    const rows: unknown[] = await this.parts.sql.query(
      'select 1 from subjects.body where subject = $1 and sealing_key = any($2) limit 1',
      [subject, this.parts.sealing.ids()],
    );
    return rows.length > 0;
  }

  /** For good, in this agency alone. */
  destroy(subject: string): Promise<void> {
    return this.parts.keys.destroy(subject, this.parts.clock());
  }

  private async ofPeers(subject: string, key: Uint8Array): Promise<Opened[]> {
    const opened: Opened[] = [];
    for (const { origin, id, contentKey } of await this.parts.taken.held(subject, key)) {
      const [row]: { agency: Agency; bytes: Buffer }[] = await this.parts.sql.query(
        `select p.agency, e.bytes from inbox.entry e join inbox.peer p using (origin)
         where e.origin = $1 and e.id = $2`,
        [origin, id],
      );
      if (!row) throw new Error(`the inbox of ${origin} has lost the entry ${id}; start the service again`);
      const { sealed } = JSON.parse(row.bytes.toString('utf8')) as Entry;
      opened.push(openWith(contentKey, sealed as SealedBody, { agency: row.agency, origin, id }));
    }
    return opened;
  }

  private async own(stream: string, key: Uint8Array): Promise<Opened[]> {
    const { agency, origin, store } = this.parts;
    const opened: Opened[] = [];
    try {
      for await (const { id, meta } of store.readStream(stream)) {
        const { commit, ct, suite, to } = meta.sealed ?? {};
        if (commit === undefined || ct === undefined) continue;
        const sealed = { commit, ct, suite: suite!, to: to! };
        opened.push(openWith(ownContentKey(key, id, commit), sealed, { agency, origin, id }));
      }
    } catch (error) {
      if (!(error instanceof StreamNotFound)) throw error;
    }
    return opened;
  }
}
