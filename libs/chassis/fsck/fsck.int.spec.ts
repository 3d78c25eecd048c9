// One copy of one thing is damaged at a time: the check names that copy and its place, and nothing else.
import 'reflect-metadata';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { evidenceName, KeptAgency, keptSlices, peerSigner } from '#testing/kept-agency';
import { startTestPostgres } from '#testing/postgres';
import type { TestPostgres } from '#testing/postgres';
import { narrowBundle } from '#tlog/bundle';
import { fsck, reportOf } from './run';
import type { Report } from './run';

jest.setTimeout(120_000);

const flip = `create or replace function pg_temp.flip(bytes bytea) returns bytea language sql as
  $$ select set_byte(bytes, 40, get_byte(bytes, 40) # 1) $$;`;
const events = 'alter table store.events disable trigger user;';
let postgres: TestPostgres;
let kept: KeptAgency;
let changed: (() => Promise<void> | void)[] = [];

beforeAll(async () => {
  postgres = await startTestPostgres();
  kept = await KeptAgency.make(await postgres.fresh());
  // 300 entries: one full tile, one of 44, a level above.
  await kept.fill(450);
});
afterEach(async () => {
  for (const undo of changed.reverse()) await undo();
  changed = [];
});
afterAll(async () => {
  await kept?.end();
  await postgres?.stop();
});

const check = (): Promise<Report> => {
  const options = { config: kept.config, slices: keptSlices, views: true };
  return reportOf(fsck(options, { store: kept.store, database: kept.database }));
};

/** Table rows as they are, to be put back. */
async function keep(table: string): Promise<void> {
  const sql = kept.database;
  await sql.query(`drop table if exists kept_rows; create table kept_rows as select * from ${table}`);
  changed.push(() =>
    sql.transaction(async (run) => {
      await run.query(`delete from ${table}`);
      await run.query(`insert into ${table} select * from kept_rows`);
    }),
  );
}

function damageFile(path: string, damage: (file: string) => void): void {
  const file = join(kept.config.folder, path);
  const bytes = readFileSync(file);
  changed.push(() => writeFileSync(file, bytes));
  damage(file);
}

const places = ({ findings }: Report) =>
  findings.map(({ part, fault, index, name, origin }) => [part, fault, index ?? name, ...(origin ? [origin] : [])]);

