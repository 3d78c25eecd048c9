// At each start the newest own key for sealed bodies is announced, unless the log says it already: so a new agency gets
// its first one, and a line added to the key file becomes a rotation.
import type { Agency } from '#kernel/envelope';
import { toBase64 } from '#tlog/bytes';
import { Ask } from '../ask';
import { uuidFrom } from '../ids';
import type { Slice } from '../slice';
import { sealingKey } from './sealing-key';
import type { SealingKeys } from './sealing-keys';
import { suiteName } from './suite';

/** @throws Refused `sealing.oldKey` when the key file is older than what was announced */
export async function announceSealingKey(
  slices: readonly Slice[],
  agency: Agency,
  { newest }: Pick<SealingKeys, 'newest'>,
  ask: (ask: Ask) => Promise<unknown>,
): Promise<void> {
  const rules = slices.flatMap(({ publishing = [] }) => publishing);
  if (!rules.some(({ decider }) => decider === sealingKey.name)) return;
  const { id, publicKey } = newest;
  const command = { type: 'AnnounceSealingKey', suite: suiteName, key: id, publicKey: toBase64(publicKey) };
  const who = { agency, id: 'system-sealing', name: '系统', role: 'system' };
  await ask(new Ask(sealingKey, agency, command, { who, commandId: uuidFrom(`sealing\n${id}`) }));
}
