// The seeds of one role in their order, and the notes by which each handed over to the next. A rotation is there when its
// note is: the new seed is written before, so whatever a crash leaves, the newest note names a seed that can be read.
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { utf8, fromUtf8 } from '#tlog/bytes';
import { joinHandovers, readHandover, splitHandovers, withHandovers, writeHandover } from '#tlog/handover';
import { formatVkey, signingKey } from '#tlog/key';
import type { KeyType, SigningKey } from '#tlog/key';
import { BadKey, openSecret, readSecret, replaceFile } from './secret-file';

export type Role = 'log' | 'witness';
export type RoleKey = { readonly role: Role; readonly name: string; readonly type: KeyType };
export type Turns = { readonly signer: SigningKey; readonly handovers: readonly string[] };

/** @param folder `<data>/<agency>/keys` @param at milliseconds since 1970 @throws BadKey */
export function openTurns(folder: string, of: RoleKey, at: number): Turns {
  const handovers = notesIn(folder, of.role);
  const read = handovers.map((note) => readHandover(utf8(note)));
  const newest = seedAt(folder, of, read.length, read.length === 0);
  const named = read.at(-1)?.next;
  if (named && formatVkey(named) !== formatVkey(newest)) {
    throw new BadKey(`${seedPath(folder, of.role, read.length)} is not the key of the last rotation; restore it`);
  }
  const beside = read.flatMap(({ until }, n) => {
    const stays = Date.parse(until) > at && existsSync(seedPath(folder, of.role, n));
    return stays ? [seedAt(folder, of, n, false)] : [];
  });
  const { turns = [] } = read.length > 0 ? withHandovers(newest, read) : {};
  const signer = { ...newest, ...(turns.length > 0 && { turns }), ...(beside.length > 0 && { beside }) };
  return { signer, handovers };
}

/**
 * Makes the next key of a role. Cut off before the note is there, the next call makes the note for the same new seed.
 * @param from size that the own log has signed @param until RFC 3339 UTC, the end of the overlap
 * @returns the note of the handover
 */
export function takeTurn(
  folder: string,
  of: RoleKey,
  handover: { readonly origin: string; readonly from: bigint; readonly until: string },
  at: number,
): string {
  const { signer, handovers } = openTurns(folder, of, at);
  const next = signingKey(of.name, of.type, openSecret(seedPath(folder, of.role, handovers.length + 1)));
  const note = fromUtf8(writeHandover(handover, signer, next, BigInt(Math.floor(at / 1000))));
  replaceFile(notesPath(folder, of.role), joinHandovers([...handovers, note]), 0o644);
  return note;
}

/** Removes the seeds whose overlap has ended: what is no more cannot be stolen. @returns their file names */
export function removeRetired(folder: string, role: Role, at: number): string[] {
  return notesIn(folder, role).flatMap((note, n) => {
    const path = seedPath(folder, role, n);
    if (Date.parse(readHandover(utf8(note)).until) > at || !existsSync(path)) return [];
    rmSync(path);
    return [path];
  });
}

function notesIn(folder: string, role: Role): string[] {
  const path = notesPath(folder, role);
  return existsSync(path) ? splitHandovers(readFileSync(path, 'utf8')) : [];
}

function seedAt(folder: string, { role, name, type }: RoleKey, nth: number, make: boolean): SigningKey {
  const path = seedPath(folder, role, nth);
  if (!make && !existsSync(path)) throw new BadKey(`${path} is not there; restore the keys folder from its backup`);
  return signingKey(name, type, make ? openSecret(path) : readSecret(path));
}

function seedPath(folder: string, role: Role, nth: number): string {
  return join(folder, nth === 0 ? `${role}.seed` : `${role}-${nth}.seed`);
}

function notesPath(folder: string, role: Role): string {
  return join(folder, `${role}.handovers`);
}
