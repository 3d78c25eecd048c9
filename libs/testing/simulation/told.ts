// A read model made for checking: which events of which stream it was told, in which order. What a session reads of it
// is a list that only ever grows, so one look at it says what that session could know.
import type { View } from '#kernel/view';

export type ToldRow = { readonly id: string; readonly ids: readonly string[] };

/** Row id: origin, line feed, stream. */
export const told: View<ToldRow> = {
  name: 'told',
  version: 1,
  columns: { id: 'text', ids: 'texts' },
  keys: ({ origin, stream }) => [`${origin}\n${stream}`],
  evolve: (row, event, id) => ({ id, ids: [...(row?.ids ?? []), event.id] }),
};
