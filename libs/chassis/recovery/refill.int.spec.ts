// An agency has lost its event store, wholly or since a backup, and its log with it. The peer keeps its events, sealed:
// they come back as they were, published or not; whatever does not fit the signed log is refused, and nothing is appended.
import 'reflect-metadata';
import { rmSync } from 'node:fs';
import { KeptAgency, keptSlices, peerSigner } from '#testing/kept-agency';
import { KeptPeer } from '#testing/kept-peer';
import { startTestPostgres } from '#testing/postgres';
import type { TestPostgres } from '#testing/postgres';
import { cipherOf } from '../ciphers/by-name';
import { openCopy, placeOfCopy, sealCopy } from '../copies/copy';
import { copyFrom } from '../copies/making';
import { freePorts } from '../free-ports';
import { mirrorName } from '../mirror.api';
import { fsck, reportOf } from '../fsck/run';
import { sampleClock } from '../relay-sample';
import { recoverLog } from './recover';
import type { Recovered } from './recover';
import { askHolders, copiesAt, RecoveryRefused } from './shown';

jest.setTimeout(120_000);

let postgres: TestPostgres;
let kept: KeptAgency;
let peer: KeptPeer;
let url: string;
let events: readonly object[];
let entries: readonly object[];
let copies: { first: string; next: string; bytes: Buffer }[];
beforeAll(async () => {
  postgres = await startTestPostgres();
  const [port] = (await freePorts(1)) as [number];
  url = `http://127.0.0.1:${port}`;
  kept = await KeptAgency.make(await postgres.fresh(), url);
  await kept.fill(450);
  peer = await KeptPeer.serve(kept, await postgres.fresh(), port);
  events = await stored();
  entries = await logged();
  copies = await made();
  await kept.database.query('truncate log.entry, log.head, log.checkpoint');
  rmSync(kept.folder, { recursive: true });
});
beforeEach(async () => {
  await holds(copies);
  await loses('true');
});
afterAll(async () => {
  await peer?.end();
  await kept?.end();
  await postgres?.stop();
});

const stored = (): Promise<object[]> => kept.database.query('select * from store.events order by position');
const logged = (): Promise<object[]> => kept.database.query('select * from log.entry order by index');

/** As the peer fetches them: from each one's end to the end of the log. */
async function made(): Promise<typeof copies> {
  const { store, database: sql, keys, config } = kept;
  const parts = { store, sql, origin: config.origin, key: keys.recovery[0] as Uint8Array, cipher: cipherOf('intl') };
  const all: typeof copies = [];
  for (let from = 0n; ;) {
    const bytes = await copyFrom({ ...parts, size: () => 300 }, from);
    if (!bytes) return all;
    const { next } = placeOfCopy(bytes);
    all.push({ first: String(from), next: String(next), bytes: Buffer.from(bytes) });
    from = next;
  }
}
async function holds(rows: typeof copies): Promise<void> {
  await peer.database.query('truncate inbox.copy');
  for (const { first, next, bytes } of rows) {
    const row = [kept.config.origin, first, next, bytes];
    await peer.database.query('insert into inbox.copy values ($1, $2, $3, $4)', row);
  }
}
/** Puts the store back as it was, without some of its events. */
async function loses(which: string): Promise<void> {
  const { database } = kept;
  await database.query('alter table store.events disable trigger user; delete from store.events');
  for (const row of events) {
    const names = Object.keys(row);
    const places = names.map((_, n) => `$${n + 1}`).join();
    await database.query(`insert into store.events (${names.join()}) values (${places})`, Object.values(row));
  }
  await database.query(`delete from store.events where ${which}; alter table store.events enable trigger user`);
  await kept.reopen();
}
const recover = async (): Promise<Recovered> => {
  const { store, database, publish, keys, folder } = kept;
  const { holders, shown } = await askHolders([url], keys.log);
  const parts = { store, database, publish, signer: keys.log, recovery: keys.recovery, folder, clock: sampleClock };
  return recoverLog(parts, holders, shown);
};
/** The copies with the events of one changed, sealed anew by the own key. */
function changed(nth: number, change: (events: ReturnType<typeof openCopy>[number][]) => void): typeof copies {
  const [key] = kept.keys.recovery as [Uint8Array];
  const { origin } = kept.config;
  return copies.map((copy, n) => {
    if (n !== nth) return copy;
    const opened = [...openCopy(origin, copy.bytes, [key])];
    change(opened);
    const place = { origin, from: BigInt(copy.first), next: BigInt(copy.next) };
    return { ...copy, bytes: Buffer.from(sealCopy(place, opened, key, cipherOf('intl'))) };
  });
}

