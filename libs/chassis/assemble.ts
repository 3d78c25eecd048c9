// A whole service out of its parts, in the order in which they need each other, and back in reverse.
import { CommandBus } from '@nestjs/cqrs';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { join } from 'node:path';
import type { DataSource } from 'typeorm';
import type { EventStore, ServedStore } from '#store/event-store';
import { formatVkey } from '#tlog/key';
import type { Ask } from './ask';
import { blobMigrations, startBlobs } from './blobs';
import { Clock } from './clock';
import { httpUrl, isLoopback } from './config';
import type { Config, PeerConfig } from './config';
import { openDatabase } from './database';
import { createFeedApp, FeedAddress } from './feed-app';
import type { FeedAppParts } from './feed-app';
import { Files } from './files';
import { identityMigrations } from './identity/tables';
import { openKafka } from './kafka';
import { announceKey, openKeys, peerKey } from './keys';
import type { Keys } from './keys';
import { LogFeed } from './log.api';
import type { Log } from './logging';
import { Metrics } from './metrics';
import { openStore } from './open-store';
import { inboxMigrations, startFollowers } from './peers';
import type { Peer } from './peers';
import { assertDurable } from './postgres/durability';
import { publisherOf } from './publishing';
import type { Publisher } from './publishing';
import { Pulse } from './pulse';
import { startReactors } from './reactors';
import { startRelay } from './relay';
import type { Relay } from './relay';
import { logMigrations } from './relay-tables';
import { SelfCheck } from './self-check';
import { serviceApp } from './service-app';
import type { Slice } from './slice';
import { storeHomeMigrations } from './store-home';
import { namedIn } from './uploads';
import { ownEvents, peerEvents } from './views/sources';
import type { Source } from './views/sources';
import { startViews, viewMigrations } from './views/start-views';

export type Service = {
  /** For people. */
  readonly url: string;
  /** For peers and auditors. */
  readonly feedUrl: string;
  readonly database: DataSource;
  readonly clock: Clock;
  stop(): Promise<void>;
};

export type AssembleOptions = {
  readonly config: Config;
  readonly slices: readonly Slice[];
  readonly log: Log;
  /** Folder of the built console. */
  readonly web: string;
  /** Told when the service cannot go on: it must end itself, and its supervisor starts it again. */
  readonly onFatal: (what: string, error: Error) => void;
};

/** What is already running, newest last. */
type Running = { readonly name: string; readonly stop: () => Promise<unknown> }[];

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
    await stop();
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
  const databaseUrl = config.databaseUrl ?? (await embedded(options, running));
  const { store, database } = await open(databaseUrl, options, running);
  const publish = publisherOf(slices.flatMap((slice) => slice.publishing ?? []));
  const relay = await relayOf({ options, store, database, publish, pulse, keys, clock }, running);
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
  });
  running.push({ name: 'followers', stop: () => peers.stop() });
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
  const published = feedOf({ options, store, database, publish, pulse, keys, clock }, relay, files);
  const feed = await listenForPeers({ feed: published, metrics, log }, config, running);
  const shared = { config, slices, log, web: options.web, files, feed };
  const app = await serviceApp({ ...shared, store, database, keys, clock, pulse, metrics, relay, peers, views, kafka });
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

/** An embedded database that ends by itself takes the service with it: both come back together. */
async function embedded({ config, log, onFatal }: AssembleOptions, running: Running): Promise<string> {
  // Only those who need a server of their own pay for loading its launcher.
  const { startEmbedded } = await import('#chassis/postgres/embedded');
  const folder = join(config.folder, 'postgres');
  const server = await startEmbedded({ folder, name: 'sanfang', log: (line) => log.warn({}, line) });
  server.onExit((why) => onFatal('the embedded PostgreSQL ended', new Error(why)));
  running.push({ name: 'PostgreSQL', stop: () => server.stop() });
  return server.url;
}

async function open(
  url: string,
  { config, log, onFatal }: AssembleOptions,
  running: Running,
): Promise<{ store: ServedStore; database: DataSource }> {
  const applicationName = `sanfang-${config.agency}`;
  const database = await openDatabase({
    url,
    applicationName,
    migrations: [
      ...logMigrations,
      ...inboxMigrations,
      ...viewMigrations,
      ...identityMigrations,
      ...blobMigrations,
      ...storeHomeMigrations,
    ],
    onPoolError: (error) => log.warn({ err: error }, 'a database connection broke; the next query opens another'),
  });
  running.push({ name: 'database', stop: () => database.destroy() });
  const asked = async (sql: string) => ({ rows: (await database.query(sql)) as unknown[] });
  const warnings = await assertDurable(asked, config.databaseUrl === undefined ? 'embedded' : 'external');
  for (const warning of warnings) log.warn({}, warning);
  const fatal = (error: Error): void => onFatal('the event store cannot write any more', error);
  const store = await openStore({ config, database, databaseUrl: url, applicationName, onFatal: fatal });
  running.push({ name: 'store', stop: () => store.close() });
  return { store, database };
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

function feedOf(parts: RelayNeeds, relay: Relay, files: Files): LogFeed {
  const { options, store, database, publish, pulse, clock } = parts;
  const { config } = options;
  const folder = logFolder(config);
  return new LogFeed({
    folder,
    size: () => relay.size(),
    pulse,
    clock: () => clock.now(),
    selfCheck: new SelfCheck({ store, database, publish, origin: config.origin, folder }),
    peers: peersOf(config),
    files,
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
