// A whole service out of its parts, in the order in which they need each other, and back in reverse.
import { CommandBus } from '@nestjs/cqrs';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { DataSource } from 'typeorm';
import type { EventStore } from '#store/event-store';
import type { Ask } from './ask';
import { startBlobs } from './blobs';
import { Clock } from './clock';
import { httpUrl, isLoopback } from './config';
import type { Config } from './config';
import { createFeedApp, FeedAddress } from './feed-app';
import type { FeedAppParts } from './feed-app';
import { Files } from './files';
import { peerKeys } from './fsck/peer-keys';
import { openKafka } from './kafka';
import { KeyBook } from './key-book';
import { announceKeys, openKeys } from './keys';
import { takeUpKeys, wordsOf } from './announce-keys';
import type { Keys } from './keys';
import { LogFeed } from './log.api';
import type { Log } from './logging';
import { Metrics } from './metrics';
import { startJournal } from './journal/start-journal';
import { MirrorFeed } from './mirror.api';
import { openData } from './open-data';
import type { DataOptions, Running } from './open-data';
import { startFollowers } from './peers';
import type { Peer } from './peers';
import { publisherOfSlices } from './publishing';
import type { Publisher } from './publishing';
import { Pulse } from './pulse';
import { startReactors } from './reactors';
import { startRelay } from './relay';
import type { Relay } from './relay';
import { openSealing } from './sealing/open-sealing';
import { SelfCheck } from './self-check';
import { serviceApp } from './service-app';
import type { Slice } from './slice';
import { startScrub } from './start-scrub';
import { namedIn } from './uploads';
import { ownEvents, peerEvents } from './views/sources';
import type { Source } from './views/sources';
import { startViews } from './views/start-views';
import type { Cosignatures } from './witness/cosignatures';
import { demandWholeHistory } from './witness/own-history';
import { rosterOf } from './witness/roster';
import { Witnessing } from './witness/start-witness';
import { StoredTiles } from './witness/stored-tiles';

export type Service = {
  /** For people. */
  readonly url: string;
  /** For peers and auditors. */
  readonly feedUrl: string;
  readonly database: DataSource;
  readonly clock: Clock;
  stop(): Promise<void>;
};

/** For the stop after a start that failed; an embedded PostgreSQL asks for most of it. */
const stopMs = 30_000;

export type AssembleOptions = DataOptions & {
  readonly slices: readonly Slice[];
  /** Folder of the built console. */
  readonly web: string;
};

/** @returns a service that listens. @throws whatever kept a part from starting; parts already started are stopped */
export async function assemble(options: AssembleOptions): Promise<Service> {
  const running: Running = [];
  const stop = async (): Promise<void> => {
    for (let part = running.pop(); part; part = running.pop()) {
      const { name } = part;
      await part.stop().catch((error: unknown) => options.log.error({ err: error }, `${name} did not stop in order`));
    }
  };
  try {
    return { ...(await start(options, running)), stop };
  } catch (error) {
    // A part that waits for what is not there must not keep the process from ending: the next start recovers.
    await Promise.race([stop(), pause(stopMs, undefined, { ref: false })]);
    throw error;
  }
}

async function start(options: AssembleOptions, running: Running): Promise<Omit<Service, 'stop'>> {
  const { config, slices, log } = options;
  const clock = new Clock();
  const pulse = new Pulse();
  const metrics = new Metrics();
  const keys = openKeys(config.folder, config.origin);
  announceKeys(config, keys);
  const named = rosterOf(config);
  const { store, database } = await openData(options, running);
  const book = new KeyBook({ sql: database, config, log, words: await wordsOf(store, config.agency) });
  const roster = named.following(config.peers, book);
  await takeUpKeys({ config, store, database, keys, log });
  const publish = publisherOfSlices(slices);
  await demandWholeHistory({ sql: database, origin: config.origin, key: keys.log, seats: roster.seats, log });
  const needs = { options, store, database, publish, pulse, keys, clock };
  const relay = await relayOf(needs, running);
  const witnessing = await Witnessing.open({
    ...{ config, database, keys, book, clock, pulse, log, roster },
    folder: logFolder(config),
    onFork: (origin) => metrics.forked(origin),
    onLost: (error) => options.onFatal('the own log went back', error),
  });
  const kafka = await openKafka({ config, database, pulse, folder: logFolder(config), log });
  if (kafka) running.push({ name: 'Kafka', stop: () => kafka.stop() });
  const peers = await startFollowers({
    carry: kafka?.carry,
    peers: peersOf(config, book),
    database,
    pulse,
    clock: () => clock.now(),
    own: { origin: config.origin, size: () => relay.size() },
    log,
    around: (inbox) => book.around(witnessing.around(inbox)),
  });
  running.push({ name: 'followers', stop: () => peers.stop() });
  const witness = witnessing.start(peers);
  running.push({ name: 'witness', stop: () => witnessing.stop() });
  const sealing = await openSealing({ config, database, publish, keys });
  const sources: Source[] = [
    ownEvents(store, config.agency, config.origin, publish),
    ...config.peers.map((peer) => peerEvents(database, pulse, peer, sealing.open)),
  ];
  const following = { database, sources, pulse, now: () => clock.now(), onFault: faultsOf(metrics, log) };
  const views = await startViews({ ...following, views: slices.flatMap((slice) => slice.views ?? []) });
  running.push({ name: 'views', stop: () => views.stop() });
  const files = await filesOf(needs, running);
  const journal = await startJournal({ config, database, store, keys, clock, log, onFatal: options.onFatal });
  running.push({ name: 'journal', stop: () => journal.stop() });
  const tiles = new StoredTiles(database, config.origin);
  const scrub = startScrub({ config, database, store, keys, book, files, clock, log, metrics, tiles });
  running.push({ name: 'scrub', stop: () => scrub?.stop() ?? Promise.resolve() });
  const { cosignatures } = witnessing;
  const published = feedOf(needs, book, relay, files, cosignatures);
  const mirror = new MirrorFeed(database, config.peers, tiles);
  const feed = await listenForPeers({ feed: published, witness, mirror, metrics, log }, config, running);
  const shared = { config, slices, log, web: options.web, files, feed, cosignatures, roster, tiles };
  const parts = {
    ...shared,
    store,
    database,
    keys,
    book,
    clock,
    pulse,
    metrics,
    relay,
    peers,
    views,
    kafka,
    scrub,
    journal,
    sealing,
  };
  const app = await serviceApp(parts);
  running.push({ name: 'web', stop: () => app.close() });
  const bus = app.get(CommandBus);
  const reactors = startReactors({
    ...following,
    reactors: slices.flatMap((slice) => slice.reactors ?? []),
    agency: config.agency,
    ask: (ask: Ask) => bus.execute(ask),
  });
  running.push({ name: 'reactors', stop: () => reactors.stop() });
  await sealing.announce(slices, (ask) => bus.execute(ask));
  journal.anchor((ask) => bus.execute(ask));
  await app.listen(config.port, config.host);
  const [url, feedUrl] = [httpUrl(config.host, portOf(app)), feed.url(undefined)];
  return { url, feedUrl, database, clock };
}

