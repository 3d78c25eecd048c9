// What the scrub walks through: the own log's bundles, its upper tiles, its signatures, each peer's log in the inbox, and
// the evidence files; and from where each of them is healed.
import type { EventStore } from '#store/event-store';
import { StreamNotFound } from '#store/event-store';
import { blobPass } from '#stream/blob-pass';
import { getBytes } from '#stream/http-get';
import { httpSource } from '#stream/http-source';
import type { LogSource } from '#tlog/log-reader';
import type { SigningKey, VerifierKey } from '#tlog/key';
import type { Sql } from './database';
import type { Files } from './files';
import type { Finding } from './fsck/finding';
import { healOwnBundle, healOwnFile, healPeerBundle } from './fsck/heal';
import type { Remote } from './fsck/heal';
import { judgeKeptFile, keptFiles } from './fsck/kept-files';
import { OwnLog } from './fsck/own-log';
import { PeerLog } from './fsck/peer-log';
import { mirrorName } from './mirror.api';
import type { Stretch } from './scrub';

export type StretchParts = {
  readonly sql: Sql;
  readonly store: EventStore;
  readonly key: SigningKey;
  /** The own log's folder, tlog-tiles layout. */
  readonly folder: string;
  /** `<data>/<agency>/files` */
  readonly filesFolder: string;
  readonly files: Pick<Files, 'put'>;
  readonly peers: readonly { readonly origin: string; readonly url: string }[];
  readonly peerKey: (origin: string) => Promise<VerifierKey | undefined>;
  /** RFC 3339 UTC. */
  readonly clock: () => string;
  /** Told of the log of which rows were replaced. */
  readonly onHealed: (origin: string) => void;
};

const evidenceBytes = 104_857_600;
const silenceMs = 5_000;

export function stretchesOf(parts: StretchParts): Stretch[] {
  const remotes = new Remotes(parts.peers);
  return [
    ownBundles(parts, remotes),
    upperTiles(parts),
    signatures(parts),
    ...parts.peers.map(({ origin }) => peerBundles(parts, remotes, origin)),
    evidence(parts),
  ];
}

function ownBundles({ sql, store, folder, key, onHealed }: StretchParts, remotes: Remotes): Stretch {
  const positionOf = async ({ stream, revision }: { stream: string; revision: number }) => {
    try {
      for await (const { position } of store.readStream(stream, { from: BigInt(revision), limit: 1 })) return position;
    } catch (error) {
      if (!(error instanceof StreamNotFound)) throw error;
    }
    return undefined;
  };
  return {
    name: 'own',
    async judge(n) {
      const log = await OwnLog.open({ sql, folder, key });
      return n < log.bundles ? all(log.judgeBundle(n)) : undefined;
    },
    async heal(n) {
      const elsewhere = remotes.of(key.name).map(
        ({ source }) =>
          (at: bigint, width: number) =>
            source.tile(0, at, width).catch(() => undefined),
      );
      const log = await OwnLog.open({ sql, folder, key, elsewhere });
      const from = await healOwnBundle({ sql, folder, positionOf, remotes: remotes.of(key.name) }, log, n);
      if (from !== undefined) onHealed(key.name);
      return from;
    },
  };
}

function upperTiles({ sql, folder, key }: StretchParts): Stretch {
  return {
    name: 'upper',
    async judge(step) {
      const log = await OwnLog.open({ sql, folder, key });
      let nth = 0n;
      for (const { level, n } of log.upperTiles()) if (nth++ === step) return all(log.judgeUpperTile(level, n));
      return undefined;
    },
    heal: (_step, findings) => healFiles({ sql, folder, key }, findings),
  };
}

/** Earlier files, the last signature, and what others are shown. */
function signatures({ sql, folder, key }: StretchParts): Stretch {
  return {
    name: 'signatures',
    async judge(step) {
      if (step > 0n) return undefined;
      const log = await OwnLog.open({ sql, folder, key });
      const shown = await all(log.judgeShown());
      return [...(await all(log.judgeEarlierFiles())), ...(await all(log.judgeCheckpoints(false))), ...shown];
    },
    heal: (_step, findings) => healFiles({ sql, folder, key }, findings),
  };
}

