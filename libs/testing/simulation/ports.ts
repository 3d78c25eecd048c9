// What a program of an agency reaches the outside with: store and database, which may be away or lose an answer.
import type { Appended, EventStore, Expected, NewEvent, RecordedEvent } from '#store/event-store';
import { StreamNotFound, Unavailable, WrongExpectedRevision } from '#store/event-store';
import { bytesArray } from '#store/pg/binary-array';
import type { Sql } from '#chassis/database';
import { toHex } from '#tlog/bytes';
import { Frontier, leafHash } from '#tlog/merkle';
import { flipped } from './disk';
import type { Premises } from './place';
import type { Program } from './scheduler';
import { Tables } from './tables';
import type { World } from './world';

export type DatabaseCall = <T>(label: string, effect: () => T | Promise<T>) => Promise<T>;

/** Calls to the agency's database: refused while it is away; sometimes carried out without an answer. */
export function databaseOf(world: World, premises: Premises, program: Program): DatabaseCall {
  const { scheduler, random } = world;
  return (label, effect) =>
    scheduler.call(program, label, async () => {
      if (premises.away || random.chance(world.weather.refused)) throw new Unavailable('the database is away');
      const answer = await effect();
      if (random.chance(world.weather.unanswered)) throw new Unavailable('the answer was lost');
      return answer;
    });
}

type AskedStore = Pick<EventStore, 'append' | 'readStream'>;

export function storeOf(world: World, premises: Premises, program: Program): AskedStore {
  const call = databaseOf(world, premises, program);
  const { store } = premises;
  const append = async (stream: string, events: readonly NewEvent[], expected: Expected): Promise<Appended> => {
    if (world.has('ack-before-append')) return acknowledged(world, premises, program, stream, events, expected);
    premises.underWay++;
    if (premises.underWay > 1) for (const { id } of events) premises.beside.add(id);
    begin(world, premises, stream, events);
    try {
      return await call(`append ${stream}`, () => {
        const given = premises.writing.get(stream);
        // Planted `dirty-read`: rolled back, after some have read it.
        if (given && given.length > 0 && world.random.chance(0.3)) throw new Unavailable('rolled back');
        return world.append(premises, stream, adjusted(world, events), expected);
      });
    } finally {
      premises.underWay--;
      premises.writing.delete(stream);
    }
  };
  return {
    append: world.has('last-writer-wins') ? overriding(append) : append,
    async *readStream(stream, options) {
      const rows = await call(`read ${stream}`, () => collected(store, stream, options?.from));
      if (rows === undefined) throw new StreamNotFound(stream);
      yield* rows.map((row) => remembering(world, row));
    },
  };
}

/** Planted `dirty-read`: others may see what is not stored yet. */
function begin(world: World, premises: Premises, stream: string, events: readonly NewEvent[]): void {
  if (world.has('dirty-read'))
    premises.writing.set(
      stream,
      events.map(({ id }) => id),
    );
}

/** Planted `idempotence-key-forgotten`: neither the event nor its record says which request it came from. */
function adjusted(world: World, events: readonly NewEvent[]): readonly NewEvent[] {
  if (!world.has('idempotence-key-forgotten')) return events;
  return events.map((event) => ({ ...event, id: world.random.uuid() }));
}

function remembering(world: World, row: RecordedEvent): RecordedEvent {
  if (!world.has('idempotence-key-forgotten')) return row;
  return { ...row, meta: { ...row.meta, commandId: world.random.uuid() } };
}

/** Planted `last-writer-wins`: the revision that the author decided on is not compared with the one that is. */
function overriding(append: AskedStore['append']): AskedStore['append'] {
  const again = async (stream: string, events: readonly NewEvent[], expected: Expected): Promise<Appended> => {
    try {
      return await append(stream, events, expected);
    } catch (error) {
      if (!(error instanceof WrongExpectedRevision)) throw error;
      return again(stream, events, error.actual ?? 'no_stream');
    }
  };
  return again;
}

/** Planted `ack-before-append`: answered at once, stored when there is time for it, if the program lives that long. */
function acknowledged(
  world: World,
  premises: Premises,
  program: Program,
  stream: string,
  events: readonly NewEvent[],
  expected: Expected,
): Promise<Appended> {
  const store = () => world.append(premises, stream, events, expected);
  world.scheduler.later(program, `append ${stream} later`, store);
  const revision = (typeof expected === 'bigint' ? expected : -1n) + BigInt(events.length);
  return Promise.resolve({ revision, position: BigInt(premises.appends.size + events.length) });
}

