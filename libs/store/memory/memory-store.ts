// The event store for tests: the same port, the same contract, the same rules as the one on PostgreSQL, with nothing to
// start and nothing to clean up. It keeps text, not objects, so that a test cannot change history by changing a value.
import {
  type Appended,
  type EventStore,
  type Expected,
  type NewEvent,
  type ReadAll,
  type ReadStream,
  type RecordedEvent,
  StreamNotFound,
  type Subscribe,
  Unavailable,
  WrongExpectedRevision,
} from '../event-store';
import { storable, type StorableEvent } from '../storable';
import { batchEvents, type Page, startsWithAny, subscription } from '../subscription';
import { Tail } from '../tail';
import { judge, type Place } from '../verdict';

type Row = Place & { readonly stream: string; readonly event: StorableEvent; readonly at: string };

// A fixed day, so that two runs of a test write the same bytes.
const firstMoment = new Date('2026-01-01T00:00:00.000Z').getTime();

export class MemoryStore implements EventStore {
  private readonly rows: Row[] = [];
  private readonly streams = new Map<string, Row[]>();
  private readonly tail = new Tail();
  private at = '';

  /** @param now RFC 3339 UTC; absent = a clock that advances one millisecond with every append */
  constructor(private readonly now?: () => string) {
    this.tail.begin(0n);
  }

  async append(stream: string, events: readonly NewEvent[], expected: Expected): Promise<Appended> {
    const written = storable(stream, events);
    this.demandOpen();
    const history = this.streams.get(stream) ?? [];
    const last = history[history.length - 1]?.revision;
    const ids = written.events.map((event) => event.id);
    const verdict = judge(ids, expected, last, (id) => history.find((row) => row.id === id));
    if (verdict.kind === 'wrong') throw new WrongExpectedRevision(stream, expected, last);
    if (verdict.kind === 'repeat') return verdict.appended;
    this.tick();
    const rows = written.events.map((event, index): Row => {
      const position = BigInt(this.rows.length + 1 + index);
      return { stream, event, id: event.id, revision: verdict.revision + BigInt(index), position, at: this.at };
    });
    this.rows.push(...rows);
    this.streams.set(stream, [...history, ...rows]);
    const sizes = rows.map((row) => row.event.data.length + row.event.meta.length);
    this.tail.push(rows.map(recorded), sizes);
    const { revision, position } = rows[rows.length - 1] as Row;
    return { revision, position };
  }

  async *readStream(stream: string, { from, backwards, limit }: ReadStream = {}): AsyncGenerator<RecordedEvent> {
    this.demandOpen();
    const history = this.streams.get(stream);
    if (history === undefined) throw new StreamNotFound(stream);
    const ordered = backwards ? [...history].reverse() : history;
    const wanted = ordered.filter(
      ({ revision }) => from === undefined || (backwards ? revision <= from : revision >= from),
    );
    yield* wanted.slice(0, limit).map(recorded);
  }

  async *readAll({ from, limit, prefixes }: ReadAll = {}): AsyncGenerator<RecordedEvent> {
    this.demandOpen();
    const wanted = this.rows.filter((row) => row.position >= (from ?? 0n) && startsWithAny(row.stream, prefixes));
    yield* wanted.slice(0, limit).map(recorded);
  }

  subscribeAll(options: Subscribe): AsyncIterable<readonly RecordedEvent[]> {
    this.demandOpen();
    return subscription((after, prefixes) => Promise.resolve(this.page(after, prefixes)), this.tail, options);
  }

  async close(): Promise<void> {
    this.tail.close();
  }

  private page(after: bigint, prefixes: readonly string[] | undefined): Page {
    const rows = this.rows.slice(Number(after), Number(after) + batchEvents);
    const end = BigInt(this.rows.length);
    const events = rows.filter((row) => startsWithAny(row.stream, prefixes)).map(recorded);
    return { events, scanned: rows[rows.length - 1]?.position ?? after, end };
  }

  private tick(): void {
    const moment = this.now?.() ?? new Date(firstMoment + this.rows.length).toISOString();
    if (moment > this.at) this.at = moment;
  }

  private demandOpen(): void {
    if (this.tail.closed) throw new Unavailable('the store is closed');
  }
}

function recorded({ stream, event, revision, position, at }: Row): RecordedEvent {
  const { id, type, data, meta } = event;
  return { id, type, data: JSON.parse(data), meta: JSON.parse(meta), stream, revision, position, at };
}
