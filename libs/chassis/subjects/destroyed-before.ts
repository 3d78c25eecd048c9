// A destruction is decided as an event first and carried out then. What a crash left between the two is done at the start,
// before anything can be read.
import type { EventStore } from '#store/event-store';
import { categoryOf } from '../publishing';
import type { Slice } from '../slice';
import type { SubjectKeys } from './subject-keys';

export async function destroyDecided(
  slices: readonly Slice[],
  store: Pick<EventStore, 'readAll'>,
  keys: Pick<SubjectKeys, 'destroy'>,
): Promise<void> {
  const rules = slices.flatMap(({ destroys = [] }) => destroys);
  if (rules.length === 0) return;
  const prefixes = rules.map(({ decider }) => `${decider}-`);
  for await (const { stream, type, at } of store.readAll({ prefixes })) {
    const category = categoryOf(stream);
    if (!rules.some(({ decider, event }) => decider === category && event === type)) continue;
    await keys.destroy(stream.slice(category.length + 1), at);
  }
}
