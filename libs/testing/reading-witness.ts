// A program that follows a sample log up to a size and cosigns it, as a service's follower and witness do, and kills itself
// with SIGKILL before or after one of the statements by which it writes: `URL FOLDER SIZE NTH before|after`. Without that
// many statements it ends well and prints the size that it has answered with a cosignature.
import { Client } from 'pg';
import { openDatabase } from '#chassis/database';
import { inboxMigrations } from '#chassis/peers';
import { Pulse } from '#chassis/pulse';
import { silent } from '#chassis/relay-sample';
import { Cosignatures } from '#chassis/witness/cosignatures';
import { Roster } from '#chassis/witness/roster';
import { StoredTree } from '#chassis/witness/stored-tree';
import { witnessMigrations } from '#chassis/witness/tables';
import { Witness } from '#chassis/witness/witness';
import { Follower } from '#stream/follower';
import { PgInbox } from '#stream/pg/inbox';
import { COSIGNER_KEY_TYPE, parseVkey, signingKey } from '#tlog/key';
import { leafHash, perfectRoot, proveConsistency } from '#tlog/merkle';
import { writeAddCheckpoint } from '#tlog/witness';
import { sampleEntries, sampleLog, sampleSource } from './sample-log';

const [url = '', folder = '', size = '', nth = '', when = ''] = process.argv.slice(2);
const clock = (): string => '2026-03-02T01:00:00.000Z';
const posixSeconds = Date.parse(clock()) / 1000;

type Query = (...words: unknown[]) => Promise<unknown>;

/** From now on the nth statement that changes something is the last. */
function dieAt(): void {
  let left = Number(nth);
  const die = (): void => void process.kill(process.pid, 'SIGKILL');
  const client = Client.prototype as unknown as { query: Query };
  const query = client.query;
  client.query = function (this: Client, ...words) {
    const text = typeof words[0] === 'string' ? words[0].trim() : '';
    const isLast = /^(start|commit|insert|update|delete|with)\b/i.test(text) && --left === 0;
    if (isLast && when === 'before') die();
    const answer = query.apply(this, words);
    return isLast ? answer.finally(die) : answer;
  };
}

async function run(): Promise<void> {
  const entries = sampleEntries(Number(size));
  const log = sampleLog(entries);
  const logKey = parseVkey(log.vkey);
  const { name: origin } = logKey;
  const migrations = [...inboxMigrations, ...witnessMigrations];
  const database = await openDatabase({ url, applicationName: 'test', migrations, onPoolError: () => undefined });
  const inbox = new PgInbox(database, new Map([[origin, 'inspection']]));
  const pulse = new Pulse();
  const key = signingKey('commission.example.gov.cn/witness/v1', COSIGNER_KEY_TYPE, new Uint8Array(32).fill(9));
  const seat = { name: 'commission', keyName: key.name, key: () => Promise.resolve(key) };
  const roster = new Roster([seat], { kind: 'witness', name: 'commission' });
  const cosignatures = await Cosignatures.open(database, roster, pulse, { origin: 'own.example/events/v1', folder });
  const witness = new Witness({
    ...{ database, key, cosignatures, pulse, log: silent, tree: new StoredTree(database) },
    logs: [{ origin, key: () => Promise.resolve(logKey) }],
    milliseconds: () => posixSeconds * 1000,
    onFork: () => Promise.reject(new Error('a fork of an honest log')),
  });
  const source = { ...sampleSource(log), wake: async function* () {} };
  const follower = new Follower({
    origin,
    key: logKey,
    inbox,
    log: silent,
    source,
    clock,
    onAccepted: () => undefined,
  });
  dieAt();
  await follower.step();
  const hashAt = (level: number, n: bigint): Uint8Array => {
    const first = Number(n) << level;
    return perfectRoot(Buffer.concat(entries.slice(first, first + (1 << level)).map(leafHash)));
  };
  const ask = (old: bigint) => {
    const proof = old === 0n ? [] : proveConsistency(old, BigInt(size), hashAt);
    return witness.add(writeAddCheckpoint(old, proof, log.files.get('checkpoint')!));
  };
  const first = await ask(0n);
  // What was cosigned before, whoever was told of it, is named by the refusal.
  const { status } = first.status === 409 ? await ask((first as { size: bigint }).size) : first;
  if (status === 200) process.stdout.write(size);
  await database.destroy();
}

run().catch((error: Error) => {
  process.stderr.write(`${error.stack}\n`);
  process.exitCode = 1;
});
