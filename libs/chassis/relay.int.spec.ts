import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { MemoryStore } from '#store/memory/memory-store';
import { startTestPostgres } from '#testing/postgres';
import type { TestPostgres } from '#testing/postgres';
import { formatVkey } from '#tlog/key';
import { startRelay } from './relay';
import type { RelayStep } from './relay-fault';
import { RelayPlace } from './relay-place';
import { sampleEvent, samplePublishedIds, sampleSigner } from './relay-sample';

jest.setTimeout(120_000);

let postgres: TestPostgres;
beforeAll(async () => {
  postgres = await startTestPostgres();
});
afterAll(() => postgres.stop());

const steps: RelayStep[] = [
  'before-entries',
  'entries',
  'file-written',
  'file-named',
  'files',
  'checked',
  'signed',
  'checkpoint-written',
  'checkpoint',
  'told',
  'flushed',
  'tidied',
  'marked',
];

describe('the relay', () => {
  it('publishes every published event once, in order, and nothing else', async () => {
    const place = await RelayPlace.make(await postgres.fresh());
    await place.append(700);
    const relay = await startRelay(place.parts());
    await place.caughtUp(relay);
    for (let i = 0; i < 30; i++) await place.append(3);
    await place.caughtUp(relay);
    await relay.stop();
    expect(await place.verifiedIds()).toEqual(samplePublishedIds(790));
    expect(readFileSync(join(place.folder, 'vkey'), 'utf8')).toBe(`${formatVkey(sampleSigner)}\n`);
    await place.close();
  });

  it.each(steps)('killed at "%s" goes on as if nothing had happened', async (step) => {
    const place = await RelayPlace.make(await postgres.fresh());
    const seen = new Map<string, string>();
    let appended = 0;
    let deaths = 0;
    // 384 events are 256 entries: a tile becomes full exactly, is passed by one, and is passed by a whole batch.
    for (const grow of [1, 9, 374, 1, 2, 500, 2]) {
      await place.append(grow);
      appended += grow;
      for (let nth = 0; (await place.runUntil(step, nth)) === 'died' && nth < 12; nth++) {
        deaths++;
        const visible = join(place.folder, 'checkpoint');
        if (existsSync(visible)) {
          const note = readFileSync(visible, 'utf8');
          expect(seen.get(note.split('\n')[1]!) ?? note).toBe(note);
          seen.set(note.split('\n')[1]!, note);
          await place.verifiedIds();
        }
      }
      expect(await place.verifiedIds()).toEqual(samplePublishedIds(appended));
    }
    expect(deaths).toBeGreaterThanOrEqual(7);
    const rows = await place.database.query('select size, note from log.checkpoint order by size');
    for (const { size, note } of rows) expect(seen.get(String(size)) ?? note).toBe(note);
    expect(existsSync(join(place.folder, 'tile/entries/000.p'))).toBe(false);
    await place.close();
  });

  it('refuses to sign when rows, files or the signed size went back', async () => {
    const place = await RelayPlace.make(await postgres.fresh());
    await place.append(30);
    const relay = await startRelay(place.parts());
    await place.caughtUp(relay);
    await relay.stop();
    const { frontier } = (await place.database.query('select frontier from log.head'))[0];
    await place.database.query(`update log.head set size = 0, frontier = '0', position = null`);
    await expect(startRelay(place.parts())).rejects.toThrow('size 20 is signed, but only 0 entries are stored');
    await place.database.query('delete from log.checkpoint');
    await expect(startRelay(place.parts())).rejects.toThrow('beyond size 0 of the database');
    await place.database.query('update log.head set size = 20, position = 30, frontier = $1', [frontier]);
    await place.database.query(`update log.entry set bytes = 'forged'::bytea where index = 7`);
    await expect(startRelay(place.parts())).rejects.toThrow('entry 7 is not the one of its hash');
    await place.close();
  });

  it('refuses to go on from files that were changed', async () => {
    const place = await RelayPlace.make(await postgres.fresh());
    await place.append(30);
    const relay = await startRelay(place.parts());
    await place.caughtUp(relay);
    await relay.stop();
    const tile = join(place.folder, 'tile/0/000.p/20');
    const bytes = readFileSync(tile);
    bytes[5]! ^= 1;
    writeFileSync(tile, bytes);
    await expect(startRelay(place.parts())).rejects.toThrow('entry 0 is not the one of its leaf');
    await place.close();
  });

  it('writes a lost folder anew and comes to the same signed root', async () => {
    const place = await RelayPlace.make(await postgres.fresh());
    await place.append(900);
    const relay = await startRelay(place.parts());
    await place.caughtUp(relay);
    await relay.stop();
    rmSync(place.folder, { recursive: true });
    await (await startRelay(place.parts())).stop();
    expect(await place.verifiedIds()).toEqual(samplePublishedIds(900));
    await place.close();
  });

  it('has one holder: a second one is refused while the first lives', async () => {
    const place = await RelayPlace.make(await postgres.fresh());
    const relay = await startRelay(place.parts());
    const other = await RelayPlace.open(place.url);
    await expect(startRelay(place.parts({ database: other, leaseWaitMs: 300 }))).rejects.toThrow('holds its lease');
    await relay.stop();
    await (await startRelay(place.parts({ database: other }))).stop();
    await other.destroy();
    await place.close();
  });

  it('stops loudly at an event that cannot be published, and skips none', async () => {
    const place = await RelayPlace.make(await postgres.fresh());
    const long = { ...sampleEvent(0), data: { text: '长'.repeat(30_000) } };
    await place.store.append('round-1', [long], 'no_stream');
    const fatal = await new Promise<Error>((resolve) => void startRelay(place.parts({ onFatal: resolve })));
    expect(fatal.message).toContain('at most 65535');
    const refusing = () => {
      throw new Error('no rule for this');
    };
    const second = await new Promise<Error>((resolve) => {
      void startRelay(place.parts({ publish: refusing, onFatal: resolve }));
    });
    expect(second.message).toContain('no rule for this');
    const nameless = { ...sampleEvent(0).meta, actor: { ...sampleEvent(0).meta.actor, name: '' } };
    const other = new MemoryStore();
    await other.append('round-1', [{ ...sampleEvent(0), meta: nameless }], 'no_stream');
    const third = await new Promise<Error>((resolve) => {
      void startRelay(place.parts({ store: other, onFatal: resolve }));
    });
    expect(third.message).toContain("the entry's actor.name");
    expect(await place.verifiedIds()).toEqual([]);
    await place.close();
  });

  it('survives the loss of its connection', async () => {
    const place = await RelayPlace.make(await postgres.fresh());
    const relay = await startRelay(place.parts());
    await place.append(3);
    await place.caughtUp(relay);
    const other = await RelayPlace.open(place.url);
    await other.query(
      'select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()',
    );
    await place.append(300);
    await place.caughtUp(relay);
    await relay.stop();
    expect(await place.verifiedIds()).toEqual(samplePublishedIds(303));
    await other.destroy();
    await place.close();
  });
});
