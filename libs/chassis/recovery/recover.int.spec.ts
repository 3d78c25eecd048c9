// An agency's log is lost with its database's rows and its folder; the event store is whole. It comes back from a peer
// that follows it, byte for byte, and goes on as one history; whatever would make a second one is refused, and then
// nothing is changed.
import 'reflect-metadata';
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { DataSource } from 'typeorm';
import { KeptAgency, keptSlices } from '#testing/kept-agency';
import { KeptPeer } from '#testing/kept-peer';
import { startTestPostgres } from '#testing/postgres';
import type { TestPostgres } from '#testing/postgres';
import { signCheckpoint } from '#tlog/checkpoint';
import { verifyLog } from '#tlog/log-reader';
import { freePorts } from '../free-ports';
import { fsck, reportOf, UsageFault } from '../fsck/run';
import { demandWholeHistory, HistoryLost } from '../witness/own-history';
import { folderSource, sampleClock, silent } from '../relay-sample';
import { recoverLog } from './recover';
import type { Recovered } from './recover';
import { understand } from './run';
import { askHolders } from './shown';

jest.setTimeout(120_000);

let postgres: TestPostgres;
let kept: KeptAgency;
let peer: KeptPeer;
let url: string;
let rows: unknown;
let tile: Buffer;
let newest: Buffer;
let changed: (() => Promise<unknown>)[] = [];
beforeAll(async () => {
  postgres = await startTestPostgres();
  const [port] = (await freePorts(1)) as [number];
  url = `http://127.0.0.1:${port}`;
  kept = await KeptAgency.make(await postgres.fresh(), url);
  await kept.fill(450);
  peer = await KeptPeer.serve(kept, await postgres.fresh(), port);
  rows = await entries();
  tile = readFileSync(join(kept.folder, 'tile/0/001.p/44'));
  newest = readFileSync(join(kept.folder, 'checkpoint'));
  await kept.database.query('truncate log.entry, log.head, log.checkpoint');
  rmSync(kept.folder, { recursive: true });
});
beforeEach(() => {
  peer.cosigned = newest;
});
afterEach(async () => {
  for (const undo of changed.reverse()) await undo();
  changed = [];
});
afterAll(async () => {
  await peer?.end();
  await kept?.end();
  await postgres?.stop();
});

/** Changes rows of a table, and puts them back after the test. */
async function spoilt(sql: DataSource, table: string, change: string): Promise<void> {
  await sql.query(`drop table if exists kept_rows; create table kept_rows as select * from ${table}`);
  changed.push(() => sql.query(`delete from ${table}; insert into ${table} select * from kept_rows`));
  await sql.query(change);
}
async function withoutEvents(which: string): Promise<void> {
  changed.push(() => kept.reopen());
  await spoilt(
    kept.database,
    'store.events',
    `alter table store.events disable trigger user; delete from store.events where ${which}`,
  );
  await kept.reopen();
}
const recover = async (): Promise<Recovered> => {
  const { store, database, publish, keys, folder } = kept;
  const { holders, shown } = await askHolders([url], keys.log);
  return recoverLog(
    { store, database, publish, signer: keys.log, folder, recovery: keys.recovery, clock: sampleClock },
    holders,
    shown,
  );
};
const entries = () => kept.database.query('select index, id, position, bytes, hash from log.entry order by index');
const note = (size: bigint, root: Uint8Array) => {
  return Buffer.from(signCheckpoint({ origin: kept.config.origin, size, root }, kept.keys.log));
};

const startAsks = () => {
  const seat = { keyName: 'w', name: 'commission', url: `${url}/witness` };
  const { origin } = kept.config;
  return demandWholeHistory({
    sql: kept.database,
    origin,
    key: kept.keys.log,
    seats: [seat as never],
    mirrors: [],
    log: silent,
  });
};
const audited = async () => (await verifyLog(folderSource(kept.folder), { vkey: kept.keys.vkey })).size;

