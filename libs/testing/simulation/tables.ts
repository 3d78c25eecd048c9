// An agency's database: whatever was answered stays, and each statement happens whole or not at all. It knows just the
// statements that the relay makes (libs/chassis/relay-tables.ts) and refuses any other, so that a new one is noticed.
import { MemoryInbox } from '#stream/memory-inbox';
import { toHex } from '#tlog/bytes';
import { leafHash } from '#tlog/merkle';

export type EntryRow = { readonly index: string; readonly id: string; readonly bytes: Buffer; readonly hash: string };
export type CheckpointRow = { readonly size: string; readonly root: string; readonly note: string };
export type HeadRow = { readonly origin: string; position: string | null; size: string; frontier: string };
export type CosignedRow = {
  readonly origin: string;
  readonly witness: string;
  readonly size: bigint;
  /** Base64. */
  readonly root: string;
  readonly note: Uint8Array;
};
/** Rows of a view by id, each with the keys it was read with. */
export type ViewRows = Map<string, { readonly id: string }>;

/** The relay's own rows. */
export type LogTables = {
  readonly entries: readonly EntryRow[];
  readonly head: HeadRow | undefined;
  readonly checkpoints: readonly CheckpointRow[];
  readonly flushed: string;
};

export class Tables {
  entries: EntryRow[] = [];
  head: HeadRow | undefined;
  checkpoints: CheckpointRow[] = [];
  flushed = '0';
  /** Planted `two-relays-without-lease`: nothing keeps an entry from being added twice. */
  unique = true;
  readonly inboxes = new Map<string, MemoryInbox>();
  /** By view name. */
  readonly views = new Map<string, ViewRows>();
  /** Of all views together, by source. */
  readonly viewCursors = new Map<string, bigint>();
  /** By reactor and source. */
  readonly reactorCursors = new Map<string, bigint>();
  readonly parked: { readonly consumer: string; readonly stream: string; readonly why: string }[] = [];
  /** What the agency's witness cosigned last, by log. */
  readonly witnessed = new Map<string, CosignedRow>();
  /** Every cosignature that came to be known here, in the order in which it was stored. */
  readonly cosigned: CosignedRow[] = [];
  /** Of them the largest size, by witness and log. */
  readonly reach = new Map<string, Map<string, bigint>>();
  /** Rows that `npm run recover` has proven and not put in their place yet. */
  recovering: EntryRow[] | undefined;
  private ids = new Set<string>();

  constructor(peers: readonly string[]) {
    for (const origin of peers) this.inboxes.set(origin, new MemoryInbox());
  }

  get log(): LogTables {
    const { entries, head, checkpoints, flushed } = this;
    return { entries: [...entries], head: head && { ...head }, checkpoints: [...checkpoints], flushed };
  }

  set log({ entries, head, checkpoints, flushed }: LogTables) {
    this.entries = [...entries];
    this.head = head && { ...head };
    this.checkpoints = [...checkpoints];
    this.flushed = flushed;
    this.ids = new Set(entries.map(({ id }) => id));
  }

  /** All that a backup of the database holds. */
  copy(): Tables {
    const copy = new Tables([]);
    copy.take(this);
    return copy;
  }

  /** Becomes what another one is. */
  take(other: Tables): void {
    this.log = other.log;
    this.recovering = undefined;
    this.cosigned.splice(0, this.cosigned.length, ...other.cosigned);
    this.parked.splice(0, this.parked.length, ...other.parked);
    refill(this.inboxes, other.inboxes, (inbox) => inbox.copy());
    refill(this.views, other.views, (rows) => new Map(rows));
    refill(this.viewCursors, other.viewCursors);
    refill(this.reactorCursors, other.reactorCursors);
    refill(this.witnessed, other.witnessed);
    refill(this.reach, other.reach, (sizes) => new Map(sizes));
  }

  /** One statement of the relay. */
  query(sql: string, parameters: readonly unknown[] = []): unknown[] {
    const text = sql.replace(/\s+/g, ' ').trim();
    const found = [...recovery, ...statements].find(([begins]) => text.startsWith(begins));
    if (!found) throw new Error(`the simulated database does not know: ${text}`);
    return found[1](this, parameters as never);
  }

  private addEntries([size, position, next, frontier, ids, , bytes, hashes]: readonly string[]): unknown[] {
    if (!this.head || this.head.size !== size) return [{ moved: 0, added: 0 }];
    const [all, texts] = [listedBytes(bytes), listedTexts(hashes)];
    const rows = listedUuids(ids).map((id, n): EntryRow => {
      return { index: String(BigInt(size!) + BigInt(n)), id, bytes: all[n]!, hash: texts[n]! };
    });
    const twice = rows.find(({ id }) => this.ids.has(id));
    if (twice && this.unique) throw new Error(`duplicate key value violates unique constraint: ${twice.id}`);
    rows.forEach(({ id }) => this.ids.add(id));
    this.head = { ...this.head, position: position ?? null, size: next!, frontier: frontier! };
    this.entries.push(...rows);
    return [{ moved: 1, added: rows.length }];
  }

  static readonly addEntries = (tables: Tables, parameters: readonly string[]): unknown[] =>
    tables.addEntries(parameters);
}

