// Counts the sealed bodies of each log. Equal in all agencies, whether they can open them or not.
import type { Agency } from '#kernel/envelope';
import type { View } from '#kernel/view';

export type SealedCount = { readonly id: Agency; readonly count: number };

export const sealedBodies: View<SealedCount> = {
  name: 'sealedBodies',
  version: 1,
  columns: { id: 'text', count: 'integer' },
  keys: ({ agency, sealed }) => (sealed ? [agency] : []),
  evolve: (row, { agency }) => ({ id: agency, count: (row?.count ?? 0) + 1 }),
};
