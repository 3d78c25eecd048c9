// Everything an agency keeps, read again and compared with what was signed. The check that anybody may ask the running
// service for (`/log/self-check`) and the operator's `fsck` are this one pass; the scrub walks the same steps slowly.
import type { EventStore } from '#store/event-store';
import type { VerifierKey } from '#tlog/key';
import type { Sql } from '../database';
import type { Publisher } from '../publishing';
import { judgeCosigned, judgeWitnessState } from './cosigned';
import type { WitnessKeys } from './cosigned';
import type { Finding } from './finding';
import { OwnEvents } from './own-events';
import { OwnLog } from './own-log';
import { PeerLog } from './peer-log';

export type CheckParts = {
  readonly store: EventStore;
  readonly database: Sql;
  readonly publish: Publisher;
  /** Of the own log. */
  readonly key: VerifierKey;
  /** The own log's folder, tlog-tiles layout. */
  readonly folder: string;
  /** Verifier keys of the peers' logs, as far as they are known. */
  readonly peerKey?: (origin: string) => Promise<VerifierKey | undefined>;
  /** Without them, what witnesses said is left unread. */
  readonly witnesses?: WitnessKeys;
};

export type Depth = {
  /** Every checkpoint ever signed, instead of the last. */
  readonly allCheckpoints: boolean;
  readonly onProgress?: (what: string, done: bigint, size: bigint) => void;
};

/** Events, entries, files and signatures of the own log, then the copies of the peers' logs. */
export async function* checkLogs(parts: CheckParts, depth: Depth): AsyncGenerator<Finding, void> {
  yield* checkOwn(parts, depth);
  for (const origin of await PeerLog.origins(parts.database)) {
    const log = await PeerLog.open(parts.database, origin, await parts.peerKey?.(origin));
    yield* log.findings;
    for (let n = 0n; n < log.bundles; n++) {
      depth.onProgress?.(origin, n, log.bundles);
      yield* log.judgeBundle(n);
    }
    if (parts.witnesses) yield* judgeWitnessState(parts.database, origin, parts.witnesses);
  }
}

async function* checkOwn(parts: CheckParts, depth: Depth): AsyncGenerator<Finding, void> {
  const { store, database, publish, folder, key, witnesses } = parts;
  const log = await OwnLog.open({ sql: database, folder, key });
  const events = new OwnEvents(store, publish);
  try {
    for (let n = 0n; n < log.bundles; n++) {
      depth.onProgress?.(key.name, n, log.bundles);
      yield* log.judgeBundle(n);
      yield* events.judgeBundle(log, n);
    }
    yield* events.judgeRest(log, database);
  } finally {
    await events.end();
  }
  for (const { level, n } of log.upperTiles()) yield* log.judgeUpperTile(level, n);
  yield* log.judgeEarlierFiles();
  yield* log.judgeHead();
  yield* log.judgeCheckpoints(depth.allCheckpoints);
  yield* log.judgeShown();
  if (witnesses) yield* judgeCosigned(database, { origin: key.name, folder }, witnesses, depth.allCheckpoints);
}
