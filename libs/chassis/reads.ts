// How a slice's API reads: plain SQL over the tables of its views, in this agency's own database.
import { Injectable } from '@nestjs/common';
import type { DataSource, EntityManager } from 'typeorm';
import { Refused } from '#kernel/decider';
import type { AnyView, View } from '#kernel/view';
import type { PeerState } from './peers';
import type { Pulse } from './pulse';
import { Wake } from './pulse';
import { digestOf, fromStored, selectList, tableOf } from './views/table';
import { ownSource } from './views/sources';
import type { Views } from './views/start-views';
import type { Reach } from './witness/cosignatures';

const patience = 3_000;
/** Answers kept at once, of all views. */
const mostKept = 1_000;
const entriesAtOnce = 500;

export type StoredEntry = { readonly index: number; readonly hash: string; readonly bytes: Buffer };

export type Standing = {
  readonly reach: (origin: string) => Reach;
  /** POSIX seconds; undefined while no witness stands by the entry. */
  readonly firstWitnessed: (origin: string, index: number) => Promise<number | undefined>;
  readonly peers: () => readonly PeerState[];
};

@Injectable()
export class Reads {
  private readonly kept = new Map<string, { readonly views: readonly string[]; readonly answer: Promise<unknown> }>();

  constructor(
    private readonly database: DataSource,
    private readonly views: Views,
    private readonly pulse: Pulse,
    private readonly ownOrigin: string,
    private readonly peerOrigins: readonly string[],
    /** How far the witnesses are, and how the peers stand. */
    readonly standing: Standing,
  ) {
    pulse.beats.subscribe((beat) => {
      if (beat.kind !== 'view') return;
      for (const [name, { views: of }] of this.kept) if (of.includes(beat.view)) this.kept.delete(name);
    });
  }

  /**
   * Asks once for as long as the views' rows stand still, however many want to know: for answers that come from all
   * rows. Never out of date, because whatever changes the rows is told before anybody can wait for it to have happened.
   * @param key everything that the answer depends on besides the rows
   */
  whileUnchanged<T>(of: readonly AnyView[], key: readonly unknown[], ask: () => Promise<T>): Promise<T> {
    const views = of.map(({ name }) => name);
    const name = JSON.stringify([views, ...key]);
    const known = this.kept.get(name);
    const answer = (known?.answer as Promise<T> | undefined) ?? ask();
    // Oldest use first, as a Map keeps its keys.
    this.kept.delete(name);
    this.kept.set(name, { views, answer });
    if (known) return answer;
    for (const oldest of this.kept.keys()) {
      if (this.kept.size <= mostKept) break;
      this.kept.delete(oldest);
    }
    answer.catch(() => {
      if (this.kept.get(name)?.answer === answer) this.kept.delete(name);
    });
    return answer;
  }

  query<T>(sql: string, parameters: readonly unknown[] = []): Promise<T[]> {
    return this.database.query(sql, [...parameters]);
  }

  /** Qualified name of a view's live table. Columns are the row's properties in snake_case. */
  table(view: AnyView): string {
    return tableOf(view);
  }

  async row<R extends { readonly id: string }>(view: View<R>, id: string): Promise<R | undefined> {
    return (await this.rows(view, 'id = $1', [id]))[0];
  }

  /** Some of a view's columns under the row's own names, for a select over its table. */
  columns<R extends { readonly id: string }>(view: View<R>, names: readonly (string & keyof R)[]): string {
    return selectList(partOf(view, names));
  }

  /** As `rows`, of named columns alone: long texts and JSON are the dearest part of a row, and lists need few. */
  async some<R extends { readonly id: string }, Name extends string & keyof R>(
    view: View<R>,
    names: readonly Name[],
    { where, parameters, tail = '' }: { where: string; parameters: readonly unknown[]; tail?: string },
  ): Promise<Pick<R, Name>[]> {
    const part = partOf(view, names);
    const text = `select ${selectList(part)} from ${tableOf(view)} where ${where} ${tail}`;
    const rows = await this.query<object>(text, parameters);
    return rows.map((row) => fromStored<R>(part, row));
  }

  /** @param tail what follows the condition, e.g. `order by due, id limit 50` */
  async rows<R extends { readonly id: string }>(
    view: View<R>,
    where: string,
    parameters: readonly unknown[] = [],
    tail = '',
  ): Promise<R[]> {
    const rows = await this.query<object>(
      `select ${selectList(view)} from ${tableOf(view)} where ${where} ${tail}`,
      parameters,
    );
    return rows.map((row) => fromStored<R>(view, row));
  }

