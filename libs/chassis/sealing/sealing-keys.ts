// The agency's own keys for sealed bodies: one secret a line, the newest last. Old ones stay, because old bodies stay.
import { join } from 'node:path';
import { openSecrets } from '../secret-file';
import { pairOf } from './suite';
import type { PrivateKey, SealingPair } from './suite';

export type SealingKeys = {
  /** To be announced, for what is sealed from now on. */
  readonly newest: SealingPair;
  readonly privateKeyOf: (id: string) => PrivateKey | undefined;
};

/** @throws BadKey for a damaged file or one that others may read */
export function openSealingKeys(folder: string): SealingKeys {
  const pairs = openSecrets(join(folder, 'keys', 'sealing.key')).map(pairOf);
  const byId = new Map(pairs.map((pair) => [pair.id, pair.privateKey]));
  return { newest: pairs.at(-1)!, privateKeyOf: (id) => byId.get(id) };
}
