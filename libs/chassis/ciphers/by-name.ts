// Which cipher seals, by the setting, and which one opens, by the name that stands before what was sealed.
import { aes256Gcm } from './aes-256-gcm';
import { CipherFault } from './cipher';
import type { Cipher } from './cipher';
import { sm4CtrHmacSm3 } from './sm4-ctr-hmac-sm3';

export const profiles = ['intl', 'gm'] as const;
export type Profile = (typeof profiles)[number];

/** What seals in a profile. */
export function cipherOf(profile: Profile): Cipher {
  return { intl: aes256Gcm, gm: sm4CtrHmacSm3 }[profile];
}

/** What opens, whatever the profile is today. @throws CipherFault for a name that is none */
export function cipherNamed(name: string): Cipher {
  const cipher = profiles.map(cipherOf).find((each) => each.name === name);
  if (!cipher) throw new CipherFault(`sealed by "${name}", which is not known here`);
  return cipher;
}
