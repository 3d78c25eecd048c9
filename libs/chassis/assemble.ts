// A whole service out of its parts, in the order in which they need each other, and back in reverse.
import { CommandBus } from '@nestjs/cqrs';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { DataSource } from 'typeorm';
import type { Agency } from '#kernel/envelope';
import type { Ask } from './ask';
import { startBlobs } from './blobs';
import type { Clock } from './clock';
import { httpUrl, isLoopback } from './config';
import { Keeping } from './copies/keeping';
import { copiesOf } from './copies/making';
import { Duties } from './duties';
import { createFeedApp, FeedAddress } from './feed-app';
import { Files } from './files';
import { peerKeys, witnessKeys } from './fsck/peer-keys';
import { openKafka } from './kafka';
import type { KafkaLink } from './kafka';
import { LogFeed } from './log.api';
import type { Log } from './logging';
import type { Metrics } from './metrics';
import { groundOf, logFolder, peersOf } from './ground';
import type { Ground } from './ground';
import { startJournal } from './journal/start-journal';
import { MirrorFeed } from './mirror.api';
import type { DataOptions, Running } from './open-data';
import { startFollowers } from './peers';
import type { Peers } from './peers';
import { Reads } from './reads';
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
import type { ClockSkews } from './witness/skew';
import { demandWholeHistory } from './witness/own-history';
import { Witnessing } from './witness/start-witness';
import type { WitnessFeed } from './witness/witness.api';

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
  const ground = await groundOf(options, running);
  const { database, clock, pulse, metrics, store, keys, book, tiles } = ground;
  const sharing = await share(ground, running);
  const { views, following, sealing } = await readAll(ground, running);
  const files = await filesOf(ground, running);
  const journal = await startJournal({ config, database, store, keys, clock, log, onFatal: options.onFatal });
  running.push({ name: 'journal', stop: () => journal.stop() });
  const scrub = startScrub({ config, database, store, keys, book, files, clock, log, metrics, tiles });
  running.push({ name: 'scrub', stop: () => scrub?.stop() ?? Promise.resolve() });
  const feed = await listenForPeers(ground, sharing, files, running);
  const { relay, peers, kafka, cosignatures, skews } = sharing;
  const shown = {
    config,
    slices,
    log,
    web: options.web,
    files,
    feed,
    cosignatures,
    skews,
    roster: ground.roster,
    tiles,
  };
  const read = { relay, peers, views, kafka, scrub, journal, sealing };
  const app = await serviceApp({ ...shown, ...read, store, database, keys, book, clock, pulse, metrics });
  running.push({ name: 'web', stop: () => app.close() });
  const bus = app.get(CommandBus);
  const ask = (asked: Ask) => bus.execute<Ask, unknown>(asked);
  const reactors = startReactors({
    ...following,
    reactors: slices.flatMap((slice) => slice.reactors ?? []),
    agency: config.agency,
    ask: (asked: Ask) => bus.execute(asked),
  });
  running.push({ name: 'reactors', stop: () => reactors.stop() });
  const duties = new Duties({
    ...{ duties: slices.flatMap((slice) => slice.duties ?? []), agency: config.agency, clock, ask, log },
    ...{ reads: app.get(Reads), logs: () => logsOf(config, peers) },
  });
  running.push({ name: 'duties', stop: () => duties.stop() });
  running.push(await sealing.tend(ask, faultsOf(metrics, log)));
  journal.anchor(ask);
  await app.listen(config.port, config.host);
  const [url, feedUrl] = [httpUrl(config.host, portOf(app)), feed.url(undefined)];
  return { url, feedUrl, database, clock };
}

/** The shared stream: the own log, the peers' logs, and who witnesses them. */
type Sharing = {
  readonly relay: Relay;
  readonly kafka: KafkaLink | undefined;
  readonly peers: Peers;
  readonly witness: WitnessFeed;
  readonly cosignatures: Cosignatures;
  readonly skews: ClockSkews;
};

