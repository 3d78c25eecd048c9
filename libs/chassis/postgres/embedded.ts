// A real PostgreSQL of the agency's own, from an npm package, for machines where nobody set one up. One folder holds
// one cluster, its secrets, its owner lock and its log:
//   cluster/  secrets.json (0600)  owner.json  server.log
import { mkdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { findBinaries } from './binaries';
import { configure, ensureCluster, SUPERUSER } from './cluster';
import { chooseIdentity } from './identity';
import { stopOrphan } from './orphan';
import { takeOwnership } from './owner-lock';
import { openPasswords } from './secrets';
import type { Server } from './server';
import { startServer } from './server';
import { DEFAULT_CONNECTIONS } from './settings';

export interface EmbeddedOptions {
  /** The launcher's folder, e.g. `.data/commission/postgres`; made when missing. */
  folder: string;
  /** Name of the database and of its role, e.g. `sanfang`; lower-case letters, digits, underscores. */
  name: string;
  /** Hears of rare events worth an operator's eye, such as a stopped orphan. */
  log?: (line: string) => void;
  /** Upper bound of connections; 24 when left out. */
  connections?: number;
  /** Durability is not for sale: there is no such option. */
  sync?: never;
}

export interface Embedded {
  /** `postgres://role:secret@127.0.0.1:port/database` of the ordinary role, owner of the database and nothing else. */
  url: string;
  /** The same database as the cluster's superuser; for upkeep and tests. */
  adminUrl: string;
  /** Ends the server in order (bounded, then by force) and gives the folder free. */
  stop(): Promise<void>;
  /** Told once when the server ends without stop(). */
  onExit(listener: (why: string) => void): void;
  /** To be told that connections broke: a server that stays in recovery is ended, and `onExit` hears of it. */
  doubt(): void;
  /** Process ids of the server and its children; empty when it has ended. */
  pids(): number[];
}

/**
 * Starts the cluster of a folder, making it first when there is none, recovering by itself after a crash.
 * @throws DataFolderInUse when another living process owns the folder, NoEmbeddedServer when the machine cannot run it
 */
export async function startEmbedded(options: EmbeddedOptions): Promise<Embedded> {
  const { name, log = () => undefined, connections = DEFAULT_CONNECTIONS } = options;
  if (!/^[a-z][a-z0-9_]{0,47}$/.test(name) || name.startsWith('pg_') || name === SUPERUSER)
    throw new Error(`${name} cannot name the database and its role: use lower-case letters, digits, underscores`);
  const folder = resolve(options.folder);
  mkdirSync(folder, { recursive: true, mode: 0o711 });
  const release = take(folder);
  try {
    const binaries = findBinaries();
    const identity = chooseIdentity(folder, binaries.postgres);
    const secrets = openPasswords(join(folder, 'secrets.json'));
    const cluster = await ensureCluster(folder, name, secrets, binaries, identity);
    await stopOrphan(cluster, log);
    identity.own(cluster);
    configure(cluster, connections, identity);
    const server = await startServer(cluster, join(folder, 'server.log'), binaries, identity, log);
    return face(server, name, secrets, release);
  } catch (error) {
    release();
    throw error;
  }
}

function take(folder: string): () => void {
  try {
    return takeOwnership(folder);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EACCES') throw error;
    // Met after a first start as root and a second as oneself.
    throw new Error(
      `${folder} belongs to another user (${(error as Error).message}). Remedy: start as that user, take the folder ` +
        'over with chown -R, or choose another one with SANFANG_DATA.',
    );
  }
}

function face(
  server: Server,
  name: string,
  secrets: { superuser: string; role: string },
  release: () => void,
): Embedded {
  const url = (user: string, secret: string) => `postgres://${user}:${secret}@127.0.0.1:${server.port}/${name}`;
  return {
    url: url(name, secrets.role),
    adminUrl: url(SUPERUSER, secrets.superuser),
    onExit: server.onExit,
    doubt: server.doubt,
    pids: server.pids,
    async stop() {
      await server.stop();
      release();
    },
  };
}
