// Group commit: one batch of appends becomes one statement, hence one transaction and one flush to disk. Who wins and
// who was wrong is decided before, in memory, append by append in the order of arrival; a conflict fails only its own.
import type { Appended, Expected, RecordedEvent } from '../event-store';
import { WrongExpectedRevision } from '../event-store';
import type { Storable, StorableEvent } from '../storable';
import { judge, type Place } from '../verdict';
import { bigintArray, textArray, uuidArray } from './binary-array';
import { codeOf } from './faults';
import { type Head, type Heads, isBeyondMemory, loadHeads, loadPlaces } from './heads';
import type { Session } from './session';

/** One caller waiting for his append. */
export type Pending = {
  readonly written: Storable;
  readonly expected: Expected;
  /** Recorded time of events that another store recorded; such an append is a batch of its own. */
  readonly at?: string | undefined;
  readonly resolve: (appended: Appended) => void;
  readonly reject: (error: Error) => void;
};

const newStream: Head = { last: undefined, recent: [] };

type Row = Place & { readonly stream: string; readonly event: StorableEvent };
type Draft = { last: bigint | undefined; readonly places: Map<string, Place>; readonly added: Place[] };
type Plan = { readonly rows: readonly Row[]; readonly drafts: Map<string, Draft>; readonly tell: (() => void)[] };

export type Committed = {
  readonly events: readonly RecordedEvent[];
  readonly sizes: readonly number[];
  /** Tells each caller his outcome, also those who were wrong: they may have been wrong about this very batch. */
  readonly tell: () => void;
};

/**
 * Decides and writes one batch. Nothing outside changes until the commit is acknowledged.
 * @throws whatever the connection throws: then nobody knows whether the batch is stored
 */
export async function commitBatch(
  session: Session,
  heads: Heads,
  batch: readonly Pending[],
  now: (() => string) | undefined,
): Promise<Committed> {
  let known = await headsOf(session, heads, batch, 'assumed');
  const unclear = batch.filter(({ written, expected }) =>
    isBeyondMemory(known.get(written.stream) as Head, expected, idsOf(written)),
  );
  let plan = planBatch(session.end, known, batch, await loadPlaces(session.client, wantedOf(unclear)));
  let at: string;
  try {
    at = await insert(session, plan.rows, now);
  } catch (error) {
    if (codeOf(error) !== '23505') throw error;
    // A stream that was taken for new is there already, or an id that stands far back in its stream was appended again
    // at the head. The statement is undone as a whole; with all looked up, only the append that is wrong fails.
    known = await headsOf(session, heads, batch, 'looked up');
    plan = planBatch(session.end, known, batch, await loadPlaces(session.client, wantedOf(batch)));
    at = await insert(session, plan.rows, now);
  }
  if (session.lost) throw new Error('connection ended');
  session.at = at;
  session.end += BigInt(plan.rows.length);
  for (const [stream, { last, added }] of plan.drafts) {
    heads.set(stream, { last, recent: [...(known.get(stream)?.recent ?? []), ...added] });
  }
  return {
    events: plan.rows.map((row) => recorded(row, at)),
    sizes: plan.rows.map(({ event }) => event.data.length + event.meta.length),
    tell: () => plan.tell.forEach((tellOne) => tellOne()),
  };
}

/**
 * Heads of the batch's streams. A stream that nobody remembers, and that its first append begins, is `assumed` to be new
 * as the caller says: when it is not, the unique index on its revisions refuses the whole statement.
 */
async function headsOf(
  session: Session,
  heads: Heads,
  batch: readonly Pending[],
  beginnings: 'assumed' | 'looked up',
): Promise<Map<string, Head>> {
  const known = new Map<string, Head>();
  const missing: string[] = [];
  for (const { written, expected } of batch) {
    const { stream } = written;
    if (known.has(stream)) continue;
    const head = heads.get(stream) ?? (beginnings === 'assumed' && expected === 'no_stream' ? newStream : undefined);
    known.set(stream, head ?? newStream);
    if (head === undefined) missing.push(stream);
  }
  if (missing.length > 0) {
    for (const [stream, head] of await loadHeads(session.client, missing)) known.set(stream, head);
  }
  return known;
}