describe('fsck', () => {
  it('finds nothing in what nobody touched', async () => {
    expect(await check()).toEqual({ ok: true, damaged: {}, findings: [] });
  });

  it.each([
    ['a stored entry', 'log.entry', 'update log.entry set bytes = pg_temp.flip(bytes) where index = 270', 'row', 270],
    ['the hash beside it', 'log.entry', `update log.entry set hash = repeat('0', 64) where index = 3`, 'hash', 3],
    ['its id', 'log.entry', 'update log.entry set id = gen_random_uuid() where index = 4', 'row', 4],
    ['a row that is gone', 'log.entry', 'delete from log.entry where index = 256', 'missing', 256],
  ])('names %s, and no other copy of it', async (_what, table, sql, fault, index) => {
    await keep(table);
    await kept.database.query(flip + sql);
    expect(places(await check())).toEqual([['entries', fault, index]]);
  });

  it.each([
    ['log/tile/0/000', 9 * 32, 'tile', 9],
    ['log/tile/0/001.p/44', 2 * 32, 'tile', 258],
    ['log/tile/entries/000', 200, 'bundle', 0],
    ['log/tile/1/000.p/1', 0, 'upperTile', 0],
  ])('names the file %s of which a bit was flipped', async (path, at, fault, index) => {
    damageFile(path, () => kept.flip(path, at));
    const report = await check();
    expect(places(report)).toEqual([['files', fault, index]]);
    expect(`log/${report.findings[0]?.name}`).toBe(path);
  });

  it.each(['log/tile/0/000', 'log/tile/entries/001.p/44', 'log/tile/1/000.p/1'])('misses the file %s', async (path) => {
    damageFile(path, (file) => rmSync(file));
    const report = await check();
    expect(report.damaged).toEqual({ files: 1 });
    expect(report.findings[0]?.what).toContain('is missing');
  });

  it.each([
    ['tile/0/001.p', 12 * 32, 'tile', 2 * 32, 258],
    ['tile/entries/001.p', 0, 'bundle', 200, 256],
  ])('does not take the files of earlier sizes in %s for damaged when it is the later one', async (...planted) => {
    const [folder, length, fault, at, index] = planted;
    const whole = readFileSync(join(kept.folder, folder, '44'));
    const earlier = join(kept.folder, folder, '12');
    changed.push(() => rmSync(earlier));
    writeFileSync(earlier, length > 0 ? whole.subarray(0, length) : narrowBundle(whole, 12));
    expect((await check()).ok).toBe(true);
    damageFile(join('log', folder, '44'), () => kept.flip(join('log', folder, '44'), at));
    expect(places(await check())).toEqual([['files', fault, index]]);
    kept.flip(join('log', folder, '12'), at);
    expect(places(await check())).toEqual([
      ['files', fault, index],
      ['files', 'earlierFile', index],
    ]);
  });

  it('keeps apart several damages, also where two copies of one bundle are hit', async () => {
    await keep('log.entry');
    await kept.database.query(`${flip} update log.entry set bytes = pg_temp.flip(bytes) where index in (5, 6)`);
    damageFile('log/tile/0/000', () => kept.flip('log/tile/0/000', 9 * 32));
    expect(places(await check())).toEqual([
      ['entries', 'row', 5],
      ['entries', 'row', 6],
      ['files', 'tile', 9],
    ]);
  });

  it('names the event that was changed, taken away or left out of the log', async () => {
    changed.push(
      async () => void (await check()),
      () => kept.reopen(),
    );
    await keep('store.events');
    await kept.database.query(`${events} update store.events set type = 'RoundClosed' where position = 6`);
    await kept.database.query(`${events} update store.events set data = '{"roundId":"x"}' where position = 7`);
    await kept.database.query('delete from store.events where position = 13');
    await kept.reopen();
    expect(places(await check())).toEqual([
      ['events', 'leftOut', 4],
      ['events', 'event', 4],
      ['events', 'noEvent', 8],
      ['views', 'view', 'testClosings'],
    ]);
  });

  it('names a checkpoint that the own key did not sign, and what others are shown', async () => {
    await keep('log.checkpoint');
    await kept.database.query(`update log.checkpoint set note = replace(note, E'\\n300\\n', E'\\n301\\n')`);
    const report = await check();
    expect(report.damaged).toEqual({ checkpoints: 2 });
    expect(report.findings.map(({ fault }) => fault)).toEqual(['checkpoint', 'shown']);
  });

  it('says so when no copy gives the signed root any more', async () => {
    await keep('log.entry');
    await kept.database.query(`${flip} update log.entry set bytes = pg_temp.flip(bytes), hash = repeat('1', 64)
      where index = 7`);
    damageFile('log/tile/0/000', () => kept.flip('log/tile/0/000', 9 * 32));
    damageFile('log/tile/entries/000', () => kept.flip('log/tile/entries/000', 200));
    const { damaged, findings } = await check();
    expect(damaged).toMatchObject({ entries: expect.any(Number) });
    expect(findings.some(({ index, fault }) => index === 7 && fault === 'row')).toBe(true);
  });

  it('names the entry of a peer of which the copy was changed, and a frontier that was', async () => {
    await keep('inbox.entry');
    await kept.database.query(`${flip} update inbox.entry set bytes = pg_temp.flip(bytes) where index = 11`);
    await kept.database.query(`update inbox.entry set type = 'x' where index = 12`);
    const origin = peerSigner.name;
    expect(places(await check())).toEqual([
      ['inbox', 'row', 11, origin],
      ['inbox', 'row', 12, origin],
    ]);
    const [{ frontier }] = await kept.database.query('select frontier from inbox.peer');
    changed.push(() => kept.database.query('update inbox.peer set frontier = $1', [frontier]));
    await kept.database.query(`update inbox.peer set frontier = replace(frontier, 'a', 'b')`);
    expect((await check()).findings[0]).toMatchObject({ part: 'inbox', fault: 'peerRoot', origin });
  });

  it('names an evidence file that is not what its name says', async () => {
    const path = join('files', evidenceName.slice(0, 2), evidenceName.slice(2));
    damageFile(path, () => kept.flip(path, 3));
    expect(places(await check())).toEqual([['evidence', 'evidence', evidenceName]]);
  });

  it('names a read model whose rows are not what the events say, and puts the right ones in their place', async () => {
    await kept.database.query(`update views.test_closings set rounds = array['x']`);
    const report = await check();
    expect(places(report)).toEqual([['views', 'view', 'testClosings']]);
    expect(report.findings[0]?.remedy).toEqual({ zh: expect.any(String), en: expect.any(String) });
    expect((await check()).ok).toBe(true);
  });
});
