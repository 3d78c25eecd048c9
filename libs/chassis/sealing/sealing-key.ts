// An agency's public key for sealed bodies as a record of its own log: what it announced last is what others seal to. In
// the log it is signed, witnessed and dated like everything else, so nobody can slip another key under.
import type { Decider } from '#kernel/decider';
import { demand } from '#kernel/decider';
import type { Agency } from '#kernel/envelope';
import type { Publishing } from '#kernel/reactor';

type Announced = { readonly suite: string; readonly key: string; readonly publicKey: string };
export type SealingKeyEvent = { type: 'SealingKeyAnnounced'; data: Announced };
export type SealingKeyCommand = { type: 'AnnounceSealingKey' } & Announced;

/** Aggregate id = the agency. State: keys announced, the newest last. */
export const sealingKey: Decider<readonly string[], SealingKeyCommand, SealingKeyEvent> = {
  name: 'sealingKey',
  initial: [],
  decide({ suite, key, publicKey }, announced) {
    if (announced.at(-1) === key) return [];
    // An older key comes back only with an older key file, and what was sealed since could not be opened.
    demand(!announced.includes(key), 'sealing.oldKey', { key });
    return [{ type: 'SealingKeyAnnounced', data: { suite, key, publicKey } }];
  },
  evolve: (announced, { data }) => [...announced, data.key],
};

export function sealingKeyPublishing(agency: Agency): Publishing {
  return {
    decider: sealingKey.name,
    map: { SealingKeyAnnounced: ({ data }) => ({ type: `${agency}.sealing-key-announced.v1`, data }) },
  };
}