describe('the recovery of a lost log', () => {
  it('is what the start asks for', async () => {
    await expect(startAsks()).rejects.toThrow(HistoryLost);
  });

  it.each<[string, RegExp, () => unknown]>([
    [
      'a witness has seen more than any mirror holds',
      /has seen 301 entries, but the fullest mirror holds 300/,
      () => (peer.cosigned = note(301n, new Uint8Array(32).fill(1))),
    ],
    [
      'a witness has seen another history of this size',
      /two roots of size 300/,
      () => (peer.cosigned = note(300n, new Uint8Array(32).fill(1))),
    ],
    [
      'a witness has seen another history of a smaller size',
      /at size 200 the mirror .* gives another root/,
      () => (peer.cosigned = note(200n, new Uint8Array(32).fill(1))),
    ],
    [
      'the mirror gives other bytes',
      /entry 7 is damaged in the mirror/,
      () =>
        spoilt(
          peer.database,
          'inbox.entry',
          `update inbox.entry set bytes = overlay(bytes placing '\\x20' from 20) where index = 7`,
        ),
    ],
    [
      'nobody holds anything of this log',
      /none of those asked/,
      async () => {
        peer.cosigned = undefined;
        await spoilt(peer.database, 'inbox.entry', 'select 1');
        const [{ checkpoint }] = await peer.database.query('select checkpoint from inbox.peer');
        changed.push(() => peer.database.query('update inbox.peer set checkpoint = $1', [checkpoint]));
        await peer.database.query(`update inbox.peer set checkpoint = ''`);
      },
    ],
    [
      'an event behind an entry is lost',
      /entry 4 of 300 is the event .* but the event store has/,
      () => withoutEvents('position = 7'),
    ],
    ['the store ends before the log', /the event store ends before it/, () => withoutEvents('position > 400')],
  ])('refuses when %s, and changes nothing', async (_what, message, spoil) => {
    await spoil();
    await expect(recover()).rejects.toThrow(message);
    expect(await entries()).toEqual([]);
    expect(await kept.database.query('select * from log.checkpoint')).toEqual([]);
  });

  it('refuses while one that may have seen more does not answer', async () => {
    await expect(askHolders(['http://127.0.0.1:9'], kept.keys.log)).rejects.toThrow(
      /does not answer .*--without AGENCY/,
    );
  });

  it('brings back the very rows and files, and the log goes on as one history', async () => {
    expect(await recover()).toEqual({ size: 300n, before: 0n, from: url, events: 0, aside: undefined });
    expect(await entries()).toEqual(rows);
    await startAsks();
    await kept.append(30);
    expect(readFileSync(join(kept.folder, 'tile/0/001.p/44'))).toEqual(tile);
    expect(await audited()).toBe(320n);
    const report = fsck({ config: kept.config, slices: keptSlices, views: true }, kept);
    expect((await reportOf(report)).ok).toBe(true);
  });

  it('refuses to go back behind what the own database has signed, or against it', async () => {
    await expect(recover()).rejects.toThrow('the own database has signed 320, more than others hold');
    await spoilt(kept.database, 'log.checkpoint', `delete from log.checkpoint where size > 300`);
    await kept.database.query(`update log.checkpoint set root = 'x' where size = 300`);
    await expect(recover()).rejects.toThrow('two histories');
  });

  it('takes an old backup of rows and folder further, and puts the old folder aside', async () => {
    await kept.database.query('delete from log.entry where index >= 100');
    await kept.database.query('delete from log.checkpoint');
    await kept.database.query('update log.head set size = 100');
    const { aside } = await recover();
    expect(existsSync(aside as string)).toBe(true);
    expect(existsSync(kept.folder)).toBe(false);
    // What was published after the mirror's last entry is published again, byte for byte.
    await kept.append(3);
    expect(await audited()).toBe(322n);
  });

  it('asks the peers of the settings also when they are not named, but for those left out', () => {
    expect(understand(kept.config, ['--from', 'http://10.0.0.9:1/'])).toEqual(['http://10.0.0.9:1', url]);
    expect(understand(kept.config, ['--from', 'http://a:1', '--without', 'commission'])).toEqual(['http://a:1']);
    for (const words of [[], ['--from', 'ftp://x'], ['--from', 'http://a:1', '--without', 'nobody']]) {
      expect(() => understand(kept.config, words)).toThrow(UsageFault);
    }
  });
});
