// The two passwords of a cluster: the superuser's, for upkeep, and the agency role's, for all daily work. They are made
// on the first start and never leave the 0600 file beside the cluster, except into connection URLs in memory.
import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync, statSync } from 'node:fs';
import { replaceFile } from '../secret-file';

/** URL-safe passwords of 192 bits each. */
export interface Secrets {
  readonly superuser: string;
  readonly role: string;
}

/** Reads the secrets, or makes them; refuses a file that others may read. */
export function openPasswords(path: string): Secrets {
  if (!existsSync(path)) {
    // Durable before the cluster that knows these passwords exists: else a crash could leave a cluster nobody can enter.
    replaceFile(path, `${JSON.stringify({ superuser: password(), role: password() })}\n`, 0o600);
  }
  const mode = statSync(path).mode & 0o777;
  if (mode & 0o077)
    throw new Error(`${path} may be read by others (mode ${mode.toString(8)}). Remedy: chmod 600 ${path}.`);
  const { superuser, role } = JSON.parse(readFileSync(path, 'utf8')) as Secrets;
  if (!superuser || !role) throw new Error(`${path} lacks a password; restore it from the backup of this folder.`);
  return { superuser, role };
}

const password = () => randomBytes(24).toString('base64url');
