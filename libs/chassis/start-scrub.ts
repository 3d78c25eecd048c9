// The scrub as a service runs it.
import { join } from 'node:path';
import type { DataSource } from 'typeorm';
import type { EventStore } from '#store/event-store';
import type { Clock } from './clock';
import type { Config } from './config';
import type { Files } from './files';
import { peerKeys } from './fsck/peer-keys';
import type { KeyBook } from './key-book';
import type { Keys } from './keys';
import type { Log } from './logging';
import type { Metrics } from './metrics';
import { Scrub } from './scrub';
import { stretchesOf } from './scrub-stretches';
import type { StoredTiles } from './witness/stored-tiles';

export type ScrubNeeds = {
  readonly config: Config;
  readonly database: DataSource;
  readonly store: EventStore;
  readonly keys: Keys;
  readonly book: KeyBook;
  readonly files: Files;
  readonly clock: Clock;
  readonly log: Log;
  readonly metrics: Metrics;
  readonly tiles: StoredTiles;
};

// A small agency is through in minutes; once an hour is often enough for bits that change in months.
const restMs = 3_600_000;

/** @returns undefined when the settings switch it off */
export function startScrub(needs: ScrubNeeds): Scrub | undefined {
  const { config, database, store, keys, book, files, clock, log, metrics, tiles } = needs;
  if (config.scrubPerSecond === 0) return undefined;
  const stretches = stretchesOf({
    ...{ sql: database, store, files, peers: config.peers, peerKey: peerKeys(book) },
    key: keys.log,
    folder: join(config.folder, 'log'),
    filesFolder: join(config.folder, 'files'),
    clock: () => clock.now(),
    onHealed: (origin) => tiles.forget(origin),
  });
  return new Scrub({
    ...{ sql: database, stretches, pace: config.scrubPerSecond, restMs, log },
    clock: () => clock.now(),
    onDamage: (part, outcome) => metrics.damaged(part, outcome),
  });
}