async function share(ground: Ground, running: Running): Promise<Sharing> {
  const { options, database, tiles, keys, book, roster, clock, pulse, metrics } = ground;
  const { config, log, onFatal } = options;
  const mirrors = config.peers.map((peer) => ({ name: peer.agency, url: `${peer.url}/mirror` }));
  const { origin } = config;
  await demandWholeHistory({ sql: database, origin, key: keys.log, seats: roster.seats, mirrors, log });
  const relay = await relayOf(ground, running);
  const witnessing = await Witnessing.open({
    ...{ config, database, tiles, keys, book, clock, pulse, log, roster },
    folder: logFolder(config),
    onFork: (origin) => metrics.forked(origin),
    onLost: (error) => onFatal('the own log went back', error),
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
  return { relay, kafka, peers, witness, cosignatures: witnessing.cosignatures, skews: witnessing.skews };
}

/** Read models over the own events and the peers'. */
async function readAll({ options, store, database, publish, pulse, metrics, keys, clock }: Ground, running: Running) {
  const { config, slices, log } = options;
  const sealing = await openSealing({ config, slices, database, store, publish, keys, clock: () => clock.now() });
  const sources: Source[] = [
    ownEvents(store, config.agency, config.origin, publish),
    ...config.peers.map((peer) => peerEvents(database, pulse, peer, sealing.open)),
  ];
  const following = { database, sources, pulse, now: () => clock.now(), onFault: faultsOf(metrics, log) };
  const views = await startViews({ ...following, views: slices.flatMap((slice) => slice.views ?? []) });
  running.push({ name: 'views', stop: () => views.stop() });
  return { sealing, following, views };
}

/** Before people's port is open: what that says about the feed is true from the first moment. */
async function listenForPeers(ground: Ground, sharing: Sharing, files: Files, running: Running): Promise<FeedAddress> {
  const { options, database, metrics, tiles } = ground;
  const { config, log } = options;
  const { host, feedHost, feedPort } = config;
  const mirror = new MirrorFeed(database, peersOf(config, ground.book), tiles, () => ground.clock.now());
  const feed = feedOf(ground, sharing, files);
  const app = await createFeedApp({ feed, witness: sharing.witness, mirror, metrics, log });
  running.push({ name: 'feed', stop: () => app.close() });
  await app.listen(feedPort, feedHost);
  if (feedHost === host && !isLoopback(host)) {
    log.warn({ feedHost }, 'whoever reaches the portal reaches the whole log; set SANFANG_FEED_HOST to part them');
  }
  return new FeedAddress(feedHost, portOf(app));
}

async function relayOf(ground: Ground, running: Running): Promise<Relay> {
  const { options, store, database, publish, pulse, keys, clock } = ground;
  const { config, log, onFatal } = options;
  const relay = await startRelay({
    ...{ store, database, publish, pulse },
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

/** Evidence files, and those that peers speak of; beside them the peers' sealed copies. */
async function filesOf({ options, store, database, pulse, keys, clock }: Ground, running: Running): Promise<Files> {
  const { config, log } = options;
  const files = new Files(join(config.folder, 'files'), (error, what) => log.warn({ err: error }, what));
  await files.recover(namedIn(store));
  const fetching = { peers: config.peers, signer: keys.log, database, files, pulse, clock: () => clock.now(), log };
  const blobs = startBlobs(fetching);
  running.push({ name: 'blobs', stop: () => blobs.stop() });
  const keeping = new Keeping(fetching);
  running.push({ name: 'copies', stop: () => keeping.stop() });
  return files;
}

function feedOf(ground: Ground, { relay, cosignatures }: Sharing, files: Files): LogFeed {
  const { options, store, database, publish, pulse, keys, book, roster, clock } = ground;
  const { config } = options;
  const folder = logFolder(config);
  const witnesses = witnessKeys(config, roster, keys.witness);
  const checked = { store, database, publish, key: keys.log, folder, peerKey: peerKeys(book), witnesses };
  return new LogFeed({
    folder,
    size: () => relay.size(),
    pulse,
    clock: () => clock.now(),
    selfCheck: new SelfCheck(checked),
    peers: peersOf(config, book),
    files,
    dressed: (note) => cosignatures.dressed(note),
    copies: copiesOf(config, { store, sql: database, keys: keys.recovery, size: () => relay.size() }),
  });
}

/** The own log and the peers', with the entries that are held here. */
function logsOf({ agency }: { readonly agency: Agency }, peers: Peers) {
  const own = { agency, ...peers.own() };
  return [own, ...peers.states().map((peer) => ({ agency: peer.agency, origin: peer.origin, size: peer.size }))];
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
