// C7: reads and appends as one history, after Elle's way with lists: each event's id is unique, the store says in which order
// they came, so a read of a list shows what came before it. What cannot have happened in any order is a cycle.
import type { Append, Happening, Place, Read, Run } from '../history';
import { cycleIn } from './cycles';
import type { Edge } from './cycles';
import { by } from './finding';
import type { Finding } from './finding';

type Reading = Happening & { readonly asked: Read; readonly seen: NonNullable<Happening['seen']> };

/** Event ids of a stream in the order of the store: all of them, or those that are published. */
type Versions = { readonly own: readonly string[]; readonly view: readonly string[] };

class Order {
  /** By `<origin>\n<stream>`. */
  readonly versions = new Map<string, Versions>();
  /** By origin and id, since an id is unique in its own log only. */
  private readonly nodes = new Map<string, string>();
  private readonly positions = new Map<string, number>();

  constructor(run: Run) {
    for (const { origin, events } of run.places) {
      for (const [stream, own] of by(events, (event) => event.stream)) {
        const view = own.filter(({ published }) => published !== undefined).map(({ id }) => id);
        this.versions.set(`${origin}\n${stream}`, { own: own.map(({ id }) => id), view });
      }
      for (const { id, append, position } of events) {
        this.nodes.set(`${origin} ${id}`, `append ${append} of ${origin}`);
        this.positions.set(`${origin} ${id}`, position);
      }
    }
  }

  /** Of the append that an event came with. @param where origin, or key of a list of it */
  nodeOf(where: string, id: string): string | undefined {
    return this.nodes.get(`${where.split('\n')[0]} ${id}`);
  }

  positionOf(where: string, id: string): number {
    return this.positions.get(`${where.split('\n')[0]} ${id}`) ?? 0;
  }

  of(key: string, kind: Read['of']): readonly string[] {
    return this.versions.get(key)?.[kind] ?? [];
  }
}

export function demandSerial(run: Run): Finding[] {
  const order = new Order(run);
  const reads = run.history.filter(
    (each): each is Reading => each.kind === 'ok' && each.asked.what === 'read' && each.seen !== undefined,
  );
  return [...reads.flatMap((read) => readAlone(read, order)), ...sessions(run, order), ...cycles(run, reads, order)];
}

/** What one read shows by itself: G1a, G1b, and lists that are no beginning of what was written. */
function readAlone({ asked, seen, session }: Reading, order: Order): Finding[] {
  return Object.entries(seen).flatMap(([key, ids]) => {
    const where = `${session} read ${key.replace('\n', ' ')}`;
    const stray = ids.find((id) => order.nodeOf(key, id) === undefined);
    if (stray !== undefined) return [c7(`G1a, aborted read: ${where} with an event that was never stored`, stray)];
    const versions = order.of(key, asked.of);
    const at = ids.findIndex((id, n) => versions[n] !== id);
    if (at >= 0) return [c7(`${where} in another order than it was written, or not all of it`, ids[at]!)];
    const [last, next] = [ids.at(-1), versions[ids.length]];
    if (last === undefined || next === undefined || order.nodeOf(key, last) !== order.nodeOf(key, next)) return [];
    return [c7(`G1b, intermediate read: ${where} with a part of an append`, next)];
  });
}

/** What a session did and saw before, it must see again. */
function sessions(run: Run, order: Order): Finding[] {
  const findings: Finding[] = [];
  for (const [session, all] of by(run.history, (each) => each.session)) {
    const longest = new Map<string, number>();
    for (const { kind, asked, seen } of all) {
      if (kind !== 'ok' || asked.what !== 'read' || !seen) continue;
      for (const [key, ids] of Object.entries(seen)) {
        const known = `${asked.of} ${key}`;
        if (ids.length < (longest.get(known) ?? 0)) {
          findings.push(
            c7(`non-monotonic read: ${session} saw less of ${key.replace('\n', ' ')} than before`, ids.at(-1) ?? ''),
          );
        }
        longest.set(known, Math.max(ids.length, longest.get(known) ?? 0));
        const missing = order.of(key, asked.of)[ids.length];
        if (
          missing !== undefined &&
          isOwn(run, key, session, all) &&
          order.positionOf(key, missing) <= (asked.after ?? 0)
        ) {
          findings.push(
            c7(`stale by session: ${session} did not see what it had done to ${key.replace('\n', ' ')}`, missing),
          );
        }
      }
    }
  }
  return findings;
}

function isOwn(run: Run, key: string, session: string, all: readonly Happening[]): boolean {
  const agency = all.find((each) => each.session === session)?.agency;
  return run.places.some((place) => place.agency === agency && key.startsWith(`${place.origin}\n`));
}

