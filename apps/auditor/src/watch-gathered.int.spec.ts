import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { DataSource } from 'typeorm';
import type { Config } from '#chassis/config';
import { openDatabase } from '#chassis/database';
import { Pulse } from '#chassis/pulse';
import { Cosignatures } from '#chassis/witness/cosignatures';
import { Exchange } from '#chassis/witness/exchange';
import { rosterOf } from '#chassis/witness/roster';
import { witnessMigrations } from '#chassis/witness/tables';
import { startTestPostgres } from '#testing/postgres';
import type { TestPostgres } from '#testing/postgres';
import { sampleEntries, sampleLog } from '#testing/sample-log';
import { serveFiles } from '#testing/sample-server';
import { parseVkey } from '#tlog/key';
import { watch } from './watch';

jest.setTimeout(120_000);

const silent = { info: () => undefined, warn: () => undefined, error: () => undefined };
const log = sampleLog(sampleEntries(300));

let postgres: TestPostgres;
let database: DataSource;
let folder: string;
beforeAll(async () => {
  postgres = await startTestPostgres();
  const url = await postgres.fresh();
  database = await openDatabase({
    url,
    applicationName: 'test',
    migrations: witnessMigrations,
    onPoolError: () => undefined,
  });
  folder = mkdtempSync(join(tmpdir(), 'sanfang-gathered-'));
});
afterAll(async () => {
  await database.destroy();
  await postgres.stop();
  rmSync(folder, { recursive: true });
});

async function until(what: string, check: () => boolean): Promise<void> {
  for (const end = performance.now() + 60_000; !check();) {
    if (performance.now() > end) throw new Error(`${what}: not within 60 s`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

describe('an agency whose trust policy names an outside witness', () => {
  it('gathers its cosignatures over HTTP, and counts them: its log is final by them', async () => {
    const server = await serveFiles(log.files);
    const ending = new AbortController();
    const told: { vkey?: string; url?: string } = {};
    const watching = watch([server.url], {
      ...{ keyFile: join(folder, 'key'), folder: join(folder, 'state'), name: 'auditor.example.org/witness/v1' },
      ...{ listen: '127.0.0.1:0', everyMs: 100, once: false, signal: ending.signal },
      milliseconds: () => 1_767_139_200_000,
      onEvent: (event) =>
        void Object.assign(
          told,
          event.kind === 'key' ? { vkey: event.vkey } : event.kind === 'listening' ? { url: event.url } : {},
        ),
    });
    await until('it listens', () => told.url !== undefined);
    const policyFile = join(folder, 'policy');
    writeFileSync(policyFile, `witness 审计署 ${told.vkey} ${told.url}\nquorum 审计署\n`);
    const config = {
      agency: 'inspection',
      origin: log.origin,
      peers: [],
      trustFolder: folder,
      policyFile,
    } as unknown as Config;
    const roster = rosterOf(config);
    const pulse = new Pulse();
    const cosignatures = await Cosignatures.open(database, roster, pulse, { origin: log.origin, folder });
    expect(cosignatures.reach(log.origin)).toMatchObject({ final: 0 });
    const contradictions: unknown[] = [];
    const exchange = new Exchange({
      ...{ seats: roster.seats, cosignatures, pulse, log: silent },
      logs: [
        {
          origin: log.origin,
          key: () => Promise.resolve(parseVkey(log.vkey)),
          size: () => 300,
          rootAt: (size) => Promise.resolve(size === 300n ? log.root : undefined),
          onContradiction: (...all) => Promise.resolve(void contradictions.push(all)),
        },
      ],
    });
    try {
      await until('it is gathered', () => cosignatures.reach(log.origin).final === 300);
      expect(cosignatures.reach(log.origin)).toMatchObject({ witnessed: 300, by: [{ name: '审计署', size: 300 }] });
      expect(contradictions).toEqual([]);
    } finally {
      await exchange.stop();
      ending.abort();
      expect(await watching).toBe('WHOLE');
      await server.close();
    }
  });
});
