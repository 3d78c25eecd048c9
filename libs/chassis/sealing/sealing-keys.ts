// The agency's own keys for sealed bodies: one secret a line, the newest last. Old ones stay, because old bodies stay. Their
// public halves are kept beside them, so that a start that has nothing to seal need not derive them.
import { hash } from 'node:crypto';
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
};

/** @throws BadKey for a damaged file or one that others may read */
export async function openSealingKeys(folder: string): Promise<SealingKeys> {
  const secrets = openSecrets(join(folder, 'keys', 'sealing.key'));
  const publicKeys = await publicHalves(join(folder, 'keys', 'sealing.pub'), secrets);
  const ids = publicKeys.map(sealingKeyId);
  const pairs = new Map<string, Promise<SealingPair>>();
  const privateKeyOf = async (id: string): Promise<PrivateKey | undefined> => {
    const secret = secrets[ids.indexOf(id)];
    if (!secret) return undefined;
    const pair = pairs.get(id) ?? pairOf(secret);
    pairs.set(id, pair);
    return (await pair).privateKey;
  };
  return { newest: { id: ids.at(-1)!, publicKey: publicKeys.at(-1)! }, privateKeyOf };
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
