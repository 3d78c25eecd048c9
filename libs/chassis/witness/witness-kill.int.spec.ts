// A process that takes in a peer's log and cosigns it is killed before and after each statement by which it writes (F1):
// whatever it had answered stays, nothing is there in part, and the next one goes on.
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { DataSource } from 'typeorm';
import { sampleEntries, sampleLog } from '#testing/sample-log';
import { startTestPostgres } from '#testing/postgres';
import type { TestPostgres } from '#testing/postgres';
import { openCheckpoint } from '#tlog/checkpoint';
import { COSIGNER_KEY_TYPE, parseVkey, signingKey } from '#tlog/key';
import { toBase64 } from '#tlog/bytes';
import { openDatabase } from '../database';
import { inboxMigrations } from '../peers';
import { witnessMigrations } from './tables';

jest.setTimeout(300_000);
const program = join(__dirname, '..', '..', '..', 'dist/libs/testing/reading-witness.js');
const key = signingKey('commission.example.gov.cn/witness/v1', COSIGNER_KEY_TYPE, new Uint8Array(32).fill(9));
const logOf = (size: number) => sampleLog(sampleEntries(size));
const logKey = parseVkey(logOf(1).vkey);

let postgres: TestPostgres;
let database: DataSource;
let folder: string;

beforeAll(async () => {
  postgres = await startTestPostgres();
  const migrations = [...inboxMigrations, ...witnessMigrations];
  const { url } = postgres;
  database = await openDatabase({ url, applicationName: 'test', migrations, onPoolError: () => undefined });
  folder = mkdtempSync(join(tmpdir(), 'sanfang-witness-kill-'));
});
afterAll(async () => {
  await database?.destroy();
  rmSync(folder, { recursive: true, force: true });
  await postgres?.stop();
});

/** @returns whether it was killed, and the size that it has answered with a cosignature, 0 for none */
function taken(size: number, nth: number, when: 'before' | 'after'): Promise<{ killed: boolean; answered: number }> {
  const words = [program, postgres.url, folder, String(size), String(nth), when];
  const child = spawn(process.execPath, words, { stdio: ['ignore', 'pipe', 'inherit'] });
  let said = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (said += text));
  return new Promise((resolve, reject) =>
    child.once('close', (code, signal) => {
      if (code !== 0 && signal !== 'SIGKILL') reject(new Error(`it ended with ${code ?? signal}`));
      else resolve({ killed: signal === 'SIGKILL', answered: Number(said) });
    }),
  );
}

/** Sizes of what is held and cosigned, after each was compared with the log. */
async function sizes(): Promise<{ held: number; cosigned: number }> {
  const peers = await database.query('select size from inbox.peer');
  const entries: { bytes: Buffer }[] = await database.query('select bytes from inbox.entry order by index');
  const held = Number(peers[0]?.size ?? 0);
  expect(entries.map(({ bytes }) => bytes.toString())).toEqual(
    sampleEntries(held).map((entry) => Buffer.from(entry).toString()),
  );
  const states = await database.query(`select size, root, note from witness.state where size > 0`);
  const rows = await database.query('select size, root, note from witness.cosignature order by size');
  for (const row of rows) {
    const checkpoint = openCheckpoint(Buffer.from(row.note), logKey, [key]);
    expect(checkpoint).toMatchObject({ size: BigInt(row.size), cosignatures: [{ key }] });
    expect(openCheckpoint(logOf(Number(row.size)).files.get('checkpoint')!, logKey).text).toBe(checkpoint.text);
    expect(toBase64(checkpoint.root)).toBe(row.root);
  }
  expect(rows.slice(-1)).toEqual(states);
  expect(new Set(rows.map(({ size }: { size: string }) => size)).size).toBe(rows.length);
  return { held, cosigned: Number(states[0]?.size ?? 0) };
}

it('leaves inbox and witness whole wherever it is killed, and takes back no answer', async () => {
  let [size, nth, killed] = [250, 0, 0];
  let before = await sizes();
  for (let ended = false; !ended;) {
    nth++;
    for (const when of ['before', 'after'] as const) {
      const run = await taken(++size, nth, when);
      const now = await sizes();
      expect(now.held).toBeGreaterThanOrEqual(before.held);
      expect(now.cosigned).toBeGreaterThanOrEqual(Math.max(before.cosigned, run.answered));
      expect(now.cosigned).toBeLessThanOrEqual(now.held);
      before = now;
      if (run.killed) killed++;
      else ended = true;
      if (!run.killed)
        expect({ ...now, answered: run.answered }).toEqual({ held: size, cosigned: size, answered: size });
    }
  }
  // Two of the inbox (its row, an acceptance), five of a cosignature: from the start of its transaction to its commit.
  expect(killed).toBe(14);
});
