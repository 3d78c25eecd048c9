import { Client } from 'pg';
import { startTestPostgres } from '#testing/postgres';
import type { TestPostgres } from '#testing/postgres';
import { bytesArray, textArray } from './binary-array';

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

  it('hold any bytes', async () => {
    const items = [new Uint8Array(0), Uint8Array.from({ length: 256 }, (_, n) => n)];
    const { rows } = await client.query('select $1::bytea[] as items', [bytesArray(items)]);
    expect(rows[0].items.map((item: Buffer) => [...item])).toEqual(items.map((item) => [...item]));
  });
});
