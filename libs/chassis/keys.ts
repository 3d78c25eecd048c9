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
import { COSIGNER_KEY_TYPE, formatVkey, LOG_KEY_TYPE, parseVkey, signingKey } from '#tlog/key';
import type { SigningKey, VerifierKey } from '#tlog/key';
import { hostOf } from '#tlog/policy';
import type { Agency } from '#kernel/envelope';
import type { PeerConfig } from './config';

export type Keys = {
  /** Signs the checkpoints of the agency's log; its name is the log's origin. */
  readonly log: SigningKey;
  readonly vkey: string;
  /** Cosigns the checkpoints of other logs. A seed of its own: a cosignature does not cover the signer's name. */
  readonly witness: SigningKey;
  readonly witnessVkey: string;
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
  const witness = signingKey(witnessName(origin), COSIGNER_KEY_TYPE, openSecret(join(folder, 'keys', 'witness.seed')));
  return {
    log,
    vkey: formatVkey(log),
    witness,
    witnessVkey: formatVkey(witness),
    commitKey: openSecret(join(folder, 'keys', 'commit.key')),
  };
}

/** Name of the witness key of the agency whose log has this origin: the same host. */
export function witnessName(origin: string): string {
  return `${hostOf(origin)}/witness/v1`;
}

/**
 * Leaves an own verifier key where peers on this machine look for it, once.
 * @param role names the file: `commission`, `commission.witness`
 * @throws BadKey when another key already stands there: with a new key, peers would take the log for a forgery
 */
export function announceKey(trustFolder: string, role: Agency | `${Agency}.witness`, vkey: string): void {
  const path = join(trustFolder, `${role}.vkey`);
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
export function peerKey(trustFolder: string, peer: PeerConfig): Promise<VerifierKey | undefined> {
  return trustedKey(join(trustFolder, `${peer.agency}.vkey`), peer.vkey, peer.origin, peer.agency);
}

/** Verifier key of a peer's witness, found like the log's. */
export function peerWitnessKey(trustFolder: string, peer: PeerConfig): Promise<VerifierKey | undefined> {
  const path = join(trustFolder, `${peer.agency}.witness.vkey`);
  return trustedKey(path, peer.witness, witnessName(peer.origin), peer.agency);
}

async function trustedKey(
  path: string,
  given: string | undefined,
  name: string,
  agency: Agency,
): Promise<VerifierKey | undefined> {
  const text = given ?? (await readFile(path, 'utf8').catch(ifMissing));
  if (text === undefined) return undefined;
  const where = given === undefined ? path : 'the configured key';
  let key: VerifierKey;
  try {
    key = parseVkey(text);
  } catch (cause) {
    throw new BadKey(`${where} is no verifier key; ask the ${agency} for its key`, { cause });
  }
  if (key.name === name) return key;
  throw new BadKey(`${where} is named ${key.name}, what the ${agency} signs is ${name}; correct one of them`);
}

/** 32 random bytes kept as base64 in a file that only its owner can read. */
function openSecret(path: string): Uint8Array {
  return secretOf(path, openSecretText(path).trim());
}

/** The secrets of a file with one a line, the newest last; the first is made when there is no file. */
export function openSecrets(path: string): Uint8Array[] {
  return openSecretText(path)
    .trim()
    .split(/\s+/)
    .map((line) => secretOf(path, line));
}

function openSecretText(path: string): string {
  createOnce(path, `${randomBytes(32).toString('base64')}\n`, 0o600, 0o700);
  if ((statSync(path).mode & 0o077) !== 0) {
    throw new BadKey(`others may read ${path}: treat the key as known to them, then "chmod 600 ${path}"`);
  }
  return readFileSync(path, 'utf8');
}

function secretOf(path: string, line: string): Uint8Array {
  const bytes = Buffer.from(line, 'base64');
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
