// The whole process that writes the store and relays it is killed with SIGKILL, again and again, at any moment.
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { openPgReader } from '#store/pg/pg-store';
import { startTestPostgres } from '#testing/postgres';
import type { TestPostgres } from '#testing/postgres';
import { parseEntry } from '#tlog/entry';
import { formatVkey } from '#tlog/key';
import { verifyLog } from '#tlog/log-reader';
import { openDatabase } from './database';
import { Pulse } from './pulse';
import { startRelay } from './relay';
import { folderSource, sampleClock, sampleOrigin, samplePublisher, sampleSigner, silent } from './relay-sample';
import { logMigrations } from './relay-tables';

const root = join(__dirname, '..', '..');

// Runs the sources as they are: Node resolves `#…` by the condition `source`, swc takes the types away. One writer
// appends without pause; each checkpoint that becomes visible is told.
const program = `
  const { transformSync } = require('@swc/core');
  const { readFileSync } = require('node:fs');
  require('node:module')._extensions['.ts'] = (module, filename) =>
    module._compile(transformSync(readFileSync(filename, 'utf8'), { filename }).code, filename);
  const { randomUUID } = require('node:crypto');
  const { openPgStore } = require('./libs/store/pg/pg-store.ts');
  const { openDatabase } = require('./libs/chassis/database.ts');
  const { startRelay } = require('./libs/chassis/relay.ts');
  const { Pulse } = require('./libs/chassis/pulse.ts');
  const sample = require('./libs/chassis/relay-sample.ts');
  const { logMigrations } = require('./libs/chassis/relay-tables.ts');
  const { TEST_URL: url, TEST_FOLDER: folder } = process.env;
  const pulse = new Pulse();
  const told = () => {
    const note = readFileSync(folder + '/checkpoint', 'utf8').split('\\n');
    process.stdout.write(note[1] + ' ' + note[2] + '\\n');
  };
  pulse.beats.subscribe(told);
  (async () => {
    const store = await openPgStore({ url, durability: 'unchecked', lockWaitMs: 20000 });
    const onPoolError = () => undefined;
    const database = await openDatabase({ url, applicationName: 'test', migrations: logMigrations, onPoolError });
    const onFatal = (error) => { console.error(error); process.exit(1); };
    const parts = { store, database, pulse, folder, onFatal, log: sample.silent, clock: sample.sampleClock };
    const { samplePublisher: publish, sampleOrigin: origin, sampleSigner: signer } = sample;
    await startRelay({ ...parts, publish, origin, signer });
    for (let n = 0; ; n++) await store.append('round-' + randomUUID(), [{ ...sample.sampleEvent(n), id: randomUUID() }], 'no_stream');
  })().catch((error) => { console.error(error); process.exit(1); });
`;

/** Lets the process show so many checkpoints, and kills it a moment later. Returns size and root of each. */
async function runAndKill(url: string, folder: string, count: number, delayMs: number): Promise<[string, string][]> {
  const child = spawn(process.execPath, ['--conditions=source', '-e', program], {
    cwd: root,
    env: { ...process.env, TEST_URL: url, TEST_FOLDER: folder },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const shown: [string, string][] = [];
  for await (const line of createInterface({ input: child.stdout })) {
    const [size, hash] = line.split(' ');
    if (hash?.length === 44) shown.push([size!, hash]);
    if (shown.length === count) setTimeout(() => child.kill('SIGKILL'), delayMs);
  }
  return shown;
}

describe('a process killed in the middle of relaying', () => {
  let postgres: TestPostgres;
  beforeAll(async () => {
    postgres = await startTestPostgres();
  }, 120_000);
  afterAll(() => postgres.stop(), 120_000);

  it('leaves a log that the next one goes on with: every event once, in order, one root for each size', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'sanfang-kill-'));
    const roots = new Map<string, string>();
    for (let round = 0; round < 8; round++) {
      for (const [size, hash] of await runAndKill(postgres.url, folder, 5 + 17 * round, (3 * round) % 7)) {
        expect(roots.get(size) ?? hash).toBe(hash);
        roots.set(size, hash);
      }
    }
    const { url } = postgres;
    const onPoolError = () => undefined;
    const database = await openDatabase({ url, applicationName: 'test', migrations: logMigrations, onPoolError });
    const reader = openPgReader({ url });
    const expected: string[] = [];
    for await (const event of reader.readAll()) if (event.type === 'RoundClosed') expected.push(event.id);
    const parts = { database, pulse: new Pulse(), folder, log: silent, clock: sampleClock, publish: samplePublisher };
    const onFatal = (error: Error) => {
      throw error;
    };
    const relay = await startRelay({
      ...parts,
      store: reader as never,
      origin: sampleOrigin,
      signer: sampleSigner,
      onFatal,
    });
    while (relay.size() < expected.length) await new Promise((resolve) => setTimeout(resolve, 10));
    await relay.stop();
    const ids: string[] = [];
    const onEntry = (entry: Uint8Array) => ids.push(parseEntry(entry).id);
    await verifyLog(folderSource(folder), { vkey: formatVkey(sampleSigner), onEntry });
    expect(expected.length).toBeGreaterThan(256);
    expect(ids).toEqual(expected);
    const rows = await database.query('select size, root from log.checkpoint');
    for (const { size, root: signed } of rows) expect(roots.get(size) ?? signed).toBe(signed);
    await reader.close();
    await database.destroy();
    rmSync(folder, { recursive: true });
  }, 180_000);
});
