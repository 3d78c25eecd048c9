// Where a peer's verified entry becomes what views and reactors see: a sealed body that is addressed here is opened, any
// other gives no more than that it exists.
import type { Agency, Basis, Entry, Published } from '#kernel/envelope';
import { openedOf, publishedOf } from '#contracts/published';
import type { EntryFlaw } from '#contracts/published';
import { open, SealFault } from './body';
import type { SealingKeys } from './sealing-keys';

export type Unsealed = Published | { readonly fault: string };

/** @param agency whose log it is; @param address of the entry in that log */
export type Opener = (agency: Agency, address: Basis, entry: Entry) => Promise<Unsealed>;

/** @param reader the agency that reads */
export function openerOf(reader: Agency, { privateKeyOf }: Pick<SealingKeys, 'privateKeyOf'>): Opener {
  return async (agency, address, entry) => {
    const { sealed, id } = entry;
    if (!sealed?.to[reader]) return usable(publishedOf(agency, address, entry));
    try {
      const opened = await open(sealed, { agency, origin: address.origin, id }, reader, privateKeyOf);
      return usable(openedOf(agency, address, entry, opened));
    } catch (error) {
      if (error instanceof SealFault) return { fault: error.message };
      throw error;
    }
  };
}

function usable(read: Published | EntryFlaw): Unsealed {
  return 'flaw' in read ? { fault: read.fault } : read;
}