function planBatch(
  end: bigint,
  known: ReadonlyMap<string, Head>,
  batch: readonly Pending[],
  looked: readonly (Place & { readonly stream: string })[],
): Plan {
  const drafts = new Map<string, Draft>();
  for (const [stream, { last, recent }] of known) {
    drafts.set(stream, { last, places: new Map(recent.map((place) => [place.id, place])), added: [] });
  }
  for (const { stream, ...place } of looked) drafts.get(stream)?.places.set(place.id, place);
  const rows: Row[] = [];
  const tell: (() => void)[] = [];
  for (const { written, expected, resolve, reject } of batch) {
    const draft = drafts.get(written.stream) as Draft;
    const { last } = draft;
    const verdict = judge(idsOf(written), expected, last, (id) => draft.places.get(id));
    if (verdict.kind === 'wrong') {
      tell.push(() => reject(new WrongExpectedRevision(written.stream, expected, last)));
    } else if (verdict.kind === 'repeat') {
      tell.push(() => resolve(verdict.appended));
    } else {
      for (const [index, event] of written.events.entries()) {
        const place = {
          id: event.id,
          revision: verdict.revision + BigInt(index),
          position: end + BigInt(rows.length + 1),
        };
        rows.push({ ...place, stream: written.stream, event });
        draft.places.set(place.id, place);
        draft.added.push(place);
        draft.last = place.revision;
      }
      const { revision, position } = draft.added[draft.added.length - 1] as Place;
      tell.push(() => resolve({ revision, position }));
    }
  }
  return { rows, drafts, tell };
}

// The recorded time never goes back within a store, even when the clock does. Without a clock of the caller it is the
// server's own; both are compared as text, which RFC 3339 UTC with three decimals allows.
const insertText = `
  with written as (
    insert into store.events (position, stream, revision, id, type, data, meta, at)
    select $1::bigint + n, stream, revision, id, type, data, meta, (select greatest($8::text collate "C",
      coalesce($9::text, to_char(statement_timestamp() at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'))))
    from unnest($2::text[], $3::bigint[], $4::uuid[], $5::text[], $6::text[], $7::text[]) with ordinality
      as row (stream, revision, id, type, data, meta, n)
    returning at
  )
  select max(at) as at from written`;

async function insert(session: Session, rows: readonly Row[], now: (() => string) | undefined): Promise<string> {
  if (rows.length === 0) return session.at;
  const moment = now === undefined ? null : new Date(now()).toISOString();
  const result = await session.client.query({
    name: 'store-append',
    text: insertText,
    values: [
      String(session.end),
      textArray(rows.map((row) => row.stream)),
      bigintArray(rows.map((row) => row.revision)),
      uuidArray(rows.map((row) => row.id)),
      textArray(rows.map((row) => row.event.type)),
      textArray(rows.map((row) => row.event.data)),
      textArray(rows.map((row) => row.event.meta)),
      session.at,
      moment,
    ],
  });
  return result.rows[0].at;
}

function recorded({ stream, revision, position, event }: Row, at: string): RecordedEvent {
  const { id, type, data, meta } = event;
  // Parsed anew, not handed through: a live subscriber must see what a later reader will see.
  return { id, type, data: JSON.parse(data), meta: JSON.parse(meta), stream, revision, position, at };
}

function idsOf(written: Storable): string[] {
  return written.events.map((event) => event.id);
}

function wantedOf(batch: readonly Pending[]): { stream: string; id: string }[] {
  return batch.flatMap(({ written }) => written.events.map(({ id }) => ({ stream: written.stream, id })));
}
