// An agency with something in every part that it keeps, for tests that damage one part at a time: events, entries, files,
// signatures, a peer's log in the inbox, evidence, a read model. All parts are the real ones.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { DataSource } from 'typeorm';
import type { View } from '#kernel/view';
import { blobMigrations } from '#chassis/blobs';
import { readConfig } from '#chassis/config';
import type { Config } from '#chassis/config';
import { copyMigrations } from '#chassis/copies/keeping';
import { openDatabase } from '#chassis/database';
import { Files } from '#chassis/files';
import { journalMigrations } from '#chassis/journal/tables';
import { openKeys } from '#chassis/keys';
import type { Keys } from '#chassis/keys';
import { inboxMigrations } from '#chassis/peers';
import { publisherOfSlices } from '#chassis/publishing';
import { Pulse } from '#chassis/pulse';
import { startRelay } from '#chassis/relay';
import { sampleClock, sampleEvent, silent } from '#chassis/relay-sample';
import { logMigrations } from '#chassis/relay-tables';
import type { Slice } from '#chassis/slice';
import { storeHomeMigrations } from '#chassis/store-home';
import { ownEvents } from '#chassis/views/sources';
import { subjectMigrations } from '#chassis/subjects/tables';
import { startViews, viewMigrations } from '#chassis/views/start-views';
import { witnessMigrations } from '#chassis/witness/tables';
import { openPgStore } from '#store/pg/pg-store';
import type { ServedStore } from '#store/event-store';
import { PgInbox } from '#stream/pg/inbox';
import { signCheckpoint } from '#tlog/checkpoint';
import { formatVkey, LOG_KEY_TYPE, signingKey } from '#tlog/key';
import { Frontier, leafHash } from '#tlog/merkle';
import { sha256 } from '#tlog/sha256';
import { toHex } from '#tlog/bytes';

type Closing = { readonly id: string; readonly rounds: readonly string[] };
const closings: View<Closing> = {
  name: 'testClosings',
  version: 1,
  columns: { id: 'text', rounds: 'texts' },
  keys: ({ stream }) => [stream],
  evolve: (row, { data }, id) => ({ id, rounds: [...(row?.rounds ?? []), String(data['roundId'])] }),
};

/** Two of three sample events are published. */
export const keptSlices: readonly Slice[] = [
  {
    name: 'round',
    publishing: [
      { decider: 'round', map: { RoundClosed: ({ data }) => ({ type: 'inspection.round-closed.v1', data }) } },
    ],
    views: [closings],
  },
];
export const peerSigner = signingKey('commission.sanfang.example/events/v1', LOG_KEY_TYPE, new Uint8Array(32).fill(3));
export const evidence = Buffer.from('一份整改佐证');
export const evidenceName = toHex(sha256(evidence));

const migrations = [
  ...[...logMigrations, ...inboxMigrations, ...viewMigrations, ...blobMigrations, ...storeHomeMigrations],
  ...journalMigrations,
  ...subjectMigrations,
  ...witnessMigrations,
  ...copyMigrations,
];

export class KeptAgency {
  readonly publish = publisherOfSlices(keptSlices);
  readonly folder: string;
  appended = 0;

  private constructor(
    private readonly root: string,
    readonly config: Config,
    readonly keys: Keys,
    readonly database: DataSource,
    public store: ServedStore,
  ) {
    this.folder = join(config.folder, 'log');
  }

  /** @param url of an empty database @param peerUrl where the peer's feed answers, if anybody asks */
  static async make(url: string, peerUrl = 'http://127.0.0.1:9', more: readonly object[] = []): Promise<KeptAgency> {
    const root = mkdtempSync(join(tmpdir(), 'sanfang-kept-'));
    const peer = { agency: 'commission', url: peerUrl, vkey: formatVkey(peerSigner) };
    const config = readConfig('inspection', {
      SANFANG_DATA: root,
      INSPECTION_DATABASE_URL: url,
      INSPECTION_PEERS: JSON.stringify([peer]),
    });
    const all = [...migrations, ...(more as typeof migrations)];
    const database = await openDatabase({
      ...{ url, applicationName: 'test', migrations: all },
      onPoolError: () => undefined,
    });
    const store = await openPgStore({ url, durability: 'unchecked' });
    return new KeptAgency(root, config, openKeys(config.folder, config.origin), database, store);
  }

  /** Events, their entries and files, rows of the read model, a peer's log of as many entries, one evidence file. */
  async fill(count: number): Promise<void> {
    await this.append(count);
    const rows: { id: string; bytes: Buffer }[] = await this.database.query(
      'select id, bytes from log.entry order by index',
    );
    const frontier = Frontier.empty();
    const entries = rows.map(({ id, bytes }, n) => {
      const leaf = leafHash(bytes);
      frontier.append(leaf);
      return { index: BigInt(n), id, type: 'inspection.round-closed.v1', bytes, hash: toHex(leaf) };
    });
    const inbox = new PgInbox(this.database, new Map([[peerSigner.name, 'commission']]));
    await inbox.load(peerSigner.name);
    const state = { origin: peerSigner.name, size: frontier.size, root: frontier.root() };
    const checkpoint = signCheckpoint(state, peerSigner);
    await inbox.accept(peerSigner.name, { from: 0n, entries, frontier, checkpoint, verifiedAt: sampleClock() });
    await new Files(join(this.config.folder, 'files')).put(evidence, evidenceName);
  }

  /** Appends sample events and lets relay and read model do all there is to do. */
  async append(count: number): Promise<void> {
    const { database, store, publish, config, keys } = this;
    for (let n = 0; n < count;) {
      const batch = Math.min(100, count - n);
      const events = Array.from({ length: batch }, () => sampleEvent(this.appended++));
      const last = this.appended - batch;
      await store.append('round-1', events, last === 0 ? 'no_stream' : BigInt(last - 1));
      n += batch;
    }
    const pulse = new Pulse();
    const onFatal = (error: Error) => {
      throw error;
    };
    const relay = await startRelay({
      ...{ store, database, publish, origin: config.origin, signer: keys.log, folder: this.folder },
      ...{ pulse, clock: sampleClock, onFatal, log: silent },
    });
    const sources = [ownEvents(store, 'inspection', config.origin, publish)];
    const views = await startViews({
      ...{ database, views: [closings], sources, pulse, now: sampleClock },
      onFault: (_what, error) => onFatal(error as Error),
    });
    const wanted = Math.floor((this.appended * 2 + 2) / 3);
    while (relay.size() < wanted || !views.ready() || views.position() < ((await store.head()) ?? 0n)) {
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    await views.stop();
    await relay.stop();
  }

  /** As after a start: nothing of the store is kept in memory. */
  async reopen(): Promise<void> {
    await this.store.close();
    this.store = await openPgStore({ url: this.config.databaseUrl as string, durability: 'unchecked' });
  }

  /** Flips one bit of a file of the agency. @param path below its folder */
  flip(path: string, at: number): void {
    const file = join(this.config.folder, path);
    const bytes = readFileSync(file);
    bytes[at]! ^= 1;
    writeFileSync(file, bytes);
  }

  async end(): Promise<void> {
    await this.store.close();
    await this.database.destroy();
    rmSync(this.root, { recursive: true, force: true });
  }
}
