// PostgreSQL refuses to run as root, and containers are root by habit. This says as whom the server runs instead:
// a normal user as himself; root as an unprivileged account that can reach the files, else inside a user namespace,
// where root's own files belong to a user who is not root.
import { spawnSync } from 'node:child_process';
import { chmodSync, lchownSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { NoEmbeddedServer } from './binaries';

/** How to run a server program, and which account its files on disk belong to. */
export interface Identity {
  readonly how: 'direct' | 'account' | 'namespace';
  /** Words put before the program. */
  readonly prefix: readonly string[];
  /** Passed to spawn; undefined leaves the account as it is. */
  readonly account: { readonly uid: number; readonly gid: number } | undefined;
  /** Gives a file or a whole folder to the server's account. */
  own(path: string): void;
}

/** @param folder the launcher's folder (exists); @param postgres the program that must be reachable from the account */
export function chooseIdentity(folder: string, postgres: string): Identity {
  if (process.getuid?.() !== 0) return { how: 'direct', prefix: [], account: undefined, own: () => undefined };
  // The folder itself is the launcher's own and holds no readable secret: let the account pass through it.
  chmodSync(folder, 0o711);
  for (const account of accounts()) {
    const reaches = spawnSync('/bin/sh', ['-c', '"$0" --version && cd "$1"', postgres, folder], { ...account });
    if (reaches.status === 0) return identity('account', [], account);
  }
  const prefix = ['unshare', '--user', '--map-user=1000', '--map-group=1000', '--'];
  const works = spawnSync(prefix[0]!, [...prefix.slice(1), postgres, '--version']);
  if (works.status === 0) return identity('namespace', prefix, undefined);
  throw new NoEmbeddedServer(
    'PostgreSQL does not run as root; no unprivileged account (postgres, node, nobody) can reach ' +
      `${folder} and ${postgres}, and user namespaces are refused here (${whyNot(works)}). ` +
      'Or run as a normal user, or move repository and data folder out of a private home directory.',
  );
}

function identity(how: 'account' | 'namespace', prefix: string[], account: Identity['account']): Identity {
  const { uid, gid } = account ?? { uid: 0, gid: 0 };
  return { how, prefix, account, own: (path) => giveTo(path, uid, gid) };
}

// Walks only when the top belongs to another: the usual restart touches nothing.
function giveTo(path: string, uid: number, gid: number): void {
  const before = statSync(path);
  if (before.uid === uid && before.gid === gid) return;
  if (before.isDirectory()) for (const name of readdirSync(path)) giveEntry(join(path, name), uid, gid);
  lchownSync(path, uid, gid); // Last, so that a crash on the way is seen and mended by the next start.
}

function giveEntry(path: string, uid: number, gid: number): void {
  lchownSync(path, uid, gid);
  if (statSync(path, { throwIfNoEntry: false })?.isDirectory())
    for (const name of readdirSync(path)) giveEntry(join(path, name), uid, gid);
}

function accounts(): { uid: number; gid: number }[] {
  const lines = readFileSync('/etc/passwd', 'utf8').split('\n');
  const entries = lines.map((line) => line.split(':'));
  return ['postgres', 'node', 'nobody'].flatMap((name) => {
    const entry = entries.find((fields) => fields[0] === name);
    const [uid, gid] = [Number(entry?.[2]), Number(entry?.[3])];
    return uid > 0 && gid > 0 ? [{ uid, gid }] : [];
  });
}

function whyNot(run: { error?: Error; stderr: Buffer | null }): string {
  return run.error?.message ?? String(run.stderr).trim();
}
