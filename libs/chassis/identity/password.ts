// Passwords by argon2id (RFC 9106) with OWASP's smaller setting: 19 MiB, two passes, one lane, about 0.1 s.
// At most two at once: a crowd at the door must not take the memory and both cores from those already inside. The library
// is loaded with the first password: a service at rest has none to check.
import type { Algorithm, Options } from '@node-rs/argon2';
import { randomInt } from 'node:crypto';

// The enum is declared const in the package's types and absent at run time under isolated compilation.
const argon2id = 2 satisfies Algorithm.Argon2id;
const options: Options = { algorithm: argon2id, memoryCost: 19_456, timeCost: 2, parallelism: 1 };
const atOnce = 2;
const argon2 = () => import('@node-rs/argon2');

/** No 0/O, 1/l/I: a password printed once is typed from paper. */
const alphabet = '23456789abcdefghijkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ';

/** 16 characters, 93 bits, in four groups. */
export function randomPassword(): string {
  const group = (): string => Array.from({ length: 4 }, () => alphabet[randomInt(alphabet.length)]).join('');
  return Array.from({ length: 4 }, group).join('-');
}

let running = 0;
const waiting: (() => void)[] = [];

export function hashPassword(password: string): Promise<string> {
  return inTurn(async () => (await argon2()).hash(password.normalize('NFC'), options));
}

/** @throws Error for a stored hash that is none: damaged data, not a wrong password */
export function passwordMatches(stored: string, password: string): Promise<boolean> {
  return inTurn(async () => (await argon2()).verify(stored, password.normalize('NFC')));
}

/** Takes as long as a real check, so that an unknown login cannot be told by the clock. */
export async function passwordOfNobody(password: string): Promise<false> {
  await hashPassword(password);
  return false;
}

async function inTurn<Result>(work: () => Promise<Result>): Promise<Result> {
  if (running >= atOnce) await new Promise<void>((resolve) => waiting.push(resolve));
  else running += 1;
  try {
    return await work();
  } finally {
    // The place goes straight to the next in line; only without one does it become free.
    const next = waiting.shift();
    if (next) next();
    else running -= 1;
  }
}
