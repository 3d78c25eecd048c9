// Reading goes through a small pool of its own, so that a long catch-up never stands in the way of an append. Positions
// are dense and become visible in order, hence "after position n" is the whole cursor and a page can miss nothing.
import { Pool } from 'pg';
import type { CustomTypesConfig } from 'pg';
import { type ReadAll, type ReadStream, type RecordedEvent, StreamNotFound, Unavailable } from '../event-store';
import { batchEvents, type Page } from '../subscription';
import { translated } from './faults';

export type ReaderOptions = { readonly url: string; readonly applicationName: string };

// A page ends at whichever comes first. The second bound keeps a run of 1 MiB appends from filling the memory.
const pageEvents = batchEvents;
const pageBytes = 8_388_608;
const connections = 3;
// A server process costs megabytes even when idle, and a new connection only milliseconds.
const idleMs = 3_000;
const endOfTime = 9_223_372_036_854_775_807n;
// Words travel as varchar, which costs nothing, so that `text` stands for JSON alone: see `types`.
const names = 'position, stream, revision, id, type, data, meta, at';
const columns = 'position, stream::varchar, revision, id, type::varchar, data, meta, at::varchar';

/** As lists: the driver would make an object of each row, only for `recorded` to make another one of it. */
type Row = readonly [
  position: bigint,
  stream: string,
  revision: bigint,
  id: string,
  type: string,
  data: RecordedEvent['data'],
  meta: RecordedEvent['meta'],
  at: string,
  /** 1 where the page's bytes reached their bound; null costs nothing on its way. */
  full: number | null,
  /** Only in the row that leads a page: last position of the store. */
  end?: bigint | null,
];

const parsers: ReadonlyMap<number, (value: string) => unknown> = new Map<number, (value: string) => unknown>([
  [20, BigInt],
  [23, Number],
  [25, JSON.parse],
]);
/** JSON is parsed as each row comes in: a page of texts that waits for it would cost the collector as much again. */
const types = { getTypeParser: (oid: number) => parsers.get(oid) ?? String } as CustomTypesConfig;
type Rows = { readonly rows: readonly Row[]; readonly scanned: bigint; readonly end: bigint };

export class Reader {
  private readonly pool: Pool;
  private closed = false;

  constructor({ url, applicationName }: ReaderOptions) {
    this.pool = new Pool({
      connectionString: url,
      application_name: applicationName,
      max: connections,
      idleTimeoutMillis: idleMs,
      connectionTimeoutMillis: 10_000,
      query_timeout: 30_000,
      keepAlive: true,
      // JIT compilation takes longer than any of these queries.
      options: '-c default_transaction_read_only=on -c jit=off',
    });
    // An idle connection that the server ends raises this event; without a listener it would end the process. There is
    // nothing to do: the pool drops the connection, and the next read opens another or says why it cannot.
    this.pool.on('error', () => undefined);
  }

  /** Position of the last event, undefined when the store is empty. @throws Unavailable */
  async head(): Promise<bigint | undefined> {
    const rows = await this.query<[position: bigint | null]>('store-head', headText, []);
    return rows[0]?.[0] ?? undefined;
  }

  /** @throws StreamNotFound, Unavailable */
  async *readStream(stream: string, { from, backwards, limit }: ReadStream = {}): AsyncGenerator<RecordedEvent> {
    const [name, text] = backwards ? ['store-stream-down', streamDown] : ['store-stream-up', streamUp];
    let next = from ?? (backwards ? endOfTime : 0n);
    let left = limit ?? Infinity;
    let found = false;
    while (left > 0) {
      const wanted = Math.min(pageEvents, left);
      const rows = await this.query<Row>(name, text, [stream, String(next), wanted]);
      found ||= rows.length > 0;
      for (const row of rows) yield recorded(row);
      left -= rows.length;
      const last = rows[rows.length - 1];
      if (last === undefined || isWhole(rows, wanted)) break;
      next = last[2] + (backwards ? -1n : 1n);
    }
    if (!found) await this.demandStream(stream);
  }