describe('an event store that is lost', () => {
  it.each<[string, string, number]>([
    ['wholly', 'true', 450],
    ['behind a shared event', 'position > 148', 302],
    ['behind an unshared event', 'position > 150', 300],
    ['but for its last event', 'position > 449', 1],
  ])('%s comes back, event by event, and its log goes on', async (_what, which, count) => {
    await kept.database.query('truncate log.entry, log.head, log.checkpoint');
    rmSync(kept.folder, { recursive: true, force: true });
    await loses(which);
    const lastShared = (events as { position: string }[]).findLast(({ position }) => {
      return (entries as { position: string }[]).some((entry) => entry.position === position);
    })!.position;
    const back = Math.min(count, count - (450 - Number(lastShared)));
    expect(await recover()).toMatchObject({ size: 300n, events: Math.max(back, 0) });
    expect(await stored()).toEqual(events.slice(0, Math.max(Number(lastShared), 450 - count)));
    expect(await logged()).toEqual(entries);
    await kept.reopen();
  });

  it('is whole after it', async () => {
    await recover();
    await kept.reopen();
    kept.appended = Number((await stored()).length);
    await kept.append(3);
    const report = await reportOf(fsck({ config: kept.config, slices: keptSlices, views: false }, kept));
    expect(report.findings.filter(({ part }) => part !== 'journal')).toEqual([]);
    await kept.database.query('truncate log.entry, log.head, log.checkpoint');
    rmSync(kept.folder, { recursive: true, force: true });
  });

  it.each<[string, RegExp, () => unknown]>([
    ['nobody keeps a copy', /event store ends before it.*nobody asked keeps a copy/, () => holds([])],
    ['the copies end too early', /nobody keeps a copy of the events of entry 256/, () => holds(copies.slice(0, 1))],
    [
      'a copy is damaged',
      /no copy of the events of entry 0 can be read/,
      () => holds(copies.map((copy) => ({ ...copy, bytes: Buffer.from(copy.bytes).fill(0, 60, 64) }))),
    ],
    [
      'a shared event in a copy says something else than its entry',
      /the copy of the event .* does not give entry \d+/,
      () => holds(changed(1, (all) => (all[5] = { ...all[5]!, data: { ...all[5]!.data, more: 1 } }))),
    ],
    [
      'an unshared event of the store is none of the copies’',
      /the store goes on with the event/,
      async () => {
        await loses('position > 150');
        await kept.store.append('other-1', [{ ...sample(), id: '00000000-0000-4000-8000-0000000000ff' }], 'no_stream');
      },
    ],
  ])('is not filled when %s', async (_what, message, spoil) => {
    await spoil();
    const before = await stored();
    await expect(recover()).rejects.toThrow(RecoveryRefused);
    await expect(recover()).rejects.toThrow(message);
    expect(await stored()).toEqual(before);
    expect(await logged()).toEqual([]);
  });

  it('is given back to its owner alone', async () => {
    const { holders } = await askHolders([url], kept.keys.log);
    expect(await holders[0]!.copy(299n)).toEqual(new Uint8Array(copies[1]!.bytes));
    expect(await holders[0]!.copy(300n)).toBeUndefined();
    await expect(copiesAt(`${url}/mirror/${mirrorName(kept.config.origin)}`, peerSigner)(0n)).rejects.toThrow('401');
  });
});

function sample() {
  const { type, data, meta } = events[2] as { type: string; data: string; meta: string };
  return { type, data: JSON.parse(data), meta: JSON.parse(meta) };
}
