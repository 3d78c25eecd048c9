// The second line of checkpoints in the profile gm (docs/spec/gm.md): the own SM2 key and those that peers announced. The
// library is loaded only where one of them is there.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { SecondKey } from '#tlog/key';
import { parseSm2Vkey } from '#tlog/sm2-key';
import type { Config, PeerConfig } from './config';
import type { Keys } from './keys';
import { BadKey, createOnce, openSecret } from './secret-file';

/**
 * The keys with an SM2 key beside the log's, made at the first start in the profile gm, and left for peers on this
 * machine: before the log's key, so that whoever finds that one knows of this one.
 * @throws BadKey
 */
export async function withSecond(
  keys: Keys,
  { agency, folder, trustFolder, profile }: Pick<Config, 'agency' | 'folder' | 'profile' | 'trustFolder'>,
): Promise<Keys> {
  if (profile !== 'gm') return keys;
  const secret = openSecret(join(folder, 'keys', 'sm2.key'));
  const { sm2Signer } = await import('#tlog/sm2');
  const second = sm2Signer(keys.log.name, secret);
  const path = pathOf(trustFolder, agency);
  createOnce(path, `${second.vkey}\n`, 0o644, 0o755);
  if (readFileSync(path, 'utf8').trim() !== second.vkey) {
    throw new BadKey(`${path} holds another SM2 key than this agency's: restore the keys folder from its backup`);
  }
  return { ...keys, log: { ...keys.log, second } };
}

/**
 * What a peer announced, from the configuration or the trust folder; in the profile gm its line is demanded.
 * @throws BadKey
 */
export async function peerSecond(
  { trustFolder, profile }: Pick<Config, 'trustFolder'> & Partial<Pick<Config, 'profile'>>,
  { agency, origin, sm2 }: PeerConfig,
): Promise<SecondKey | undefined> {
  const path = pathOf(trustFolder, agency);
  const text = sm2 ?? (existsSync(path) ? readFileSync(path, 'utf8') : undefined);
  if (text === undefined) return undefined;
  const { sm2Verifier } = await import('#tlog/sm2');
  let key: SecondKey;
  try {
    key = sm2Verifier(parseSm2Vkey(text));
  } catch (cause) {
    throw new BadKey(`the SM2 key of the ${agency} is none; ask the ${agency} for its key`, { cause });
  }
  if (key.name !== origin) throw new BadKey(`the SM2 key of the ${agency} is named ${key.name}, its log ${origin}`);
  return { ...key, demanded: profile === 'gm' };
}

function pathOf(trustFolder: string, agency: Config['agency']): string {
  return join(trustFolder, `${agency}.sm2.vkey`);
}
