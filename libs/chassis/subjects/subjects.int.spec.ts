// Data keys in a real database: what is kept of a subject opens with its key alone, and after the destruction with nothing
// that is left, in whatever step the machine stops.
import { randomBytes } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync, chmodSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { DataSource } from 'typeorm';
import type { Profile } from '../ciphers/by-name';
import { cipherNamed } from '../ciphers/by-name';
import { openDatabase } from '../database';
import { veil } from '#contracts/personal';
import type { Opened } from '#contracts/published';
import { MemoryStore } from '#store/memory/memory-store';
import { startTestPostgres } from '#testing/postgres';
import type { TestPostgres } from '#testing/postgres';
import { destroyDecided } from './destroyed-before';
import { SubjectKeys } from './subject-keys';
import type { TurnStep } from './subject-keys';
import { subjectMigrations } from './tables';
import { TakenBodies } from './taken-bodies';

jest.setTimeout(120_000);

const at = '2026-12-01T08:00:00.000Z';
let postgres: TestPostgres;
let sql: DataSource;
let folder: string;

beforeAll(async () => {
  postgres = await startTestPostgres();
});
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'sanfang-subjects-'));
  const url = await postgres.fresh();
  sql = await openDatabase({
    url,
    applicationName: 'test',
    migrations: subjectMigrations,
    onPoolError: () => undefined,
  });
});
afterEach(async () => {
  await sql.destroy();
  rmSync(folder, { recursive: true, force: true });
});
afterAll(() => postgres?.stop());

const file = () => join(folder, 'keys', 'subject.key');
const open = (profile: Profile = 'intl', reached?: (step: TurnStep) => void) =>
  SubjectKeys.open({ sql, folder, profile }, reached);
type Row = { subject: string; wrapping: string; cipher: string; wrapped: string };
const rows = (): Promise<Row[]> => sql.query('select * from subjects.key order by subject');

describe('the key of a subject', () => {
  it('is another for each, the same after a restart, and wrapped by a file that its owner alone can read', async () => {
    const keys = await open();
    const [one, other] = [await keys.of('h1'), await keys.of('h2')];
    expect(one).toHaveLength(32);
    expect(Buffer.from(one).equals(other)).toBe(false);
    expect(Buffer.from(await (await open()).of('h1')).equals(one)).toBe(true);
    expect(statSync(file()).mode & 0o777).toBe(0o600);
    expect((await rows()).map(({ cipher }) => cipher)).toEqual(['aes-256-gcm', 'aes-256-gcm']);
    chmodSync(file(), 0o644);
    await expect(open()).rejects.toThrow('others may read');
  });

  it('asked for twice at once is one', async () => {
    const keys = await open();
    const [one, other] = await Promise.all([keys.of('h1'), keys.of('h1')]);
    expect(Buffer.from(one).equals(other)).toBe(true);
  });

  it('is wrapped with SM4 in the profile gm, and one wrapped before stays readable', async () => {
    const earlier = await (await open('intl')).of('h1');
    const keys = await open('gm');
    await keys.of('h2');
    expect((await rows()).map(({ cipher }) => cipher)).toEqual(['aes-256-gcm', 'sm4-ctr-hmac-sm3']);
    expect(Buffer.from(await keys.of('h1')).equals(earlier)).toBe(true);
  });

  it('put under the name of another subject opens nothing', async () => {
    const keys = await open();
    await keys.of('h1');
    await keys.of('h2');
    await sql.query(`update subjects.key set wrapped = (select wrapped from subjects.key where subject = 'h1')`);
    await expect(keys.find('h2')).rejects.toThrow('not sealed with this key for this place');
  });

  it('is demanded at the start: a keys folder older than the table is refused', async () => {
    await (await open()).of('h1');
    writeFileSync(file(), `${randomBytes(32).toString('base64')}\n`);
    await expect(open()).rejects.toThrow('does not fit the key table');
  });
});

