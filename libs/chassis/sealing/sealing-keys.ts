// The agency's own keys for sealed bodies: one secret a line, the newest last. Old ones stay, because old bodies stay, until
// a body is destroyed that one of them opens (tend.ts). Their
// public halves are kept beside them, so that a start that has nothing to seal need not derive them.
import { hash, randomBytes } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fromBase64, toBase64 } from '#tlog/bytes';
import { openSecrets, replaceFile } from '../secret-file';
import { pairOf, sealingKeyId } from './suite';
import type { PrivateKey, SealingPair } from './suite';

export type SealingKeys = {
  /** To be announced, for what is sealed from now on. */
  readonly newest: Omit<SealingPair, 'privateKey'>;
  readonly privateKeyOf: (id: string) => Promise<PrivateKey | undefined>;
  /** The newest last. */
  readonly ids: () => readonly string[];
  /** One secret more, which is the newest then; to be announced. */
  readonly turn: () => Promise<void>;
  /** Gives up a secret for good: what was sealed to it opens only where its content key was taken over. */
  readonly destroy: (id: string) => Promise<void>;
};

type Held = { readonly secrets: readonly Uint8Array[]; readonly publicKeys: readonly Uint8Array[] };

/** @throws BadKey for a damaged file or one that others may read */
export async function openSealingKeys(folder: string): Promise<SealingKeys> {
  const path = join(folder, 'keys', 'sealing.key');
  let held = await read(folder, path);
  const ids = (): string[] => held.publicKeys.map(sealingKeyId);
  const pairs = new Map<string, Promise<SealingPair>>();
  const privateKeyOf = async (id: string): Promise<PrivateKey | undefined> => {
    const secret = held.secrets[ids().indexOf(id)];
    if (!secret) return undefined;
    const pair = pairs.get(id) ?? pairOf(secret);
    pairs.set(id, pair);
    return (await pair).privateKey;
  };
  const write = async (secrets: readonly Uint8Array[]): Promise<void> => {
    replaceFile(path, secrets.map((each) => `${Buffer.from(each).toString('base64')}\n`).join(''), 0o600);
    held = await read(folder, path);
  };
  return {
    get newest() {
      return { id: ids().at(-1)!, publicKey: held.publicKeys.at(-1)! };
    },
    privateKeyOf,
    ids,
    turn: () => write([...held.secrets, randomBytes(32)]),
    async destroy(id) {
      const at = ids().indexOf(id);
      await write(held.secrets.filter((_, n) => n !== at));
      pairs.delete(id);
    },
  };
}

async function read(folder: string, path: string): Promise<Held> {
  const secrets = openSecrets(path);
  return { secrets, publicKeys: await publicHalves(join(folder, 'keys', 'sealing.pub'), secrets) };
}

/** Lines of fingerprint and public key. A file that does not belong to exactly these secrets is made again. */
async function publicHalves(path: string, secrets: readonly Uint8Array[]): Promise<Uint8Array[]> {
  const lines = existsSync(path) ? readFileSync(path, 'utf8').trim().split('\n') : [];
  const halves = new Map(lines.map((line) => line.split(' ') as [string, string]));
  const kept = secrets.map((secret) => halves.get(fingerprint(secret)));
  if (kept.every((half) => half !== undefined)) return kept.map(fromBase64);
  const pairs = await Promise.all(secrets.map(pairOf));
  const made = pairs.map(({ publicKey }, n) => `${fingerprint(secrets[n]!)} ${toBase64(publicKey)}\n`);
  replaceFile(path, made.join(''), 0o600);
  return pairs.map(({ publicKey }) => publicKey);
}

function fingerprint(secret: Uint8Array): string {
  return hash('sha256', Buffer.concat([Buffer.from('sanfang/sealing-secret/v1\n'), secret]));
}
