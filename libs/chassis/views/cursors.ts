// Parts of the one statement that writes a batch: how far each view has come, moved only from where it was believed to be.
import type { Generation } from './table';

/** Adds a parameter and gives its place in the text, `$n`. */
export type Bind = (value: unknown) => string;

/** Compare-and-swap of every view's cursor; views.demand undoes the statement when one of them stood elsewhere. */
export function cursorMove(
  move: {
    readonly source: string;
    /** By the view's name. */
    readonly cursors: ReadonlyMap<string, bigint>;
    readonly to: bigint;
    readonly generation: Generation;
  },
  bind: Bind,
): string {
  const names = bind([...move.cursors.keys()]);
  const olds = bind([...move.cursors.values()].map(String));
  const goal = bind(move.to.toString());
  return `insert into views.cursor as c (view, generation, source, position)
      select view, ${bind(move.generation)}::text, ${bind(move.source)}::text, greatest(old, ${goal}::bigint)
        from setting, unnest(${names}::text[], ${olds}::bigint[]) as u(view, old)
    on conflict (view, generation, source) do update set position = excluded.position
      where c.position = (${olds}::bigint[])[array_position(${names}::text[], c.view)]`;
}

/** Condition that a view stands at these positions of the sources. */
export function stillStand(
  where: {
    readonly view: string | undefined;
    readonly stood: readonly (readonly [source: string, position: bigint])[];
    readonly generation: Generation;
  },
  bind: Bind,
): string {
  const { view, stood, generation } = where;
  if (view === undefined || stood.length === 0) return 'true';
  const sources = bind(stood.map(([source]) => source));
  const positions = bind(stood.map(([, position]) => String(position)));
  return `not exists (
    select from unnest(${sources}::text[], ${positions}::bigint[]) as stood(source, position)
     where position <> coalesce((select c.position from views.cursor c where c.view = ${bind(view)}
       and c.generation = ${bind(generation)} and c.source = stood.source), 0))`;
}
