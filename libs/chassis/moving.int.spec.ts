// An agency changes the place of its history: the log goes on with the next index, nothing is published twice, and read
// models do not notice. All parts are real: two stores, relay, read models, self-check.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { DataSource } from 'typeorm';
import type { View } from '#kernel/view';
import type { ServedStore } from '#store/event-store';
import { openEsdbStore } from '#store/esdb/esdb-store';
import { openPgStore } from '#store/pg/pg-store';
import { StoreInUse } from '#store/pg/session';
import { startTestPostgres } from '#testing/postgres';
import type { TestPostgres } from '#testing/postgres';
import { parseEntry } from '#tlog/entry';
import { verifyLog } from '#tlog/log-reader';
import { formatVkey } from '#tlog/key';
import { ProtocolNode } from '../../test/node/protocol-node';
import { readConfig } from './config';
import { openDatabase } from './database';
import { journalMigrations } from './journal/tables';
import { move, understand, UsageFault } from './move-cli';
import type { MoveOptions } from './move-cli';
import { MoveFault } from './moving';
import { Pulse } from './pulse';
import { startRelay } from './relay';
import type { Relay } from './relay';
import { RelayFault } from './relay-fault';
import { folderSource, sampleClock, sampleEvent, sampleOrigin, samplePublishedIds } from './relay-sample';
import { samplePublisher, sampleSigner, silent } from './relay-sample';
import { logMigrations } from './relay-tables';
import { SelfCheck } from './self-check';
import { demandHome, demandOwner, knownHome, storeHomeMigrations, WrongHome } from './store-home';
import { inboxMigrations } from './peers';
import { ownEvents } from './views/sources';
import { startViews, viewMigrations } from './views/start-views';
import type { Views } from './views/start-views';

jest.setTimeout(120_000);

let postgres: TestPostgres;
beforeAll(async () => {
  postgres = await startTestPostgres();
});
afterAll(() => postgres.stop());

/** Not idempotent on purpose: an event applied twice would show. */
type Closing = { readonly id: string; readonly rounds: readonly string[] };
const closings: View<Closing> = {
  name: 'testClosings',
  version: 1,
  columns: { id: 'text', rounds: 'texts' },
  indexes: [],
  keys: ({ stream }) => [stream],
  evolve: (row, { data }, id) => ({ id, rounds: [...(row?.rounds ?? []), String(data['roundId'])] }),
};

async function until(holds: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await holds())) await new Promise((resolve) => setTimeout(resolve, 20));
}

/** An agency's database, folder and event stores, which outlive any number of starts. */
class Place {
  private appended = 0;
  private readonly revisions = new Map<string, bigint>();
  private constructor(
    readonly url: string,
    readonly folder: string,
    readonly database: DataSource,
    readonly node: ProtocolNode,
  ) {}

  static async make(): Promise<Place> {
    const url = await postgres.fresh();
    const stored = [...logMigrations, ...inboxMigrations, ...viewMigrations, ...storeHomeMigrations];
    const migrations = [...stored, ...journalMigrations];
    const database = await openDatabase({ url, applicationName: 'test', migrations, onPoolError: () => undefined });
    return new Place(url, mkdtempSync(join(tmpdir(), 'sanfang-move-')), database, await ProtocolNode.start());
  }

  async end(): Promise<void> {
    await this.database.destroy();
    await this.node.kill();
    rmSync(this.folder, { recursive: true, force: true });
  }

  pg = (): Promise<ServedStore> => openPgStore({ url: this.url, durability: 'unchecked' });
  esdb = (): Promise<ServedStore> => openEsdbStore({ url: this.node.url });

  /** Appends sample events to three streams in turn, some of them two at once. */
  async append(store: ServedStore, count: number): Promise<void> {
    for (let n = 0; n < count;) {
      const stream = `round-${n % 3}`;
      const events = Array.from({ length: Math.min(1 + (n % 2), count - n) }, () => sampleEvent(this.appended++));
      n += events.length;
      const { revision } = await store.append(stream, events, this.revisions.get(stream) ?? 'no_stream');
      this.revisions.set(stream, revision);
    }
  }

  /** Runs relay and read models on the store until both have done everything there is. */
  async run(store: ServedStore, work: (views: Views, relay: Relay) => Promise<void> = () => Promise.resolve()) {
    const pulse = new Pulse();
    const onFatal = (error: Error) => {
      throw error;
    };
    const relay = await startRelay({
      ...{ store, database: this.database, publish: samplePublisher, origin: sampleOrigin, signer: sampleSigner },
      ...{ folder: this.folder, pulse, clock: sampleClock, onFatal, log: silent },
    });
    const sources = [ownEvents(store, 'inspection', sampleOrigin, samplePublisher)];
    const views = await startViews({
      ...{ database: this.database, views: [closings], sources, pulse, now: sampleClock },
      onFault: (_what, error) => onFatal(error as Error),
    });
    const wanted = samplePublishedIds(this.appended).length;
    await until(
      async () => views.ready() && relay.size() === wanted && views.position() >= ((await store.head()) ?? 0n),
    );
    await work(views, relay);
    await views.stop();
    await relay.stop();
  }

  async rows(): Promise<unknown[]> {
    return this.database.query('select * from views.test_closings order by id');
  }

  async publishedIds(): Promise<string[]> {
    const ids: string[] = [];
    const onEntry = (entry: Uint8Array) => ids.push(parseEntry(entry).id);
    await verifyLog(folderSource(this.folder), { vkey: formatVkey(sampleSigner), onEntry });
    return ids;
  }