async function healFiles(
  { sql, folder, key }: Pick<StretchParts, 'sql' | 'folder' | 'key'>,
  findings: readonly Finding[],
): Promise<string | undefined> {
  const log = await OwnLog.open({ sql, folder, key });
  let from: string | undefined;
  for (const { fault, name } of findings) {
    // What was signed and what is shown are the relay's: a start writes the one from the other.
    if (name === undefined || (fault !== 'upperTile' && fault !== 'earlierFile')) continue;
    from = (await healOwnFile(folder, log, name)) ?? from;
  }
  return from;
}

function peerBundles({ sql, peerKey, clock, onHealed }: StretchParts, remotes: Remotes, origin: string): Stretch {
  return {
    name: origin,
    async judge(n) {
      const log = await PeerLog.open(sql, origin, await peerKey(origin));
      if (n >= log.bundles) return undefined;
      return [...(n === 0n ? log.findings : []), ...(await all(log.judgeBundle(n)))];
    },
    async heal(n) {
      const [owner] = remotes.of(origin);
      const tile = async (level: number, at: bigint, width: number) =>
        owner?.source.tile(level, at, width).catch(() => undefined);
      const log = await PeerLog.open(sql, origin, await peerKey(origin), tile);
      const from = await healPeerBundle({ sql, now: clock(), remotes: remotes.of(origin) }, log, n);
      if (from !== undefined) onHealed(origin);
      return from;
    },
  };
}

/** One file a step, in the order of their names as they were when the walk began. */
function evidence({ filesFolder, files, peers, key, clock }: StretchParts): Stretch {
  let walk = keptFiles(filesFolder);
  let at = { step: -1n, name: undefined as string | undefined };
  const nameAt = async (step: bigint): Promise<string | undefined> => {
    // Also after the end: files may have come since.
    if (step < at.step || at.name === undefined) {
      walk = keptFiles(filesFolder);
      at = { step: -1n, name: undefined };
    }
    while (at.step < step) {
      const next = await walk.next();
      at = { step: at.step + 1n, name: next.done ? undefined : next.value };
      if (next.done) break;
    }
    return at.step === step ? at.name : undefined;
  };
  return {
    name: 'evidence',
    async judge(step) {
      const name = await nameAt(step);
      if (name === undefined) return undefined;
      const finding = await judgeKeptFile(filesFolder, name);
      return finding ? [finding] : [];
    },
    async heal(_step, findings) {
      let from: string | undefined;
      for (const { name: sha256 = '' } of findings) {
        for (const { url, origin } of peers) {
          const headers = { authorization: blobPass(key, sha256, clock()) };
          const place = `${url.replace(/\/+$/, '')}/log/blob/${sha256}`;
          const bytes = await getBytes(place, evidenceBytes, { headers, silenceMs }).catch(() => undefined);
          const put = bytes && (await files.put(bytes, sha256).then(() => true, orOther));
          if (put) from = origin;
          if (put) break;
        }
      }
      return from;
    },
  };
}

/** The peer gave other bytes: the next one is asked. A fault of the own disk goes through. */
function orOther(error: NodeJS.ErrnoException): false {
  if (error.code !== undefined) throw error;
  return false;
}

/** Who else holds a log: its owner's feed first, then the mirrors of the others. */
class Remotes {
  private readonly sources = new Map<string, LogSource>();

  constructor(private readonly peers: StretchParts['peers']) {}

  of(origin: string): (Remote & { readonly source: LogSource })[] {
    const owner = this.peers.filter((peer) => peer.origin === origin);
    const others = this.peers.filter((peer) => peer.origin !== origin);
    return [
      ...owner.map((peer) => ({ name: peer.origin, source: this.at(peer.url, 'log') })),
      ...others.map((peer) => ({ name: peer.origin, source: this.at(peer.url, `mirror/${mirrorName(origin)}`) })),
    ];
  }

  private at(url: string, path: string): LogSource {
    const place = `${url.replace(/\/+$/, '')}/${path}`;
    const source = this.sources.get(place) ?? httpSource(place);
    this.sources.set(place, source);
    return source;
  }
}

async function all(findings: AsyncIterable<Finding>): Promise<Finding[]> {
  const list: Finding[] = [];
  for await (const finding of findings) list.push(finding);
  return list;
}
