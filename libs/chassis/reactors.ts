// Process managers: what happened, here or at a peer, becomes what is asked next. Fed from the same sources as the
// views, at least once; the command id of each request is derived from cause and reactor, so repeating changes nothing.
import type { DataSource } from 'typeorm';
import { Refused } from '#kernel/decider';
import type { Actor, Agency } from '#kernel/envelope';
import type { Asked, Reactor } from '#kernel/reactor';
import { Ask } from './ask';
import { uuidFrom } from './ids';
import { followsParked, parkedEvent, parkedStreams, parkIn } from './views/parking';
import type { Parked } from './views/parking';
import { persist } from './views/persist';
import type { Delivered, Source } from './views/sources';

/** How many requests of one event run side by side: an import of 700 issues must take seconds. */
const sideBySide = 16;
/** Events without a reaction after which the cursor is kept all the same. */
const unkept = 500n;
/** Refusals that mean "not now", never "not so": asked again until they pass. */
const passing = new Set(['service.unavailable', 'revision.busy']);

export type ReactorsOptions = {
  readonly database: DataSource;
  readonly reactors: readonly Reactor[];
  readonly sources: readonly Source[];
  readonly agency: Agency;
  readonly ask: (ask: Ask<{ type: string }>) => Promise<unknown>;
  readonly now: () => string;
  readonly onFault: (what: string, error: unknown) => void;
};

export interface Reactors {
  stop(): Promise<void>;
}

export function startReactors(options: ReactorsOptions): Reactors {
  const abort = new AbortController();
  const { signal } = abort;
  const loops = options.reactors.flatMap((reactor) =>
    options.sources.map((source) =>
      persist(
        signal,
        (error) => options.onFault(`reactor ${reactor.name} on ${source.name}`, error),
        (working) => follow(options, reactor, source, signal, working),
      ),
    ),
  );
  return {
    async stop() {
      abort.abort();
      await Promise.all(loops);
    },
  };
}

async function follow(
  options: ReactorsOptions,
  reactor: Reactor,
  source: Source,
  signal: AbortSignal,
  working: () => void,
): Promise<void> {
  const { database } = options;
  const parked = await parkedStreams(database, reactor.name, source.name);
  let kept = await cursorOf(database, reactor, source);
  for await (const batch of source.follow(kept, signal)) {
    let asked = false;
    for (const event of batch.events) {
      if (signal.aborted) return;
      asked = (await handle(options, reactor, source, event, parked)) || asked;
    }
    const last = batch.events.at(-1)?.position ?? kept;
    // Looking again at events that concern nobody costs nothing, a write for each of them would: so their cursor is
    // kept only now and then. What was asked is repeated harmlessly after a crash before this line.
    if (asked || last - kept >= unkept) {
      await moveCursor(database, reactor, source, last);
      kept = last;
    }
    working();
  }
}

/** @returns whether anything was asked or set aside */
async function handle(
  options: ReactorsOptions,
  reactor: Reactor,
  source: Source,
  event: Delivered,
  parked: Parked,
): Promise<boolean> {
  const park = async (reason: string): Promise<true> => {
    parked.add(event);
    await parkIn(options.database, reactor.name, source.name, parkedEvent(event, reason, options.now()));
    return true;
  };
  if (event.fault !== undefined) return park(event.fault);
  const asked = reactionsOf(reactor, event);
  if (asked.length === 0) return false;
  if (parked.holds(event)) return park(followsParked);
  const cause = event.published?.address;
  const id = event.published?.id ?? event.within?.id ?? '';
  for (let from = 0; from < asked.length; from += sideBySide) {
    const refusals = await Promise.all(
      asked.slice(from, from + sideBySide).map(async (request, n) => {
        const commandId = uuidFrom(`${reactor.name}\n${id}\n${from + n}`);
        const meta = { who: systemOf(options.agency, reactor.name), commandId, ...(cause && { cause }) };
        try {
          await options.ask(new Ask(request.decider, request.id, request.command, meta));
          return undefined;
        } catch (error) {
          if (error instanceof Refused && !passing.has(error.code)) return error;
          throw error;
        }
      }),
    );
    // A rule refused what the reactor asked: people must look at it, and the rest of that stream must wait for them.
    const refusal = refusals.find((each) => each !== undefined);
    if (refusal) return park(`refused: ${refusal.code} ${JSON.stringify(refusal.details)}`);
  }
  return true;
}

function reactionsOf(reactor: Reactor, event: Delivered): readonly Asked[] {
  const { published, within } = event;
  const category = event.stream.slice(0, Math.max(event.stream.indexOf('-'), 0));
  return [
    ...((within && reactor.within?.[`${category}.${event.type}`]?.(within)) ?? []),
    ...((published && reactor.on?.[published.type]?.(published)) ?? []),
  ];
}

function systemOf(agency: Agency, reactor: string): Actor {
  return { agency, id: `system-${reactor}`, name: '系统', role: 'system' };
}

async function cursorOf(database: DataSource, reactor: Reactor, source: Source): Promise<bigint> {
  const rows: { position: string }[] = await database.query(
    'select position from views.reactor_cursor where reactor = $1 and source = $2',
    [reactor.name, source.name],
  );
  return BigInt(rows[0]?.position ?? 0);
}

async function moveCursor(database: DataSource, reactor: Reactor, source: Source, position: bigint): Promise<void> {
  await database.query(
    `insert into views.reactor_cursor (reactor, source, position) values ($1, $2, $3)
     on conflict (reactor, source) do update set position = greatest(reactor_cursor.position, excluded.position)`,
    [reactor.name, source.name, position.toString()],
  );
}
