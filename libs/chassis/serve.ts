// The process around a service: settings in, signals out. Whatever is not understood ends the process; the log and the
// store are the recovery, and a supervisor starts it again.
import 'reflect-metadata';
import { join } from 'node:path';
import type { Agency } from '#kernel/envelope';
import { assemble } from './assemble';
import type { Service } from './assemble';
import { BadConfig, readConfig } from './config';
import type { Config } from './config';
import { createAccount } from './identity/accounts';
import type { NewAccount } from './identity/accounts';
import { openLog } from './logging';
import type { Log } from './logging';
import type { Slice } from './slice';

/** An orderly stop that takes longer is no longer orderly. */
const stopMs = 10_000;
/** Of the compiled tree: dist/libs/chassis/serve.js beside dist/web. */
const builtConsole = join(__dirname, '..', '..', 'web');

/** Starts an agency's service and resolves when it answers; ends the process when it cannot. */
export async function serve(agency: Agency, slices: readonly Slice[]): Promise<void> {
  const config = configOrEnd(agency);
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
  try {
    const service = await assemble({ config, slices, log, web: builtConsole, onFatal: end });
    stopOnSignal(service, log);
    if (process.send) obeyParent(agency, service, log);
    log.info({ url: service.url }, 'ready');
    process.send?.({ ready: true, agency, url: service.url });
  } catch (error) {
    end('the service did not start', error);
  }
}

function configOrEnd(agency: Agency): Config {
  try {
    return readConfig(agency, process.env);
  } catch (error) {
    if (!(error instanceof BadConfig)) throw error;
    process.stderr.write(`${error.message}\n`);
    return process.exit(2);
  }
}

function stopOnSignal(service: Service, log: Log): void {
  let stopping = false;
  const stop = (why: string): void => {
    if (stopping) return;
    stopping = true;
    log.info({ why }, 'stopping');
    setTimeout(() => {
      log.error({}, `not stopped within ${stopMs} ms; ending at once, the next start recovers`);
      process.exit(1);
    }, stopMs).unref();
    void service.stop().then(() => process.exit(0));
  };
  process.once('SIGTERM', () => stop('SIGTERM'));
  process.once('SIGINT', () => stop('SIGINT'));
  // The parent that started us is gone: a service nobody watches must not hold ports and databases.
  if (process.send) process.once('disconnect', () => stop('the parent process ended'));
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
