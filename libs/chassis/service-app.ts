// The web side of a service: what its controllers may ask for, and what it tells those who watch it.
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { join } from 'node:path';
import type { DataSource } from 'typeorm';
import type { ServedStore } from '#store/event-store';
import { Addresses } from './addresses';
import { Asking } from './asking';
import type { Clock } from './clock';
import type { Config } from './config';
import { FeedAddress, FeedPointerApi } from './feed-app';
import type { Files } from './files';
import { Readiness } from './health.api';
import type { KafkaLink } from './kafka';
import type { KeyBook } from './key-book';
import { AnchorWatch } from './journal/anchor-watch';
import type { Journal } from './journal/journal';
import type { Keys } from './keys';
import type { Log } from './logging';
import type { Metrics } from './metrics';
import { Peers } from './peers';
import type { Pulse } from './pulse';
import { Reads } from './reads';
import type { Standing } from './reads';
import { RebuildApi, RunningViews } from './rebuild.api';
import type { Relay } from './relay';
import type { Scrub } from './scrub';
import type { Sealing } from './sealing/open-sealing';
import type { Slice } from './slice';
import { Bodies } from './subjects/bodies';
import type { Views } from './views/start-views';
import { createWebApp } from './web-app';
import type { Cosignatures } from './witness/cosignatures';
import { Holdings } from './witness/holdings';
import { Passports } from './witness/passports';
import { Proofs } from './witness/proofs';
import type { KnownLog } from './witness/proofs';
import { Roster } from './witness/roster';
import { ClockSkews } from './witness/skew';
import type { StoredTiles } from './witness/stored-tiles';

export type ServiceAppNeeds = {
  readonly config: Config;
  readonly slices: readonly Slice[];
  readonly log: Log;
  /** Folder of the built console. */
  readonly web: string;
  readonly files: Files;
  readonly feed: FeedAddress;
  readonly cosignatures: Cosignatures;
  readonly roster: Roster;
  readonly tiles: StoredTiles;
  readonly store: ServedStore;
  readonly database: DataSource;
  readonly keys: Keys;
  readonly book: KeyBook;
  readonly clock: Clock;
  readonly pulse: Pulse;
  readonly metrics: Metrics;
  readonly relay: Relay;
  readonly peers: Peers;
  readonly views: Views;
  readonly kafka: KafkaLink | undefined;
  readonly scrub: Scrub | undefined;
  readonly journal: Journal;
  readonly sealing: Sealing;
  readonly skews: ClockSkews;
};

export function serviceApp(needs: ServiceAppNeeds): Promise<NestFastifyApplication> {
  const { config, slices, log, web, store, database, keys, clock, pulse, metrics, relay, peers, views } = needs;
  const asking = new Asking({
    store,
    clock,
    seen: (cause) => peers.seen(cause),
    seal: needs.sealing.seal,
    commitKey: keys.commitKey,
    digest: config.profile === 'gm' ? 'sm3' : undefined,
    onOutcome: (decider, command, outcome) => metrics.asked(decider, command, outcome),
    onAppend: (seconds) => metrics.appended(seconds),
  });
  metrics.watchParts({
    storePosition: async () => Number((await store.head()) ?? 0n),
    viewPosition: () => Number(views.position()),
    logSize: () => relay.size(),
    peers: () => peers.states(),
    cosigned: () => cosignedSizes(needs),
  });
  const anchors = watchOf(needs);
  metrics.watchAnchors(() => anchors.states());
  needs.kafka?.watch(metrics.registry, config.origin);
  return createWebApp({
    config,
    sql: database,
    asking,
    clock,
    pulse,
    files: needs.files,
    metrics,
    readiness: readinessOf(needs),
    log,
    web,
    controllers: [FeedPointerApi, RebuildApi, ...slices.flatMap((slice) => slice.api ?? [])],
    providers: [
      { provide: FeedAddress, useValue: needs.feed },
      { provide: Roster, useValue: needs.roster },
      {
        provide: Reads,
        useValue: new Reads(database, views, pulse, config.origin, originsOf(config), standingOf(needs)),
      },
      { provide: Addresses, useValue: new Addresses(database, config.origin) },
      ...provenBy(needs),
      { provide: Peers, useValue: peers },
      { provide: Bodies, useValue: needs.sealing.bodies },
      { provide: AnchorWatch, useValue: anchors },
      { provide: ClockSkews, useValue: needs.skews },
      { provide: RunningViews, useValue: new RunningViews(views) },
    ],
  });
}

