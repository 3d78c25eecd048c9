// A whole service out of its parts, in the order in which they need each other, and back in reverse.
import { CommandBus } from '@nestjs/cqrs';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { DataSource } from 'typeorm';
import type { EventStore } from '#store/event-store';
import { formatVkey } from '#tlog/key';
import type { Ask } from './ask';
import { startBlobs } from './blobs';
import { Clock } from './clock';
import { httpUrl, isLoopback } from './config';
import type { Config, PeerConfig } from './config';
import { createFeedApp, FeedAddress } from './feed-app';
import type { FeedAppParts } from './feed-app';
import { Files } from './files';
import { peerKeys, witnessKeys } from './fsck/peer-keys';
import { openKafka } from './kafka';
import { announceKey, openKeys, peerKey } from './keys';
import type { Keys } from './keys';
import { LogFeed } from './log.api';
import type { Log } from './logging';
import { Metrics } from './metrics';
import { MirrorFeed } from './mirror.api';
import { openData } from './open-data';
import type { DataOptions, Running } from './open-data';
import { startFollowers } from './peers';
import type { Peer } from './peers';
import { publisherOf } from './publishing';
import type { Publisher } from './publishing';
import { Pulse } from './pulse';
import { startReactors } from './reactors';
import { startRelay } from './relay';
import type { Relay } from './relay';
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
  announceKey(config.trustFolder, config.agency, keys.vkey);
  announceKey(config.trustFolder, `${config.agency}.witness`, keys.witnessVkey);
  const roster = rosterOf(config);
  const { store, database } = await openData(options, running);
  const publish = publisherOf(slices.flatMap((slice) => slice.publishing ?? []));
  await demandWholeHistory({ sql: database, origin: config.origin, key: keys.log, seats: roster.seats, log });
  const relay = await relayOf({ options, store, database, publish, pulse, keys, clock }, running);
  const witnessing = await Witnessing.open({
    ...{ config, database, keys, clock, pulse, log, roster },
    folder: logFolder(config),
    onFork: (origin) => metrics.forked(origin),
    onLost: (error) => options.onFatal('the own log went back', error),
  });
  const kafka = await openKafka({ config, database, pulse, folder: logFolder(config), log });
  if (kafka) running.push({ name: 'Kafka', stop: () => kafka.stop() });
  const peers = await startFollowers({
    carry: kafka?.carry,
    peers: peersOf(config),
    database,
    pulse,
    clock: () => clock.now(),
    own: { origin: config.origin, size: () => relay.size() },
    log,
    around: (inbox) => witnessing.around(inbox),
  });
  running.push({ name: 'followers', stop: () => peers.stop() });
  const witness = witnessing.start(peers);
  running.push({ name: 'witness', stop: () => witnessing.stop() });
  const sources: Source[] = [
    ownEvents(store, config.agency, config.origin, publish),
    ...config.peers.map((peer) => peerEvents(database, pulse, peer.agency, peer.origin)),
  ];
  const following = { database, sources, pulse, now: () => clock.now(), onFault: faultsOf(metrics, log) };
  const views = await startViews({ ...following, views: slices.flatMap((slice) => slice.views ?? []) });
  running.push({ name: 'views', stop: () => views.stop() });
  const files = new Files(join(config.folder, 'files'), (error, what) => log.warn({ err: error }, what));
  await files.recover(namedIn(store));
  const fetching = { peers: peersOf(config), signer: keys.log, database, files, pulse, clock: () => clock.now(), log };
  const blobs = startBlobs(fetching);
  running.push({ name: 'blobs', stop: () => blobs.stop() });
  const scrub = startScrub({ config, database, store, keys, files, clock, log, metrics });
  running.push({ name: 'scrub', stop: () => scrub?.stop() ?? Promise.resolve() });
  const { cosignatures } = witnessing;
  const published = feedOf({ options, store, database, publish, pulse, keys, clock }, relay, files, cosignatures);
  const mirror = new MirrorFeed(database, config.peers);
  const feed = await listenForPeers({ feed: published, witness, mirror, metrics, log }, config, running);
  const shared = { config, slices, log, web: options.web, files, feed, cosignatures, roster };
  const parts = { ...shared, store, database, keys, clock, pulse, metrics, relay, peers, views, kafka, scrub };
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

/** The agency's own log in tlog-tiles layout. */
function logFolder(config: Config): string {
  return join(config.folder, 'log');
}

function feedOf(parts: RelayNeeds, relay: Relay, files: Files, cosignatures: Cosignatures): LogFeed {
  const { options, store, database, publish, pulse, keys, clock } = parts;
  const { config } = options;
  const folder = logFolder(config);
  const witnesses = witnessKeys(config, rosterOf(config), keys.witness);
  const checked = { store, database, publish, key: keys.log, folder, peerKey: peerKeys(config), witnesses };
  return new LogFeed({
    folder,
    size: () => relay.size(),
    pulse,
    clock: () => clock.now(),
    selfCheck: new SelfCheck(checked),
    peers: peersOf(config),
    files,
    dressed: (note) => cosignatures.dressed(note),
  });
}

function peersOf(config: Config): Peer[] {
  return config.peers.map((peer) => ({ ...peer, vkey: () => vkeyOf(config.trustFolder, peer) }));
}

async function vkeyOf(trustFolder: string, peer: PeerConfig): Promise<string | undefined> {
  const key = await peerKey(trustFolder, peer);
  return key && formatVkey(key);
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