export function refill<T>(
  map: Map<string, T>,
  from: ReadonlyMap<string, T>,
  copy: (item: T) => T = (item) => item,
): void {
  const items = [...from].map(([key, item]): [string, T] => [key, copy(item)]);
  map.clear();
  for (const [key, item] of items) map.set(key, item);
}

type Statement = (tables: Tables, parameters: readonly string[]) => unknown[];
const between = (tables: Tables, from: string, to: string): EntryRow[] =>
  tables.entries.filter(({ index }) => BigInt(index) >= BigInt(from) && BigInt(index) < BigInt(to));

const statements: readonly (readonly [string, Statement])[] = [
  [
    'insert into log.head',
    (tables, [origin, frontier]) => {
      tables.head ??= { origin: origin!, position: null, size: '0', frontier: frontier! };
      return [];
    },
  ],
  ['select origin, position, size, frontier from log.head', (tables) => [{ ...tables.head }]],
  ['with moved as ( update log.head', Tables.addEntries],
  [
    "select coalesce(string_agg(encode(sha256('\\x00'",
    (tables, [from, to]) => {
      const rows = between(tables, from!, to!);
      const leaves = rows.map(({ bytes }) => toHex(leafHash(bytes))).join('');
      return [{ leaves, hashes: rows.map(({ hash }) => hash).join('') }];
    },
  ],
  ['select index, bytes, hash from log.entry', (tables, [from, to]) => between(tables, from!, to!)],
  ['select size, root, note from log.checkpoint', (tables) => tables.checkpoints.slice(-1)],
  [
    'select size from log.checkpoint where size >',
    (tables, [after]) => tables.checkpoints.filter(({ size }) => BigInt(size) > BigInt(after!)),
  ],
  [
    'select root from log.checkpoint where size =',
    (tables, [size]) => tables.checkpoints.filter((row) => row.size === size),
  ],
  [
    'select coalesce(max(size), 0) as size from log.checkpoint',
    (tables) => [{ size: tables.checkpoints.at(-1)?.size ?? '0' }],
  ],
  ['select size from log.flushed', (tables) => [{ size: tables.flushed }]],
  [
    'update log.flushed',
    (tables, [size]) => {
      tables.flushed = size!;
      return [];
    },
  ],
  [
    'insert into log.checkpoint',
    (tables, [size, root, note, , after]) => {
      const last = tables.checkpoints.at(-1);
      if ((last?.size ?? '-1') !== after) return [];
      tables.checkpoints.push({ size: size!, root: root!, note: note! });
      return [{ size }];
    },
  ],
];

/** Those of libs/chassis/recovery/recover.ts. */
const recovery: readonly (readonly [string, Statement])[] = [
  ['select size, root from log.checkpoint', (tables) => tables.checkpoints],
  ['drop table if exists log.recovering', () => []],
  ['create table log.recovering', (tables) => nothing((tables.recovering = []))],
  [
    'insert into log.recovering',
    (tables, [from, ids, , bytes, hashes]) => {
      const [all, texts] = [listedBytes(bytes), listedTexts(hashes)];
      const rows = (ids as unknown as string[]).map((id, n): EntryRow => {
        return { index: String(BigInt(from!) + BigInt(n)), id, bytes: all[n]!, hash: texts[n]! };
      });
      return nothing(tables.recovering!.push(...rows));
    },
  ],
  ['set local statement_timeout', () => []],
  ['truncate log.entry', (tables) => nothing((tables.log = { ...tables.log, entries: [] }))],
  [
    'insert into log.entry select * from log.recovering',
    (tables) => nothing((tables.log = { ...tables.log, entries: tables.recovering! })),
  ],
  ['drop table log.recovering', (tables) => nothing((tables.recovering = undefined))],
  [
    'insert into log.head (origin, position, size, frontier) values ($1, $2, $3, $4) on conflict (one) do update',
    (tables, [origin, position, size, frontier]) =>
      nothing((tables.head = { origin: origin!, position: position ?? null, size: size!, frontier: frontier! })),
  ],
  [
    'insert into log.checkpoint (size, root, note, signed_at) values',
    (tables, [size, root, note]) => {
      if (tables.checkpoints.some((row) => row.size === size)) return [];
      tables.checkpoints.push({ size: size!, root: root!, note: note! });
      return nothing(tables.checkpoints.sort((a, b) => Number(a.size) - Number(b.size)));
    },
  ],
];
const nothing = (_: unknown): [] => [];

/** Reads back what libs/store/pg/binary-array.ts writes. */
function listedBytes(array: unknown): Buffer[] {
  const bytes = array as Buffer;
  const items: Buffer[] = [];
  for (let at = 20; at < bytes.length;) {
    const size = bytes.readInt32BE(at);
    items.push(Buffer.from(bytes.subarray(at + 4, at + 4 + size)));
    at += 4 + size;
  }
  return items;
}

function listedTexts(array: unknown): string[] {
  return listedBytes(array).map((item) => item.toString('utf8'));
}

function listedUuids(array: unknown): string[] {
  return listedBytes(array).map((item) => item.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-'));
}