describe('its destruction', () => {
  it('leaves nothing by which an old copy of the table opens, and every other key as it was', async () => {
    const keys = await open();
    await keys.of('h1');
    const other = await keys.of('h2');
    const backup = (await rows())[0]!;
    const before = readFileSync(file(), 'utf8');
    await keys.destroy('h1', at);
    expect(await keys.find('h1')).toBe('destroyed');
    await expect(keys.of('h1')).rejects.toMatchObject({ code: 'body.destroyed' });
    expect(Buffer.from(await keys.of('h2')).equals(other)).toBe(true);
    // What stands in an old page or backup is wrapped by a key that is in no file any more.
    const place = `sanfang/subject-key/v1\n${backup.subject}`;
    const opened = (secret: string) =>
      cipherNamed(backup.cipher).open(Buffer.from(secret, 'base64'), Buffer.from(backup.wrapped, 'base64'), place);
    expect(opened(before)).toHaveLength(32);
    const after = readFileSync(file(), 'utf8').trim().split('\n');
    expect(after).toHaveLength(1);
    expect(() => opened(after[0]!)).toThrow('not sealed with this key');
  });

  it('again is no fault, and of a subject that never had a key it is a bar for ever', async () => {
    const keys = await open();
    await keys.destroy('h1', at);
    await keys.destroy('h1', at);
    expect(await (await open()).find('h1')).toBe('destroyed');
  });

  it.each<TurnStep>(['made', 'wrapped'])('cut off at "%s" is brought to its end', async (dieAt) => {
    const keys = await open('intl', (step) => {
      if (step === dieAt) throw new Error('pulled');
    });
    const [, other] = [await keys.of('h1'), await keys.of('h2')];
    await expect(keys.destroy('h1', at)).rejects.toThrow('pulled');
    const again = await open();
    expect(readFileSync(file(), 'utf8').trim().split('\n')).toHaveLength(1);
    expect(Buffer.from(await again.of('h2')).equals(other)).toBe(true);
    await again.destroy('h1', at);
    expect(await again.find('h1')).toBe('destroyed');
  });

  it('that was decided and not carried out is carried out at the start', async () => {
    const keys = await open();
    await keys.of('h1');
    await keys.of('h2');
    const store = new MemoryStore(() => at);
    const meta = {
      actor: { agency: 'commission' as const, id: 'qian', name: '钱某', role: 'caseOffice' },
      ...{ commandId: '', seen: {}, salt: '' },
    };
    const id = '00000000-0000-4000-8000-000000000001';
    await store.append('clueFile-h1', [{ id, type: 'BodyDestroyed', data: {}, meta }], 'no_stream');
    const destroys = [{ decider: 'clueFile', event: 'BodyDestroyed' }];
    await destroyDecided([{ name: 'clue', destroys }], store, keys);
    expect([await keys.find('h1'), typeof (await keys.find('h2'))]).toEqual(['destroyed', 'object']);
  });
});

describe('a body that was taken over', () => {
  const id = '0190a000-0000-7000-8000-000000000001';
  const words = { unitName: '甲单位', source: '来信', person: '某甲', post: '科长', contents: '金丝雀' };
  const opened = {
    actor: { agency: 'inspection', id: 'w', name: '王某', role: 'inspectionOffice' },
    data: { handOverId: 'h1', roundId: 'r1', count: 1, clues: [{ clueId: 'h1-1', ...words }], handedOverBy: {} },
    stream: 'clueHandOver-h1',
    type: 'inspection.clue-handed-over.v1',
  } as Opened;
  const contentKey = randomBytes(32);
  const body = { address: { origin: 'o' }, id, opened, contentKey, sealingKey: 'k' };

  it('is read with a veil, holds no word of it, and opens with the key of its subject', async () => {
    const keys = await open();
    const taken = new TakenBodies(sql, keys, 'intl');
    const kept = await taken.take(body);
    expect(kept.data['clues']).toEqual([
      { clueId: 'h1-1', unitName: veil, source: veil, person: veil, post: veil, contents: veil },
    ]);
    expect(await taken.kept('o', id)).toEqual(kept);
    const text = JSON.stringify(await sql.query('select * from subjects.body'));
    for (const word of Object.values(words)) expect(text).not.toContain(word);
    const [held] = await taken.held('h1', await keys.of('h1'));
    expect(Buffer.from(held!.contentKey).equals(contentKey)).toBe(true);
    await expect(taken.held('h1', await keys.of('h2'))).rejects.toThrow('not sealed with this key');
  });

  it('opens no more after the destruction, is read as before, and nothing brings it back', async () => {
    const keys = await open();
    const taken = new TakenBodies(sql, keys, 'intl');
    const kept = await taken.take(body);
    const key = await keys.of('h1');
    await keys.destroy('h1', at);
    expect(await taken.held('h1', key)).toEqual([]);
    expect(await taken.kept('o', id)).toEqual(kept);
    // Read again out of the inbox, as after the loss of the table of bodies.
    await sql.query('delete from subjects.body');
    expect(await taken.take(body)).toEqual(kept);
    expect(await taken.held('h1', key)).toEqual([]);
    expect(await keys.find('h1')).toBe('destroyed');
  });
});
