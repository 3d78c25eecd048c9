// The agency's secrets on disk, made at the first start, and the verifier keys that agencies on one machine leave for
// each other. A secret that others can read is no secret: the service then refuses to start.
import { randomBytes } from 'node:crypto';
import {
  closeSync,
  fsyncSync,
  linkSync,
  mkdirSync,
  openSync,
  readFileSync,
  rmSync,
  statSync,
  writeSync,
} from 'node:fs';
import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { formatVkey, LOG_KEY_TYPE, parseVkey, signingKey } from '#tlog/key';
import type { SigningKey, VerifierKey } from '#tlog/key';
import type { Agency } from '#kernel/envelope';
import type { PeerConfig } from './config';

export type Keys = {
  /** Signs the checkpoints of the agency's log; its name is the log's origin. */
  readonly log: SigningKey;
  readonly vkey: string;
  /** 32 bytes; salts of stored events are derived from it. */
  readonly commitKey: Uint8Array;
};

export class BadKey extends Error {
  override readonly name = 'BadKey';
}

/** @throws BadKey for a damaged key file or one that others may read */
export function openKeys(folder: string, origin: string): Keys {
  // Others may pass through the agency's folder (the embedded server runs as a user of its own), not list it.
  mkdirSync(folder, { recursive: true, mode: 0o711 });
  const log = signingKey(origin, LOG_KEY_TYPE, openSecret(join(folder, 'keys', 'log.seed')));
  return { log, vkey: formatVkey(log), commitKey: openSecret(join(folder, 'keys', 'commit.key')) };
}

/**
 * Leaves the own verifier key where peers on this machine look for it, once.
 * @throws BadKey when another key already stands there: with a new key, peers would take the log for a forgery
 */
export function announceKey(trustFolder: string, agency: Agency, vkey: string): void {
  const path = join(trustFolder, `${agency}.vkey`);
  createOnce(path, `${vkey}\n`, 0o644, 0o755);
  const known = readFileSync(path, 'utf8').trim();
  if (known === vkey) return;
  throw new BadKey(
    `${path} holds another key of this agency (${known}) than its key folder (${vkey}): ` +
      'restore the keys folder from its backup, or remove the data folder if this is a new beginning',
  );
}

/**
 * Verifier key of a peer: from the configuration, else from the trust folder.
 * @returns undefined while the peer has not left its key there yet
 * @throws BadKey when the key there is damaged or bears another name than the peer's log
 */
export async function peerKey(trustFolder: string, peer: PeerConfig): Promise<VerifierKey | undefined> {
  const path = join(trustFolder, `${peer.agency}.vkey`);
  const text = peer.vkey ?? (await readFile(path, 'utf8').catch(ifMissing));
  if (text === undefined) return undefined;
  const where = peer.vkey === undefined ? path : 'the configured key';
  let key: VerifierKey;
  try {
    key = parseVkey(text);
  } catch (cause) {
    throw new BadKey(`${where} is no verifier key; ask the ${peer.agency} for its key`, { cause });
  }
  if (key.name === peer.origin) return key;
  throw new BadKey(
    `${where} is named ${key.name}, the log of the ${peer.agency} is ${peer.origin}; correct one of them`,
  );
}

/** 32 random bytes kept as base64 in a file that only its owner can read. */
function openSecret(path: string): Uint8Array {
  createOnce(path, `${randomBytes(32).toString('base64')}\n`, 0o600, 0o700);
  if ((statSync(path).mode & 0o077) !== 0) {
    throw new BadKey(`others may read ${path}: treat the key as known to them, then "chmod 600 ${path}"`);
  }
  const bytes = Buffer.from(readFileSync(path, 'utf8').trim(), 'base64');
  if (bytes.length !== 32) throw new BadKey(`${path} is damaged; restore it from its backup`);
  return new Uint8Array(bytes);
}

/** Never overwrites, and never leaves half a file: written beside, synced, then linked to its name. */
function createOnce(path: string, text: string, mode: number, folderMode: number): void {
  mkdirSync(dirname(path), { recursive: true, mode: folderMode });
  const draft = `${path}.${randomBytes(4).toString('hex')}.draft`;
  const file = openSync(draft, 'wx', mode);
  try {
    writeSync(file, text);
    fsyncSync(file);
    linkSync(draft, path);
    syncFolder(dirname(path));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  } finally {
    closeSync(file);
    rmSync(draft, { force: true });
  }
}

function syncFolder(path: string): void {
  const folder = openSync(path, 'r');
  fsyncSync(folder);
  closeSync(folder);
}

function ifMissing(error: NodeJS.ErrnoException): undefined {
  if (error.code !== 'ENOENT') throw error;
}
