// What all parts of a service stand on: its data, its keys and what it knows of those of the others.
import { join } from 'node:path';
import type { DataSource } from 'typeorm';
import type { ServedStore } from '#store/event-store';
import { takeUpKeys, wordsOf } from './announce-keys';
import type { AssembleOptions } from './assemble';
import { Clock } from './clock';
import type { Config } from './config';
import { KeyBook } from './key-book';
import { announceKeys, openKeys } from './keys';
import type { Keys } from './keys';
import { Metrics } from './metrics';
import { openData } from './open-data';
import type { Running } from './open-data';
import type { Peer } from './peers';
import { publisherOfSlices } from './publishing';
import type { Publisher } from './publishing';
import { Pulse } from './pulse';
import { withSecond } from './second-line';
import { rosterOf } from './witness/roster';
import type { Roster } from './witness/roster';
import { StoredTiles } from './witness/stored-tiles';

export type Ground = {
  readonly options: AssembleOptions;
  readonly store: ServedStore;
  readonly database: DataSource;
  readonly tiles: StoredTiles;
  readonly publish: Publisher;
  readonly pulse: Pulse;
  readonly metrics: Metrics;
  readonly keys: Keys;
  readonly book: KeyBook;
  readonly roster: Roster;
  readonly clock: Clock;
};

/** @param running takes up what has to be stopped again */
export async function groundOf(options: AssembleOptions, running: Running): Promise<Ground> {
  const { config, slices, log } = options;
  const keys = await withSecond(openKeys(config.folder, config.origin), config);
  announceKeys(config, keys);
  const named = rosterOf(config);
  const { store, database } = await openData(options, running);
  const book = new KeyBook({ sql: database, config, log, words: await wordsOf(store, config.agency) });
  const roster = named.following(config.peers, book);
  await takeUpKeys({ config, store, database, keys, log });
  const publish = publisherOfSlices(slices);
  const [clock, pulse, metrics] = [new Clock(), new Pulse(), new Metrics()];
  const tiles = new StoredTiles(database, config.origin);
  return { options, store, database, tiles, publish, pulse, metrics, keys, book, roster, clock };
}

/** The agency's own log in tlog-tiles layout. */
export function logFolder(config: Config): string {
  return join(config.folder, 'log');
}

/** The peers, with the keys that their logs have by now. */
export function peersOf({ peers }: Config, book: KeyBook): Peer[] {
  return peers.map((peer) => ({
    ...{ agency: peer.agency, url: peer.url, origin: peer.origin },
    key: () => book.logKey(peer.origin),
    learn: (served) => book.learn(peer.origin, served),
  }));
}
