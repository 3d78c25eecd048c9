// The process around a service: settings in, signals out. Whatever is not understood ends the process; the log and the
// store are the recovery, and a supervisor starts it again.
import 'reflect-metadata';
import { join } from 'node:path';
import type { Agency } from '#kernel/envelope';
import { offline } from './agency-program';
import { assemble } from './assemble';
import type { Service } from './assemble';
import { BadConfig, readConfig } from './config';
import type { Config } from './config';
import { createAccount } from './identity/accounts';
import type { NewAccount } from './identity/accounts';
import { openLog, redacted } from './logging';
import type { Log } from './logging';
import type { Slice } from './slice';

/** An orderly stop that takes longer is no longer orderly. */
const stopMs = 10_000;
/** Asked to stop while still starting: time to finish the start and stop in order; half a start leaves more behind. */
const startAndStopMs = 30_000;
/** Of the compiled tree: dist/libs/chassis/serve.js beside dist/web. */
const builtConsole = join(__dirname, '..', '..', 'web');

/**
 * Starts an agency's service and resolves when it answers; ends the process when it cannot. Called with the name of an
 * offline program, the process does that instead.
 */
export async function serve(agency: Agency, slices: readonly Slice[]): Promise<void> {
  const config = await configOrEnd(agency);
  const [word = '', ...words] = process.argv.slice(2);
  if (Object.hasOwn(offline, word)) {
    process.exitCode = await (await offline[word]!())(config, slices, words);
    return;
  }
  const log = openLog(config.logLevel, agency);
  let fatal = false;
  const end = (what: string, error: unknown): void => {
    if (fatal) return;
    fatal = true;
    log.fatal({ err: error }, what);
    process.exit(1);
  };
  process.on('uncaughtException', (error) => end('an error nobody handled', error));
  process.on('unhandledRejection', (error) => end('a rejection nobody handled', error));
  const startedAs = stopOnSignal(log);
  try {
    const service = await assemble({ config, slices, log, web: builtConsole, onFatal: end });
    startedAs(service);
    if (process.send) obeyParent(agency, service, log);
    log.info({ feed: service.feedUrl, url: service.url }, 'ready');
    process.send?.({ ready: true, agency, url: service.url });
  } catch (error) {
    await tellParent({ failed: String(redacted((error as Error).message)) });
    end('the service did not start', error);
  }
}

async function configOrEnd(agency: Agency): Promise<Config> {
  try {
    return readConfig(agency, process.env);
  } catch (error) {
    if (!(error instanceof BadConfig)) throw error;
    const faults = error.faults.map(({ name, what, remedy }) => `${name}: ${what}; ${remedy}`);
    await tellParent({ failed: error.message, faults });
    process.stderr.write(`${error.message}\n`);
    return process.exit(2);
  }
}

/** Why there will be no service, for a launcher that has to say it to a person. Resolves when it is on its way. */
function tellParent(message: { readonly failed: string; readonly faults?: readonly string[] }): Promise<void> {
  return new Promise((resolve) => {
    if (process.send) process.send(message, undefined, undefined, () => resolve());
    else resolve();
  });
}

/**
 * Listens from the first moment on, because half a start that is killed leaves a database server behind. A supervisor
 * and a terminal may both send a signal, and often more than one: the first counts, none of the others does harm.
 * @returns to be told of the service once it is there
 */
function stopOnSignal(log: Log): (started: Service) => void {
  let service: Service | undefined;
  let stopping = false;
  const end = (running: Service): void => void running.stop().then(() => process.exit(0));
  const stop = (why: string): void => {
    if (stopping) return;
    stopping = true;
    log.info({ why }, 'stopping');
    const patience = service ? stopMs : startAndStopMs;
    setTimeout(() => {
      log.error({}, `not stopped within ${patience} ms; ending at once, the next start recovers`);
      process.exit(1);
    }, patience).unref();
    if (service) end(service);
  };
  process.on('SIGTERM', () => stop('SIGTERM'));
  process.on('SIGINT', () => stop('SIGINT'));
  // The parent that started us is gone: a service nobody watches must not hold ports and databases.
  if (process.send) process.once('disconnect', () => stop('the parent process ended'));
  return (started) => {
    service = started;
    if (stopping) end(started);
  };
}

type Request = { readonly request?: number; readonly accounts?: readonly (NewAccount & { password?: string })[] };

/**
 * The parent process, and nobody else, may ask for accounts over the channel it made: the launcher prepares the
 * demonstration with it. Answers `{ accounts: request, created }` or `{ accounts: request, error }`.
 */
function obeyParent(agency: Agency, { database, clock }: Service, log: Log): void {
  process.on('message', ({ request, accounts }: Request) => {
    if (request === undefined || accounts === undefined) return;
    const all = accounts.map(({ password, ...account }) =>
      createAccount(database, agency, account, clock.now(), password),
    );
    Promise.all(all).then(
      (created) => process.send?.({ accounts: request, created: created.length }),
      (error: Error) => {
        log.error({ err: error }, 'accounts asked for by the parent were not created');
        process.send?.({ accounts: request, error: error.message });
      },
    );
  });
}
