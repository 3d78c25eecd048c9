// Reading goes through a small pool of its own, so that a long catch-up never stands in the way of an append. Positions
// are dense and become visible in order, hence "after position n" is the whole cursor and a page can miss nothing.
import { Pool } from 'pg';
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
const columns = 'position, stream, revision, id, type, data, meta, at';

type Row = {
  readonly position: string;
  readonly stream: string;
  readonly revision: string;
  readonly id: string;
  readonly type: string;
  readonly data: string;
  readonly meta: string;
  readonly at: string;
  /** Bytes of the rows before this one in its page. */
  readonly before: string;
};

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
    const rows = await this.query<{ position: string | null }>('store-head', headText, []);
    const position = rows[0]?.position;
    return position === null || position === undefined ? undefined : BigInt(position);
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
      next = BigInt(last.revision) + (backwards ? -1n : 1n);
    }
    if (!found) await this.demandStream(stream);
  }

  /** What is stored at the time of the call. @throws Unavailable */
  async *readAll({ from, limit, prefixes }: ReadAll = {}): AsyncGenerator<RecordedEvent> {
    let left = limit ?? Infinity;
    let end: bigint | undefined;
    const asked = (after: bigint): Promise<Page> | undefined => {
      if (left <= 0 || (end !== undefined && after >= end)) return undefined;
      const page = this.page(after, prefixes, Math.min(pageEvents, left));
      // Thrown when its turn comes; until then it must not count as unhandled, nor when the caller has had enough.
      page.catch(() => undefined);
      return page;
    };
    for (let next = asked((from ?? 1n) - 1n); next !== undefined;) {
      const page = await next;
      // Bounded by the end seen first, or a reader slower than the writer would never come home.
      end ??= page.end;
      left -= page.events.length;
      // The server reads the next page while this one is looked at.
      next = asked(page.scanned);
      for (const event of page.events) yield event;
    }
  }

  /** @throws Unavailable */
  async page(after: bigint, prefixes: readonly string[] | undefined, limit = pageEvents): Promise<Page> {
    const values: unknown[] = [String(after), limit];
    if (prefixes !== undefined) values.push(prefixes.map(likePattern));
    const [name, text] = prefixes === undefined ? ['store-page', pageText] : ['store-page-of', pageOfText];
    const all = await this.query<Partial<Row> & { end: string }>(name, text, values);
    // One row comes even from an empty page, to carry the end that the same snapshot saw.
    const rows = all.filter((row) => row.position !== null) as Row[];
    const end = BigInt(all[0]?.end ?? 0);
    const last = rows[rows.length - 1];
    const scanned = last !== undefined && !isWhole(rows, limit) ? BigInt(last.position) : end > after ? end : after;
    return { events: rows.map(recorded), scanned, end };
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

  private async query<R extends object>(name: string, text: string, values: unknown[]): Promise<R[]> {
    if (this.closed) throw new Unavailable('the store is closed');
    try {
      const { rows } = await this.pool.query<R>({ name, text, values });
      return rows;
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
  return `select * from (
    select page.*, sum(${size}) over (order by ${order}) - (${size}) as before from (${inner}) page
  ) running where before < ${pageBytes} order by ${order}`;
}

function withEnd(inner: string): string {
  return `select ends.position as end, page.* from
    (select coalesce(max(position), 0) as position from store.events) ends
    left join lateral (${sized(inner, 'position')}) page on true order by page.position`;
}

/** Did the page end because there was no more, and not because of a bound? */
function isWhole(rows: readonly Row[], limit: number): boolean {
  const last = rows[rows.length - 1];
  if (last === undefined) return true;
  return rows.length < limit && Number(last.before) + byteSize(last) < pageBytes;
}

function byteSize(row: Row): number {
  return Buffer.byteLength(row.data) + Buffer.byteLength(row.meta);
}

function likePattern(prefix: string): string {
  return `${prefix.replace(/[\\%_]/g, '\\$&')}%`;
}

function recorded(row: Row): RecordedEvent {
  return {
    id: row.id,
    type: row.type,
    data: JSON.parse(row.data),
    meta: JSON.parse(row.meta),
    stream: row.stream,
    revision: BigInt(row.revision),
    position: BigInt(row.position),
    at: row.at,
  };
}
