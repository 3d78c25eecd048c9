// Accounts, by the agency's own administrator: `npm run account -- AGENCY add|reset|disable|list …`. Works on the
// agency's database itself, whether its service runs or not; a password is shown once and kept nowhere.
import 'reflect-metadata';
import { Command } from 'commander';
import type { DataSource } from 'typeorm';
import { agencies } from '#kernel/envelope';
import type { Agency } from '#kernel/envelope';
import { roles } from '#contracts/roles';
import type { Role } from '#contracts/roles';
import { Clock } from './clock';
import { readConfig } from './config';
import { openDatabase } from './database';
import { reachDatabase } from './database-url';
import { createAccount, disableAccount, listAccounts, resetPassword } from './identity/accounts';
import { identityMigrations } from './identity/tables';

type AddOptions = { login: string; name: string; role: string; unit?: string; unitName?: string; units?: string };
type Work = (database: DataSource) => Promise<string>;

const usage = `usage: npm run account -- AGENCY add|reset|disable|list …   AGENCY: ${agencies.join(', ')}`;

/** @param words what follows `npm run account --` @returns what to print */
export async function account(words: readonly string[], environment: NodeJS.ProcessEnv): Promise<string> {
  const agency = agencies.find((known) => known === words[0]);
  if (!agency) throw new UsageFault(usage);
  const work = workOf(agency, words.slice(1));
  const { url, stop } = await reachDatabase(readConfig(agency, environment));
  try {
    const database = await openDatabase({
      url,
      applicationName: `sanfang-${agency}-account`,
      migrations: identityMigrations,
      poolSize: 2,
      onPoolError: () => undefined,
    });
    return await work(database).finally(() => database.destroy());
  } finally {
    await stop();
  }
}

export class UsageFault extends Error {
  override readonly name = 'UsageFault';
}

/** Understands the words before anything is opened. @throws UsageFault */
function workOf(agency: Agency, words: readonly string[]): Work {
  let work: Work | undefined;
  const command = new Command(`account ${agency}`);
  const own = Object.entries(roles).filter(([, role]) => role.agency === agency);
  command
    .command('add')
    .description('create an account with a random password, printed once')
    .requiredOption('--login <login>', 'what is typed at sign-in')
    .requiredOption('--name <name>', 'name of the person, as it enters the log')
    .requiredOption('--role <role>', own.map(([name, { label }]) => `${name} ${label}`).join(', '))
    .option('--unit <id>', 'unit the person belongs to')
    .option('--unit-name <name>', 'name of that unit')
    .option('--units <ids>', 'further units the person answers for, separated by commas')
    .action((options: AddOptions) => void (work = (database) => add(database, agency, options)));
  command
    .command('reset')
    .description('give a new random password, printed once; open sessions end')
    .requiredOption('--login <login>')
    .action(
      ({ login }: { login: string }) =>
        void (work = async (database) => `${login}  ${await resetPassword(database, login)}`),
    );
  command
    .command('disable')
    .description('close an account and end its sessions')
    .requiredOption('--login <login>')
    .action(
      ({ login }: { login: string }) =>
        void (work = async (database) => {
          await disableAccount(database, login);
          return `${login} is disabled`;
        }),
    );
  command
    .command('list')
    .description('all accounts of the agency')
    .action(() => void (work = list));
  for (const each of [command, ...command.commands]) each.exitOverride().configureOutput({ writeErr: () => undefined });
  try {
    command.parse([...words], { from: 'user' });
  } catch (error) {
    throw new UsageFault(`${(error as Error).message}\n${usage}`);
  }
  if (!work) throw new UsageFault(usage);
  return work;
}

async function add(database: DataSource, agency: Agency, options: AddOptions): Promise<string> {
  const { login, name, role, unit, unitName, units } = options;
  const created = await createAccount(
    database,
    agency,
    {
      login,
      name,
      role: role as Role,
      ...(unit !== undefined && { unitId: unit }),
      ...(unitName !== undefined && { unitName }),
      ...(units !== undefined && { units: units.split(',').map((each) => each.trim()) }),
    },
    new Clock().now(),
  );
  return `${created.login}  ${created.password}`;
}

async function list(database: DataSource): Promise<string> {
  const accounts = await listAccounts(database);
  return accounts
    .map(({ login, name, role, unitName, disabled }) =>
      [login, name, roles[role].label, unitName ?? '', disabled ? 'disabled' : ''].join('  ').trimEnd(),
    )
    .join('\n');
}

// Named, not `require.main`: scripts/run.mjs loads the program into its own process.
if (process.argv[1] === __filename) {
  account(process.argv.slice(2), process.env).then(
    (text) => void process.stdout.write(`${text}\n`),
    (error: Error) => {
      process.stderr.write(`${error.message}\n`);
      process.exitCode = error instanceof UsageFault ? 2 : 1;
    },
  );
}
