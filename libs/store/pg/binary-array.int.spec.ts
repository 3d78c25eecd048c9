import { Client } from 'pg';
import { startTestPostgres } from '#testing/postgres';
import type { TestPostgres } from '#testing/postgres';
import { bigintArray, bytesArray, textArray, uuidArray } from './binary-array';

describe('arrays in binary form', () => {
  let postgres: TestPostgres;
  let client: Client;

  beforeAll(async () => {
    postgres = await startTestPostgres();
    client = new Client({ connectionString: postgres.url });
    await client.connect();
  });

  afterAll(async () => {
    await client.end();
    await postgres.stop();
  });

  it.each([[[]], [['']], [['"quoted", {braced} \\ NULL', '巡视整改\n😀', '{"a":"b"}']]])(
    'come back as they went: %j',
    async (texts: string[]) => {
      const { rows } = await client.query('select $1::text[] as texts', [textArray(texts)]);
      expect(rows[0].texts).toEqual(texts);
    },
  );

  it('hold ids and numbers of 64 bits', async () => {
    const ids = ['0190a000-0000-7000-8000-0000000000ff', 'ffffffff-ffff-4fff-bfff-ffffffffffff'];
    const numbers = [0n, -1n, 9_223_372_036_854_775_807n];
    const { rows } = await client.query('select $1::uuid[]::text[] as ids, $2::bigint[]::text[] as numbers', [
      uuidArray(ids),
      bigintArray(numbers),
    ]);
    expect(rows[0]).toEqual({ ids, numbers: numbers.map(String) });
  });

  it('hold any bytes', async () => {
    const items = [new Uint8Array(0), Uint8Array.from({ length: 256 }, (_, n) => n)];
    const { rows } = await client.query('select $1::bytea[] as items', [bytesArray(items)]);
    expect(rows[0].items.map((item: Buffer) => [...item])).toEqual(items.map((item) => [...item]));
  });
});
