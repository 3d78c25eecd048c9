// `npm run move -- AGENCY --from pg --to esdb://…`: moves an agency's stored events out of its PostgreSQL, while its
// service is stopped. Cut off, it is run again and goes on where it was. Exit 0 when every event was compared.
import 'reflect-metadata';
import { Command } from 'commander';
import { agencies } from '#kernel/envelope';
import type { Agency } from '#kernel/envelope';
import type { Durability } from '#store/pg/session';
import { readConfig } from './config';
import type { Config } from './config';
import { openDatabase } from './database';
import { reachDatabase } from './database-url';
import { redacted } from './logging';
import { moveStore } from './moving';
import type { Moved } from './moving';
import { takeLease } from './relay-lease';
import { logMigrations } from './relay-tables';
import { knownHome, storeHomeMigrations } from './store-home';
import { viewMigrations } from './views/start-views';

const usage = `usage: npm run move -- AGENCY --from pg --to esdb://…   AGENCY: ${agencies.join(', ')}
  --to absent = the setting AGENCY_EVENT_STORE_URL, which keeps a password out of the list of processes`;

export class UsageFault extends Error {
  override readonly name = 'UsageFault';
}

export type MoveOptions = {
  readonly config: Config;
  readonly to: string;
  readonly onProgress?: (what: string, count: number) => void;
  /** For test servers that run without fsync. */
  readonly durability?: Durability;
};

/** @param words what follows `npm run move --` @throws UsageFault, BadConfig */
export function understand(words: readonly string[], environment: NodeJS.ProcessEnv): MoveOptions {
  const agency = agencies.find((known) => known === words[0]);
  if (!agency) throw new UsageFault(usage);
  const command = new Command(`move ${agency}`).exitOverride().configureOutput({ writeErr: () => undefined });
  command.requiredOption('--from <store>').option('--to <url>');
  try {
    command.parse(words.slice(1), { from: 'user' });
  } catch (error) {
    throw new UsageFault(`${(error as Error).message}\n${usage}`);
  }
  const { from, to: named } = command.opts<{ from: string; to?: string }>();
  const config = readConfig(agency, environment);
  const to = named ?? config.eventStoreUrl;
  if (from !== 'pg' || to === undefined) throw new UsageFault(usage);
  return { config, to };
}

/** @throws RelayFault or StoreInUse while the service runs, MoveFault, WrongHome, Unavailable */
export async function move({ config, to, onProgress, durability }: MoveOptions): Promise<Moved> {
  const { agency, origin } = config;
  const { openPgStore } = await import('#store/pg/pg-store');
  const { openEsdbStore } = await import('#store/esdb/esdb-store');
  const { url, stop } = await reachDatabase(config);
  const ends: (() => Promise<unknown>)[] = [stop];
  try {
    const applicationName = `sanfang-${agency}-move`;
    const migrations = [...logMigrations, ...viewMigrations, ...storeHomeMigrations];
    const database = await openDatabase({ url, applicationName, migrations, onPoolError: () => undefined });
    ends.push(() => database.destroy());
    if ((await knownHome(database)) === 'eventstore') throw new UsageFault(`${agency} was moved already`);
    // Two locks that a running service holds, whichever store it is on: nothing may be written or published meanwhile.
    const lease = await takeLease(database, origin, new AbortController().signal, 0);
    ends.push(() => lease.release());
    const from = await openPgStore({ url, applicationName, lockWaitMs: 100, ...(durability && { durability }) });
    ends.push(() => from.close());
    const target = await openEsdbStore({ url: to });
    ends.push(() => target.close());
    return await moveStore({ from, to: target, database, agency, origin, ...(onProgress && { onProgress }) });
  } finally {
    for (const end of ends.reverse()) await end();
  }
}

function done(agency: Agency, { copied, compared }: Moved): string {
  return (
    `${agency}: ${compared} events compared, ${copied} of them copied now.\n` +
    `Set ${agency.toUpperCase()}_EVENT_STORE_URL to this event store and start the service.\n` +
    `The table store.events stays in PostgreSQL as it was; it is not written any more.\n`
  );
}

function tell(what: string, count: number): void {
  if (count % 10_000 < 200) process.stderr.write(`${what} ${count}\n`);
}

// Named, not `require.main`: scripts/run.mjs loads the program into its own process.
if (process.argv[1] === __filename) {
  (async () => {
    const options = understand(process.argv.slice(2), process.env);
    process.stdout.write(done(options.config.agency, await move({ ...options, onProgress: tell })));
  })().catch((error: Error) => {
    process.stderr.write(`${String(redacted(error.message))}\n`);
    process.exitCode = error instanceof UsageFault ? 2 : 1;
  });
}