async function collected(store: EventStore, stream: string, from?: bigint): Promise<RecordedEvent[] | undefined> {
  const rows: RecordedEvent[] = [];
  try {
    for await (const event of store.readStream(stream, from === undefined ? {} : { from })) rows.push(event);
  } catch (error) {
    if (error instanceof StreamNotFound) return undefined;
    throw error;
  }
  return rows;
}

/** Events of the store after a position, as the relay, views and reactors read them. */
export function readerOf(premises: Premises, call: DatabaseCall) {
  return (after: bigint): Promise<RecordedEvent[]> =>
    call(`read all after ${after}`, async () => {
      const events: RecordedEvent[] = [];
      for await (const event of premises.store.readAll({ from: after + 1n, limit: 1_000 })) events.push(event);
      return events;
    });
}

/** The relay's statements, with what is planted between it and its rows. */
export function relaySql(world: World, premises: Premises, call: DatabaseCall): Sql {
  const query = (sql: string, parameters: unknown[] = []): Promise<unknown[]> =>
    call(`sql ${sql.trim().split(/\s+/).slice(0, 4).join(' ')}`, () => {
      const { tables } = premises;
      const text = sql.trim();
      const adds = text.startsWith('with moved');
      if (adds && world.has('two-relays-without-lease')) return addAnywhere(tables, parameters);
      const before = adds ? { head: tables.head!, count: tables.entries.length } : undefined;
      const rows = tables.query(sql, parameters);
      if (before && tables.entries.length > before.count) damageSome(world, premises, before.count);
      if (!world.has('stored-bytes-not-rehashed')) return rows;
      return text.startsWith('select coalesce(string_agg') ? rows.map(believed) : rows.map(rehashed);
    });
  return { query } as unknown as Sql;
}

/** A row is damaged on its way to the disk; whoever reads it back finds out, and an operator must put it right. */
function damageSome(world: World, premises: Premises, from: number): void {
  if (!world.random.chance(world.weather.damagedRows)) return;
  const at = from + world.random.below(premises.tables.entries.length - from);
  const whole = premises.tables.entries[at]!;
  world.scheduler.note(`row ${at} of ${premises.agency} is damaged`);
  premises.tables.entries[at] = { ...whole, bytes: Buffer.from(flipped(whole.bytes, world.random)) };
  // Planted `stored-bytes-not-rehashed`: found when it is too late, with nothing left to repair it from.
  if (world.has('stored-bytes-not-rehashed')) return;
  premises.repairs.push(() => {
    if (premises.tables.entries[at]?.id === whole.id) premises.tables.entries[at] = whole;
  });
}

/** Planted `stored-bytes-not-rehashed`: what the row says of itself is taken for what its bytes give. */
function believed(row: unknown): unknown {
  const { hashes } = row as { hashes: string };
  return { leaves: hashes, hashes };
}

function rehashed(row: unknown): unknown {
  const entry = row as { bytes?: Buffer };
  return entry.bytes ? { ...entry, hash: toHex(leafHash(entry.bytes)) } : row;
}

/** Planted `two-relays-without-lease`: entries are added wherever the log ends by now. */
function addAnywhere(tables: Tables, parameters: unknown[]): unknown[] {
  const [, position, , , ids, positions, bytes, hashes] = parameters as [...unknown[]];
  const frontier = Frontier.parse(tables.head!.frontier);
  const size = frontier.size;
  for (const item of itemsOf(bytes as Buffer)) frontier.append(leafHash(item));
  const next = String(frontier.size);
  return tables.query('with moved as ( update log.head', [
    ...[String(size), position, next, frontier.serialise(), ids, positions, bytes, hashes],
  ]);
}

function itemsOf(array: Buffer): Buffer[] {
  const items: Buffer[] = [];
  for (let at = bytesArray([new Uint8Array(0)]).length - 4; at < array.length;) {
    const size = array.readInt32BE(at);
    items.push(array.subarray(at + 4, at + 4 + size));
    at += 4 + size;
  }
  return items;
}
