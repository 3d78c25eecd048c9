// Files of keys: secrets that their owner alone can read, and texts that are never half there.
import { randomBytes } from 'node:crypto';
import {
  closeSync,
  fsyncSync,
  linkSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeSync,
} from 'node:fs';
import { dirname } from 'node:path';

export class BadKey extends Error {
  override readonly name = 'BadKey';
}

/** 32 random bytes kept as base64 in a file that only its owner can read; made when it is not there. */
export function openSecret(path: string): Uint8Array {
  createOnce(path, `${randomBytes(32).toString('base64')}\n`, 0o600, 0o700);
  return readSecret(path);
}

/** The secrets of a file with one a line, the newest last; the first is made when there is no file. */
export function openSecrets(path: string): Uint8Array[] {
  createOnce(path, `${randomBytes(32).toString('base64')}\n`, 0o600, 0o700);
  return readPrivate(path)
    .split(/\s+/)
    .map((line) => secretOf(path, line));
}

/** @throws BadKey for a damaged file and for one that others may read */
export function readSecret(path: string): Uint8Array {
  return secretOf(path, readPrivate(path));
}

function readPrivate(path: string): string {
  if ((statSync(path).mode & 0o077) !== 0) {
    throw new BadKey(`others may read ${path}: treat the key as known to them, then "chmod 600 ${path}"`);
  }
  return readFileSync(path, 'utf8').trim();
}

function secretOf(path: string, line: string): Uint8Array {
  const bytes = Buffer.from(line, 'base64');
  if (bytes.length !== 32) throw new BadKey(`${path} is damaged; restore it from its backup`);
  return new Uint8Array(bytes);
}

/** Never overwrites, and never leaves half a file: written beside, synced, then linked to its name. */
export function createOnce(path: string, text: string, mode: number, folderMode: number): void {
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

/** Puts a text in the place of another, or of none: after a crash there is the old one or the new one. */
export function replaceFile(path: string, text: string, mode: number): void {
  const draft = `${path}.${randomBytes(4).toString('hex')}.draft`;
  const file = openSync(draft, 'wx', mode);
  try {
    writeSync(file, text);
    fsyncSync(file);
    renameSync(draft, path);
    syncFolder(dirname(path));
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