  /**
   * Waits until the views have passed a position of the own store, so that users see what they just did.
   * @throws Refused `view.behind` after 3 seconds
   */
  async passed(after?: string): Promise<void> {
    if (after === undefined) return;
    const goal = BigInt(after);
    const abort = new AbortController();
    const wake = new Wake(this.pulse, (beat) => beat.kind === 'view', abort.signal);
    const started = performance.now();
    try {
      while (this.views.position() < goal) {
        const left = patience - (performance.now() - started);
        if (left <= 0) throw new Refused('view.behind');
        await wake.next(Math.min(left, 250));
      }
    } finally {
      abort.abort();
    }
  }

  /** Origins of the own log and of all peers'. */
  origins(): readonly string[] {
    return [this.ownOrigin, ...this.peerOrigins];
  }

  /** Recorded time that the read models stand for, RFC 3339 UTC. */
  cutOff(): string {
    return this.views.cutOff();
  }

  /**
   * Digest of a view together with the log sizes it stands for, read in one snapshot: agencies at equal sizes must have
   * equal digests (contexts.md I7).
   */
  async agreement(view: AnyView): Promise<{ sizes: Record<string, number>; digest: string; lines: number }> {
    return this.inSnapshot(view, async (sql, sizes) => {
      const counted: { lines: string }[] = await sql.query(`select count(*) as lines from ${tableOf(view)}`);
      return { sizes, digest: await digestOf(sql, view), lines: Number(counted[0]?.lines) };
    });
  }

  /** Named columns of all of a view's rows, with the log sizes that they stand for. */
  async someWithSizes<R extends { readonly id: string }, Name extends string & keyof R>(
    view: View<R>,
    names: readonly Name[],
  ): Promise<{ sizes: Record<string, number>; rows: Pick<R, Name>[] }> {
    const part = partOf(view, names);
    return this.inSnapshot(view, async (sql, sizes) => {
      const rows: object[] = await sql.query(`select ${selectList(part)} from ${tableOf(view)}`);
      return { sizes, rows: rows.map((row) => fromStored<R>(part, row)) };
    });
  }

  /** How many entries a view has set aside. */
  async parked(view: AnyView): Promise<number> {
    const text = 'select count(*)::int as count from views.parked where consumer = $1';
    const [row] = await this.query<{ count: number }>(text, [view.name]);
    return row?.count ?? 0;
  }

  /** The first entries of a log, own or followed, a page at a time, in order. */
  async *entries(origin: string, size: number): AsyncGenerator<StoredEntry[]> {
    const [from, ofLog] =
      origin === this.ownOrigin
        ? ['log.entry', '$3::text is not null'] // the own table holds one log
        : ['inbox.entry', 'origin = $3'];
    for (let next = 0; next < size;) {
      const page = await this.query<{ index: string; hash: string; bytes: Buffer }>(
        `select index, hash, bytes from ${from} where ${ofLog} and index >= $1 and index < $2 order by index`,
        [next, Math.min(size, next + entriesAtOnce), origin],
      );
      yield page.map(({ index, hash, bytes }) => ({ index: Number(index), hash, bytes }));
      next += entriesAtOnce;
    }
  }

  private inSnapshot<T>(
    view: AnyView,
    ask: (sql: EntityManager, sizes: Record<string, number>) => Promise<T>,
  ): Promise<T> {
    return this.database.transaction('REPEATABLE READ', async (sql) => {
      const cursors: { source: string; position: string }[] = await sql.query(
        `select source, position from views.cursor where view = $1 and generation = 'live'`,
        [view.name],
      );
      // Every log is named, those that hold nothing yet as well: else two agencies would name different ones.
      const sizes = Object.fromEntries([this.ownOrigin, ...this.peerOrigins].map((origin) => [origin, 0]));
      for (const { source, position } of cursors) {
        sizes[source === ownSource ? this.ownOrigin : source] =
          source === ownSource ? await ownSize(sql, position) : Number(position);
      }
      return ask(sql, sizes);
    });
  }
}

function partOf<R extends { readonly id: string }>(view: View<R>, names: readonly (string & keyof R)[]): AnyView {
  const columns = Object.fromEntries(names.map((name) => [name, view.columns[name]]));
  return { ...view, columns } as unknown as AnyView;
}

/** How many entries of the own log come from events up to a store position. */
async function ownSize(
  sql: { query(sql: string, parameters: unknown[]): Promise<unknown> },
  position: string,
): Promise<number> {
  const rows = (await sql.query('select count(*) as size from log.entry where position <= $1', [position])) as {
    size: string;
  }[];
  return Number(rows[0]?.size);
}