  get options(): MoveOptions {
    const environment = { INSPECTION_DATABASE_URL: this.url, SANFANG_DATA: this.folder };
    return { config: readConfig('inspection', environment), to: this.node.url, durability: 'unchecked' };
  }
}

describe('moving an agency’s events from PostgreSQL to EventStoreDB', () => {
  let place: Place;
  beforeEach(async () => {
    place = await Place.make();
  });
  afterEach(() => place.end());

  it('lets log and read models go on without a break: nothing twice, nothing left out, nothing changed', async () => {
    const before = await place.pg();
    await place.append(before, 400);
    await place.run(before);
    await place.append(before, 3);
    await before.close();
    const rows = JSON.stringify(await place.rows());
    const ids = await place.publishedIds();
    expect(await move(place.options)).toEqual({ copied: 403, compared: 403 });
    expect(JSON.stringify(await place.rows())).toBe(rows);

    const after = await place.esdb();
    await place.append(after, 100);
    await place.run(after, async (views) => {
      expect((await views.rebuild('testClosings')).equal).toBe(true);
      const parts = { database: place.database, publish: samplePublisher, key: sampleSigner, folder: place.folder };
      const verdict = await new SelfCheck({ ...parts, store: after }).verdict();
      expect(verdict).toEqual({ ok: true, size: samplePublishedIds(503).length });
    });
    await after.close();
    const all = await place.publishedIds();
    expect(all.slice(0, ids.length)).toEqual(ids);
    expect(all).toEqual(samplePublishedIds(503));
    const seen = (await place.rows()).flatMap((row) => (row as Closing).rounds);
    expect([...seen].sort()).toEqual(
      samplePublishedIds(503)
        .map((_, n) => `round-${Math.floor(n / 2) * 3 + (n % 2)}`)
        .sort(),
    );
  });

  it('goes on where it was cut off, and is done once', async () => {
    const store = await place.pg();
    await place.append(store, 300);
    await place.run(store);
    await store.close();
    let steps = 0;
    const cut = (): void => {
      if (++steps === 40) throw new Error('cut off');
    };
    await expect(move({ ...place.options, onProgress: cut })).rejects.toThrow('cut off');
    expect(await knownHome(place.database)).toBe('postgresql');
    const inComparing = (what: string): void => {
      if (what === 'compared') throw new Error('cut off');
    };
    await expect(move({ ...place.options, onProgress: inComparing })).rejects.toThrow('cut off');
    expect(await move(place.options)).toEqual({ copied: 0, compared: 300 });
    await expect(move(place.options)).rejects.toThrow('moved already');
  });

  it('refuses while the service runs, on its writer’s lock and on its relay’s lease', async () => {
    const store = await place.pg();
    await place.append(store, 3);
    await expect(move(place.options)).rejects.toThrow(StoreInUse);
    await place.run(store, async () => {
      await expect(move(place.options)).rejects.toThrow(RelayFault);
    });
    await store.close();
  });

  it.each([
    ['one event more', 'round-9'],
    ['another event in its place', 'round-0'],
  ])('refuses an event store that holds %s, and leaves everything where it was', async (_what, stream) => {
    const store = await place.pg();
    await place.append(store, 9);
    await place.run(store);
    await store.close();
    const target = await openEsdbStore({ url: place.node.url });
    await demandOwner(target, 'inspection', sampleOrigin);
    await target.append(stream, [{ ...sampleEvent(99), data: { roundId: 'another' } }], 'no_stream');
    await target.close();
    await expect(move(place.options)).rejects.toThrow(MoveFault);
    expect(await knownHome(place.database)).toBe('postgresql');
    const again = await place.pg();
    await place.append(again, 3);
    await place.run(again);
    await again.close();
    expect(await place.publishedIds()).toEqual(samplePublishedIds(12));
  });

  it('refuses a start on the store that does not hold the history, and another agency’s store', async () => {
    const store = await place.pg();
    await demandHome(place.database, 'inspection', 'postgresql');
    await place.append(store, 3);
    await store.close();
    await expect(demandHome(place.database, 'inspection', 'eventstore')).rejects.toThrow('npm run move -- inspection');
    await move(place.options);
    await demandHome(place.database, 'inspection', 'eventstore');
    await expect(demandHome(place.database, 'inspection', 'postgresql')).rejects.toThrow(WrongHome);
    const target = await place.esdb();
    await demandOwner(target, 'inspection', sampleOrigin);
    await expect(demandOwner(target, 'commission', 'commission.sanfang.example/events/v1')).rejects.toThrow(WrongHome);
    await target.close();
  });

  it('understands its words, and takes the setting when no target is named', () => {
    const environment = { INSPECTION_EVENT_STORE_URL: 'esdb://node-1' };
    expect(understand(['inspection', '--from', 'pg'], environment).to).toBe('esdb://node-1');
    expect(understand(['inspection', '--from', 'pg', '--to', 'esdb://node-2'], environment).to).toBe('esdb://node-2');
    for (const words of [[], ['inspection'], ['inspection', '--from', 'esdb'], ['nobody', '--from', 'pg']]) {
      expect(() => understand(words, environment)).toThrow(UsageFault);
    }
    expect(() => understand(['inspection', '--from', 'pg'], {})).toThrow(UsageFault);
  });
});