  /** What is stored at the time of the call. @throws Unavailable */
  async *readAll({ from, limit, prefixes }: ReadAll = {}): AsyncGenerator<RecordedEvent> {
    let left = limit ?? Infinity;
    let end: bigint | undefined;
    const asked = (after: bigint): Promise<Rows> | undefined => {
      if (left <= 0 || (end !== undefined && after >= end)) return undefined;
      const page = this.rowsAfter(after, prefixes, Math.min(pageEvents, left));
      // Thrown when its turn comes; until then it must not count as unhandled, nor when the caller has had enough.
      page.catch(() => undefined);
      return page;
    };
    for (let next = asked((from ?? 1n) - 1n); next !== undefined;) {
      const page = await next;
      // Bounded by the end seen first, or a reader slower than the writer would never come home.
      end ??= page.end;
      left -= page.rows.length;
      // The server reads the next page while this one is parsed and looked at.
      next = asked(page.scanned);
      for (const row of page.rows) yield recorded(row);
    }
  }

  /** @throws Unavailable */
  async page(after: bigint, prefixes: readonly string[] | undefined): Promise<Page> {
    const { rows, scanned, end } = await this.rowsAfter(after, prefixes, pageEvents);
    return { events: rows.map(recorded), scanned, end };
  }

  private async rowsAfter(after: bigint, prefixes: readonly string[] | undefined, limit: number): Promise<Rows> {
    const values: unknown[] = [String(after), limit];
    if (prefixes !== undefined) values.push(prefixes.map(likePattern));
    const [name, text] = prefixes === undefined ? ['store-page', pageText] : ['store-page-of', pageOfText];
    const [head, ...rows] = await this.query<Row>(name, text, values);
    const end = head?.[9] ?? 0n;
    demandRising(rows, after);
    const last = rows[rows.length - 1];
    const scanned = last !== undefined && !isWhole(rows, limit) ? last[0] : end > after ? end : after;
    return { rows, scanned, end };
  }

  async close(): Promise<void> {
    if (this.closed) return;
    this.closed = true;
    await this.pool.end();
  }

  private async demandStream(stream: string): Promise<void> {
    const rows = await this.query('store-exists', 'select from store.events where stream = $1 limit 1', [stream]);
    if (rows.length === 0) throw new StreamNotFound(stream);
  }

  private async query<R extends readonly unknown[]>(name: string, text: string, values: unknown[]): Promise<R[]> {
    if (this.closed) throw new Unavailable('the store is closed');
    try {
      const { rows } = await this.pool.query({ name, text, values, types, rowMode: 'array' });
      return rows as unknown[] as R[];
    } catch (error) {
      throw translated(error);
    }
  }
}

const headText = 'select max(position) as position from store.events';
const streamUp = sized(
  `select ${columns} from store.events where stream = $1 and revision >= $2 order by revision limit $3`,
  'revision',
);
const streamDown = sized(
  `select ${columns} from store.events where stream = $1 and revision <= $2 order by revision desc limit $3`,
  'revision desc',
);
const pageText = withEnd(`select ${columns} from store.events where position > $1 order by position limit $2`);
const pageOfText = withEnd(
  `select ${columns} from store.events where position > $1 and stream like any ($3::text[]) order by position limit $2`,
);

/** Cuts a page where its bytes reach the bound; the first row always stays. */
function sized(inner: string, order: string): string {
  const size = 'octet_length(data) + octet_length(meta)';
  return `select ${names}, case when bytes >= ${pageBytes} then 1 end as full from (
    select page.*, sum(${size}) over (order by ${order} rows unbounded preceding) as bytes from (${inner}) page
  ) running where bytes - (${size}) < ${pageBytes} order by ${order}`;
}

/** Led by a row of nulls with the store's end, which the same snapshot saw; it comes even before an empty page. */
function withEnd(inner: string): string {
  return `select null::bigint, null::varchar, null::bigint, null::uuid, null::varchar, null, null, null::varchar,
      null::int, coalesce((select max(position) from store.events), 0)
    union all select page.*, null from (${sized(inner, 'position')}) page`;
}

/** Reading rests on the order, and `union all` promises none although it keeps it; sorting again would cost half. */
function demandRising(rows: readonly Row[], after: bigint): void {
  let before = after;
  for (const [position] of rows) {
    if (position <= before) throw new Error(`position ${position} came after ${before}: the page is unordered`);
    before = position;
  }
}

/** Did the page end because there was no more, and not because of a bound? */
function isWhole(rows: readonly Row[], limit: number): boolean {
  const last = rows[rows.length - 1];
  if (last === undefined) return true;
  return rows.length < limit && last[8] === null;
}

function likePattern(prefix: string): string {
  return `${prefix.replace(/[\\%_]/g, '\\$&')}%`;
}

function recorded([position, stream, revision, id, type, data, meta, at]: Row): RecordedEvent {
  return { id, type, data, meta, stream, revision, position, at };
}
