// Where a peer's verified entry becomes what views and reactors see: a sealed body that is addressed here is opened, once,
// and taken over; from then on it is seen with a veil over what concerns persons. Any other gives no more than that it exists.
import type { Agency, Basis, Entry, Published } from '#kernel/envelope';
import { openedOf, publishedOf } from '#contracts/published';
import type { EntryFlaw } from '#contracts/published';
import type { TakenBodies } from '../subjects/taken-bodies';
import { contentKeyOf, openWith, SealFault } from './body';
import type { SealingKeys } from './sealing-keys';

export type Unsealed = Published | { readonly fault: string };

/** @param agency whose log it is; @param address of the entry in that log */
export type Opener = (agency: Agency, address: Basis, entry: Entry) => Promise<Unsealed>;

type Needs = Pick<SealingKeys, 'privateKeyOf'> & { readonly taken: Pick<TakenBodies, 'kept' | 'take'> };

/** @param reader the agency that reads */
export function openerOf(reader: Agency, { privateKeyOf, taken }: Needs): Opener {
  return async (agency, address, entry) => {
    const { sealed, id } = entry;
    const mine = sealed?.to[reader];
    if (!mine) return usable(publishedOf(agency, address, entry));
    const { origin } = address;
    const kept = await taken.kept(origin, id);
    if (kept) return usable(openedOf(agency, address, entry, kept));
    try {
      const place = { agency, origin, id };
      const contentKey = await contentKeyOf(sealed, place, reader, privateKeyOf);
      const opened = openWith(contentKey, sealed, place);
      const read = openedOf(agency, address, entry, opened);
      if ('flaw' in read) return usable(read);
      const { data } = await taken.take({ address, id, opened, contentKey, sealingKey: mine.key });
      return { ...read, data };
    } catch (error) {
      if (error instanceof SealFault) return { fault: error.message };
      throw error;
    }
  };
}

function usable(read: Published | EntryFlaw): Unsealed {
  return 'flaw' in read ? { fault: read.fault } : read;
}
