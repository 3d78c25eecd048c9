import { Client } from 'pg';
import { testServerUrl } from '#chassis/postgres/test-server';
import { startTestPostgres } from './postgres';

jest.setTimeout(60_000); // A first start takes seconds on a busy machine.

async function ask(url: string, sql: string): Promise<Record<string, unknown>[]> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query(sql)).rows as Record<string, unknown>[];
  } finally {
    await client.end();
  }
}

describe('the test database', () => {
  it('is new and empty each time, and knows Chinese trigrams', async () => {
    const postgres = await startTestPostgres();
    await ask(postgres.url, 'CREATE TABLE leftover (id int)');
    const other = await postgres.fresh();
    expect(await ask(other, `SELECT to_regclass('leftover') AS seen`)).toEqual([{ seen: null }]);
    await ask(other, 'CREATE EXTENSION IF NOT EXISTS pg_trgm');
    const [row] = await ask(other, `SELECT show_trgm('张三') AS trigrams, getdatabaseencoding() AS encoding`);
    expect(row).toMatchObject({ encoding: 'UTF8' });
    expect(row!['trigrams']).toHaveLength(3);
    await postgres.stop();
    // The temporary cluster keeps its databases until it vanishes itself.
    if (testServerUrl()) await expect(ask(other, 'SELECT 1')).rejects.toThrow('does not exist');
  });

  it('comes from one server, however many ask at once', async () => {
    const handles = await Promise.all([startTestPostgres(), startTestPostgres(), startTestPostgres()]);
    expect(new Set(handles.map(({ url }) => new URL(url).host)).size).toBe(1);
    expect(new Set(handles.map(({ url }) => url)).size).toBe(3);
    await Promise.all(handles.map((handle) => handle.stop()));
  });
});