/** Before people's port is open: what that says about the feed is true from the first moment. */
async function listenForPeers(parts: FeedAppParts, config: Config, running: Running): Promise<FeedAddress> {
  const { host, feedHost, feedPort } = config;
  const app = await createFeedApp(parts);
  running.push({ name: 'feed', stop: () => app.close() });
  await app.listen(feedPort, feedHost);
  if (feedHost === host && !isLoopback(host)) {
    parts.log.warn(
      { feedHost },
      'whoever reaches the portal reaches the whole log; set SANFANG_FEED_HOST to part them',
    );
  }
  return new FeedAddress(feedHost, portOf(app));
}

type RelayNeeds = {
  readonly options: AssembleOptions;
  readonly store: EventStore;
  readonly database: DataSource;
  readonly publish: Publisher;
  readonly pulse: Pulse;
  readonly keys: Keys;
  readonly clock: Clock;
};

async function relayOf({ options, keys, clock, ...parts }: RelayNeeds, running: Running): Promise<Relay> {
  const { config, log, onFatal } = options;
  const relay = await startRelay({
    ...parts,
    origin: config.origin,
    signer: keys.log,
    folder: logFolder(config),
    clock: () => clock.now(),
    onFatal: (error) => onFatal('the relay stopped', error),
    log,
  });
  running.push({ name: 'relay', stop: () => relay.stop() });
  return relay;
}

/** Evidence files, and those that peers speak of. */
async function filesOf({ options, store, database, pulse, keys, clock }: RelayNeeds, running: Running): Promise<Files> {
  const { config, log } = options;
  const files = new Files(join(config.folder, 'files'), (error, what) => log.warn({ err: error }, what));
  await files.recover(namedIn(store));
  const fetching = { peers: config.peers, signer: keys.log, database, files, pulse, clock: () => clock.now(), log };
  const blobs = startBlobs(fetching);
  running.push({ name: 'blobs', stop: () => blobs.stop() });
  return files;
}

/** The agency's own log in tlog-tiles layout. */
function logFolder(config: Config): string {
  return join(config.folder, 'log');
}

function feedOf(parts: RelayNeeds, book: KeyBook, relay: Relay, files: Files, cosignatures: Cosignatures): LogFeed {
  const { options, store, database, publish, pulse, keys, clock } = parts;
  const { config } = options;
  const folder = logFolder(config);
  const checked = { store, database, publish, key: keys.log, folder, peerKey: peerKeys(book) };
  return new LogFeed({
    folder,
    size: () => relay.size(),
    pulse,
    clock: () => clock.now(),
    selfCheck: new SelfCheck(checked),
    peers: peersOf(config, book),
    files,
    dressed: (note) => cosignatures.dressed(note),
  });
}

function peersOf({ peers }: Config, book: KeyBook): Peer[] {
  return peers.map((peer) => ({
    ...{ agency: peer.agency, url: peer.url, origin: peer.origin },
    key: () => book.logKey(peer.origin),
    learn: (served) => book.learn(peer.origin, served),
  }));
}

function faultsOf(metrics: Metrics, log: Log): (what: string, error: unknown) => void {
  return (what, error) => {
    metrics.faulted(what.split(' ')[0] ?? 'unknown');
    log.error({ err: error }, what);
  };
}

function portOf(app: NestFastifyApplication): number {
  return (app.getHttpServer().address() as { port: number }).port;
}