function watchOf({ config, database: sql, clock, journal }: ServiceAppNeeds): AnchorWatch {
  const { agency, origin, peers, anchorSeconds: everySeconds } = config;
  const own = { agency, origin, lastAt: () => journal.lastAt() };
  return new AnchorWatch({ sql, own, peers, everySeconds, clock: () => clock.now() });
}

/** What stands for the records: passports, the proofs of a page, and the comparison of all copies. */
function provenBy({ config, database: sql, roster, keys, book, relay, peers, tiles }: ServiceAppNeeds) {
  const passports = new Passports(sql, config.origin, roster, tiles);
  const { agency, origin } = config;
  const own: KnownLog = {
    ...{ agency, origin },
    key: () => Promise.resolve(keys.log),
    handovers: () => Promise.resolve(keys.handovers),
    size: () => relay.size(),
    stopped: () => false,
  };
  const others = config.peers.map((peer): KnownLog => {
    const state = () => peers.states().find((each) => each.origin === peer.origin);
    return {
      ...{ agency: peer.agency, origin: peer.origin },
      key: () => book.logKey(peer.origin),
      handovers: () => book.handovers(peer.origin),
      size: () => state()?.size ?? 0,
      stopped: () => state()?.state === 'stopped',
    };
  });
  const logs: [KnownLog, ...KnownLog[]] = [own, ...others];
  const folder = join(config.folder, 'evidence');
  const proofs = { sql, logs, roster, ownWitness: keys.witness, tiles, ownWords: book.ownWords() };
  return [
    { provide: Passports, useValue: passports },
    { provide: Proofs, useValue: new Proofs({ ...proofs, passports }) },
    { provide: Holdings, useValue: new Holdings({ sql, logs, roster, folder }) },
  ];
}

function standingOf({ cosignatures, peers }: ServiceAppNeeds): Standing {
  return {
    reach: (origin) => cosignatures.reach(origin),
    firstWitnessed: (origin, index) => cosignatures.firstWitnessed(origin, index),
    peers: () => peers.states(),
  };
}

function cosignedSizes({ config, cosignatures }: ServiceAppNeeds) {
  return [config.origin, ...originsOf(config)].flatMap((origin) =>
    cosignatures.reach(origin).by.map(({ name, size }) => ({ origin, witness: name, size })),
  );
}

function originsOf({ peers }: Config): string[] {
  return peers.map(({ origin }) => origin);
}

/** A peer that is down makes nobody unready: the others go on working without it. */
function readinessOf({ store, database, relay, peers, views, kafka, scrub, journal }: ServiceAppNeeds): Readiness {
  return new Readiness({
    database: async () => ({ ok: (await database.query('select 1')).length === 1 }),
    writer: () => ({ ok: store.isWritable() }),
    relay: () => ({ ok: true, detail: `${relay.size()} entries` }),
    journal: () => ({ ok: true, detail: `${journal.size()} events` }),
    views: () => ({ ok: views.ready() }),
    peers: () => ({ ok: true, detail: peers.states().map(describe).join(', ') }),
    ...(kafka && { kafka: () => kafka.check() }),
    // Damage makes nobody unready: what is damaged is refused where it is read.
    ...(scrub && { scrub: async () => ({ ok: true, detail: await scrub.detail() }) }),
  });
}

function describe({ agency, state, size }: ReturnType<Peers['states']>[number]): string {
  return `${agency} ${state} at ${size}`;
}
