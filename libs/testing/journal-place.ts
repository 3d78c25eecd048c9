// One agency's store, database and journal for tests, which outlive any number of journalers; time is what the test says.
import type { DataSource } from 'typeorm';
import { Asking } from '#chassis/asking';
import { openDatabase } from '#chassis/database';
import { Journal } from '#chassis/journal/journal';
import type { JournalParts, JournalStep } from '#chassis/journal/journal';
import { leafOf } from '#chassis/journal/secrets';
import { journalMigrations } from '#chassis/journal/tables';
import { inboxMigrations } from '#chassis/peers';
import { sampleEvent, sampleOrigin, silent } from '#chassis/relay-sample';
import type { EventStore, RecordedEvent } from '#store/event-store';
import { MemoryStore } from '#store/memory/memory-store';
import { openCheckpoint } from '#tlog/checkpoint';
import { LOG_KEY_TYPE, signingKey } from '#tlog/key';
import { Frontier, leafHash } from '#tlog/merkle';

export const sampleJournalKey = (origin: string) => signingKey(origin, LOG_KEY_TYPE, new Uint8Array(32).fill(11));
export const firstMoment = Date.parse('2026-03-02T01:00:00.000Z');

export class JournalPlace {
  /** Milliseconds of the clock that everybody here looks at. */
  now = firstMoment;
  readonly told: string[] = [];
  private appended = 0;
  private sleepers: { until: number; wake: () => void }[] = [];

  private constructor(
    readonly database: DataSource,
    readonly store: EventStore,
  ) {}

  /** @param url of an empty database */
  static async make(url: string, store?: EventStore): Promise<JournalPlace> {
    const migrations = [...journalMigrations, ...inboxMigrations];
    const database = await openDatabase({ url, applicationName: 'test', migrations, onPoolError: () => undefined });
    return new JournalPlace(database, store ?? new MemoryStore());
  }

  clock = (): string => new Date(this.now).toISOString();

  /** Time goes on; whoever slept so long wakes, one after the other. */
  async pass(ms: number): Promise<void> {
    this.now += ms;
    const due = this.sleepers.filter(({ until }) => until <= this.now);
    this.sleepers = this.sleepers.filter(({ until }) => until > this.now);
    for (const { wake } of due) wake();
    await new Promise((resolve) => setTimeout(resolve, 5));
  }

  async append(count: number): Promise<void> {
    const from = this.appended;
    const events = Array.from({ length: count }, () => sampleEvent(this.appended++));
    for (let at = 0; at < count; at += 500) {
      const expected = from + at === 0 ? 'no_stream' : BigInt(from + at - 1);
      await this.store.append('round-1', events.slice(at, at + 500), expected);
    }
  }

  parts(change: Partial<JournalParts> = {}): JournalParts {
    const { store, database, clock } = this;
    return {
      ...{ store, database, clock, agency: 'inspection', origin: sampleOrigin, keyOf: sampleJournalKey },
      everySeconds: 600,
      onFatal: (error) => this.told.push(error.message),
      log: { ...silent, error: (_fields: object, what: string) => void this.told.push(what) },
      sleep: (ms, signal) =>
        new Promise<void>((resolve) => {
          if (ms < 1_500 || signal.aborted) return void setTimeout(resolve, 1);
          this.sleepers.push({ until: this.now + ms, wake: resolve });
          signal.addEventListener('abort', () => resolve(), { once: true });
        }),
      ...change,
    };
  }

  /** With what the service asks by: the same rules, store and idempotency. */
  asking(): Asking {
    const clock = { now: this.clock };
    return new Asking({ store: this.store, clock, seen: () => ({}), commitKey: new Uint8Array(32).fill(5) });
  }

  async start(change: Partial<JournalParts> = {}): Promise<Journal> {
    const journal = await Journal.open(this.parts(change));
    const asking = this.asking();
    journal.anchor((ask) => asking.ask(ask));
    return journal;
  }

  /** Runs a journaler until it died at the given moment, or until it has taken everything and `done` says enough. */
  async runUntil(step: JournalStep, done: (journal: Journal) => boolean): Promise<'died' | 'done'> {
    let died = false;
    const crash = (at: JournalStep) => {
      if (at === step) throw new Error('pulled');
    };
    const journal = await this.start({ crash, onFatal: () => (died = true) });
    while (!died && !done(journal)) await new Promise((resolve) => setTimeout(resolve, 2));
    await journal.stop();
    return died ? 'died' : 'done';
  }

  async caughtUp(journal: Journal): Promise<void> {
    const stored = (await this.events()).length;
    for (let tries = 0; journal.size() < stored; tries++) {
      if (tries > 5_000) throw new Error(`the journal stays at ${journal.size()} of ${stored}`);
      await new Promise((resolve) => setTimeout(resolve, 2));
    }
  }

  async events(): Promise<RecordedEvent[]> {
    const events: RecordedEvent[] = [];
    for await (const event of this.store.readAll()) events.push(event);
    return events;
  }

  /** The journal's rows must be those of the stored events, each once and in order, under the signature. */
  async demandWhole(): Promise<void> {
    const events = await this.events();
    const rows = await this.database.query('select index, position, id, secret, hash from journal.leaf order by index');
    const [head] = await this.database.query('select origin, note, position from journal.head');
    const frontier = Frontier.empty();
    expect(rows.map(({ index }: { index: string }) => Number(index))).toEqual(events.map((_, n) => n));
    for (const [n, event] of events.entries()) {
      const hash = leafHash(leafOf(event, rows[n].secret).bytes);
      expect([rows[n].id, BigInt(rows[n].position), Buffer.from(rows[n].hash)]).toEqual([
        event.id,
        event.position,
        Buffer.from(hash),
      ]);
      frontier.append(hash);
    }
    const { size, root } = openCheckpoint(Buffer.from(head.note), sampleJournalKey(head.origin));
    expect([size, Buffer.from(root)]).toEqual([frontier.size, Buffer.from(frontier.root())]);
    expect(BigInt(head.position)).toBe(events.at(-1)!.position);
  }
}
