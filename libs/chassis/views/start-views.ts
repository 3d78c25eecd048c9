// Starts an agency's read models: builds those whose version is new, then follows all sources for as long as it runs.
import type { DataSource } from 'typeorm';
import type { AnyView } from '#kernel/view';
import { isPublishedType } from '#contracts/events';
import { migration, onConnectionLost } from '../database';
import type { Pulse } from '../pulse';
import { persist } from './persist';
import { liveVersion, rebuildAll } from './rebuild';
import type { Rebuilt } from './rebuild';
import { ownSource } from './sources';
import type { Source } from './sources';
import { viewMigrationSql } from './table';
import { ViewSet } from './view-set';

export const viewMigrations = [migration(2026112421, 'Views', viewMigrationSql)];

export interface Views {
  readonly names: readonly string[];
  /** Own store position that every view has passed. */
  position(): bigint;
  /** Recorded time that the read models stand for: now when all is applied, else that of the last event. */
  cutOff(): string;
  ready(): boolean;
  rebuild(name: string): Promise<Rebuilt>;
  /** All of them, in one pass over the events. */
  rebuildAll(): Promise<readonly Rebuilt[]>;
  stop(): Promise<void>;
}

export type ViewsOptions = {
  readonly database: DataSource;
  readonly views: readonly AnyView[];
  readonly sources: readonly Source[];
  readonly pulse: Pulse;
  readonly now: () => string;
  readonly onFault: (what: string, error: unknown) => void;
};

export async function startViews(options: ViewsOptions): Promise<Views> {
  const { database, views, sources, pulse, now, onFault } = options;
  const abort = new AbortController();
  const { signal } = abort;
  if (new Set(views.map((view) => view.name)).size !== views.length) throw new Error('two views share one name');
  const known = await releaseParked(database, 'views');
  const stale: AnyView[] = [];
  for (const view of views) if (known || (await liveVersion(database, view)) !== view.version) stale.push(view);
  if (stale.length > 0) await rebuildAll(database, stale, sources, now, signal);
  const set = new ViewSet(database, views, 'live', now, (_source, touched) => {
    for (const view of touched) pulse.tell({ kind: 'view', view: view.name });
    pulse.tell({ kind: 'view', view: '' });
  });
  // A server that crashed under us takes the latest, not yet durable batches with it.
  const unwatch = onConnectionLost(database, () => set.doubt());
  const loops =
    views.length === 0
      ? []
      : sources.map((source) =>
          persist(
            signal,
            (error) => onFault(`views on ${source.name}`, error),
            (working) => set.follow(source, signal, undefined, working),
          ),
        );
  let rebuilding: Promise<unknown> = Promise.resolve();
  const rebuildInTurn = async (wanted: readonly AnyView[]): Promise<readonly Rebuilt[]> => {
    // One at a time: two would build in one table.
    const mine = rebuilding.then(() => rebuildAll(database, wanted, sources, now, signal, (swap) => set.alone(swap)));
    rebuilding = mine.catch(() => undefined);
    const rebuilt = await mine;
    // What was kept of the old table's rows, here or in a browser, is looked at again.
    for (const { name } of wanted) pulse.tell({ kind: 'view', view: name });
    return rebuilt;
  };
  return {
    names: views.map((view) => view.name),
    position: () => set.reached.get(ownSource) ?? 0n,
    cutOff: () => (set.caughtUp.size === sources.length ? now() : set.lastAt),
    ready: () => set.caughtUp.size === sources.length || views.length === 0,
    async rebuild(name) {
      const view = views.find((candidate) => candidate.name === name);
      if (!view) throw new Error(`no view ${name}; there are ${views.map((each) => each.name).join(', ')}`);
      const [rebuilt] = await rebuildInTurn([view]);
      return rebuilt as Rebuilt;
    },
    rebuildAll: () => rebuildInTurn(views),
    async stop() {
      unwatch();
      abort.abort();
      await Promise.all(loops);
    },
  };
}

/** Streams parked for a type that this version knows are read again: true when views must be built anew for it. */
async function releaseParked(database: DataSource, consumer: string): Promise<boolean> {
  const rows: { type: string }[] = await database.query(
    `select distinct type from views.parked where consumer = $1 and reason = 'type unknown to this version'`,
    [consumer],
  );
  const known = rows.some((row) => isPublishedType(row.type));
  if (known) await database.query('delete from views.parked where consumer = $1', [consumer]);
  return known;
}