function cycles(run: Run, reads: readonly Reading[], order: Order): Finding[] {
  const written = run.places.flatMap((place) => writtenIn(place, order));
  const read = reads.flatMap((reading) => seenBy(reading, order));
  const known = run.places.flatMap((place) => saidSeen(run, place, order));
  return [
    ...named('G0, write cycle', written),
    ...named('G1c, circular information flow', [...written, ...read, ...known, ...sessionOrder(run, order)]),
    // Each log by itself: that one log is read further than another says nothing about either.
    ...run.places.flatMap((place) => named('G-single, read skew', skewIn(place, reads, order))),
  ].slice(0, 1);
}

function writtenIn(place: Place, order: Order): Edge[] {
  return [...storeOrder(place, order), ...logOrder(place, order)];
}

function skewIn(place: Place, reads: readonly Reading[], order: Order): Edge[] {
  const within = reads.map((reading): Reading => {
    const seen = Object.entries(reading.seen).filter(([key]) => key.startsWith(`${place.origin}\n`));
    return { ...reading, seen: Object.fromEntries(seen) };
  });
  const edges = within.flatMap((reading) => [...seenBy(reading, order), ...overtaken(reading, order)]);
  return [...writtenIn(place, order), ...edges];
}

function named(name: string, edges: readonly Edge[]): Finding[] {
  const cycle = cycleIn(edges);
  return cycle
    ? [c7(`${name}: no order of these can have happened`, cycle.map(({ from, why }) => `${from} —${why}→`).join(' '))]
    : [];
}

/** ww, as the store has it. */
function storeOrder({ origin, events }: Place, order: Order): Edge[] {
  return chain(events.map(({ id }) => order.nodeOf(origin, id)!));
}

/** ww, as the log has it. */
function logOrder({ origin, events, log }: Place, order: Order): Edge[] {
  const idOf = new Map(events.flatMap(({ entry, id }) => (entry === undefined ? [] : [[entry, id] as const])));
  const ids = log.entries.flatMap((bytes) => idOf.get(Buffer.from(bytes).toString('utf8')) ?? []);
  return chain(ids.map((id) => order.nodeOf(origin, id)!));
}

function chain(nodes: readonly string[]): Edge[] {
  return nodes.flatMap((to, n) => (n === 0 || nodes[n - 1] === to ? [] : [{ from: nodes[n - 1]!, to, why: 'ww' }]));
}

/** wr: from the append of the last event that was read. */
function seenBy({ op, seen }: Reading, order: Order): Edge[] {
  return Object.entries(seen).flatMap(([key, ids]) => {
    const from = order.nodeOf(key, ids.at(-1) ?? '');
    return from === undefined ? [] : [{ from, to: `read ${op}`, why: 'wr' }];
  });
}

/** rw: to the append of the first event that was not read. */
function overtaken({ op, asked, seen }: Reading, order: Order): Edge[] {
  return Object.entries(seen).flatMap(([key, ids]) => {
    const next = order.of(key, asked.of)[ids.length];
    return next === undefined ? [] : [{ from: `read ${op}`, to: order.nodeOf(key, next)!, why: 'rw' }];
  });
}

/** wr: an author says which entries of the other logs he had seen. */
function saidSeen(run: Run, { origin: author, events }: Place, order: Order): Edge[] {
  return events.flatMap(({ id, seen }) =>
    Object.entries(seen).flatMap(([origin, size]) => {
      const entry = run.places.find((place) => place.origin === origin)?.log.entries[size - 1];
      if (!entry) return [];
      const from = order.nodeOf(origin, (JSON.parse(Buffer.from(entry).toString('utf8')) as { id: string }).id);
      return from === undefined ? [] : [{ from, to: order.nodeOf(author, id)!, why: 'wr' }];
    }),
  );
}

/** One thing after the other, as a session did them. */
function sessionOrder(run: Run, order: Order): Edge[] {
  const nodes = nodesByOp(run, order);
  return [...by(run.history, (each) => each.session).values()].flatMap((all) => {
    const done = all.filter(({ kind }) => kind === 'ok').flatMap(({ op }) => nodes.get(op) ?? []);
    return chain(done).map((edge) => ({ ...edge, why: 'session' }));
  });
}

function nodesByOp(run: Run, order: Order): Map<number, string> {
  const byCommand = new Map(
    run.places.flatMap(({ agency, origin, events }) =>
      events.map(({ commandId, id }) => [`${agency} ${commandId}`, order.nodeOf(origin, id)!] as const),
    ),
  );
  return new Map(
    run.history.flatMap(({ op, kind, agency, asked }) => {
      if (kind !== 'ok') return [];
      if (asked.what === 'read') return [[op, `read ${op}`] as const];
      const node = byCommand.get(`${agency} ${(asked as Append).commandId}`);
      return node === undefined ? [] : [[op, node] as const];
    }),
  );
}

function c7(sentence: string, witness: string): Finding {
  return { rule: 'C7', sentence, witness };
}
