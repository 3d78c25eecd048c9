// The private journal against what it was made of: each stored event with the secret of its row must give the leaf that
// was anchored, and the rows must give every checkpoint that the agency has anchored or signed.
import type { Agency } from '#kernel/envelope';
import type { EventStore, RecordedEvent } from '#store/event-store';
import { equal } from '#tlog/bytes';
import { openCheckpoint, parseCheckpoint } from '#tlog/checkpoint';
import { Frontier, leafHash } from '#tlog/merkle';
import { NoteFault } from '#tlog/note';
import type { Sql } from '../database';
import { anchorsOf } from '../journal/anchoring';
import { leafOf } from '../journal/secrets';
import type { JournalKey } from '../journal/tables';
import { ownerStream } from '../store-home';
import type { Finding } from './finding';

export type JournalCheckParts = {
  readonly store: EventStore;
  readonly sql: Sql;
  readonly agency: Agency;
  readonly keyOf: JournalKey;
  readonly onProgress?: (what: string, done: bigint, size: bigint) => void;
};

type Row = { readonly index: string; readonly id: string; readonly secret: Buffer | null; readonly hash: Buffer };

const pageRows = 1_000;
const progressRows = 256n;

export async function* checkJournal(parts: JournalCheckParts): AsyncGenerator<Finding, void> {
  const { sql, store, agency, keyOf } = parts;
  const [head] = await sql.query('select origin, size, note from journal.head');
  if (!head) return;
  const size = BigInt(head.size);
  const roots = await anchoredRoots(store, agency, head.origin);
  const last = signedRoot(head.note, size, head.origin, keyOf);
  if (last) roots.set(size, last);
  else yield finding('journalHead', size, 'the checkpoint of the head is not what the own key signed at this size');
  const pass = new Pass(roots);
  const events = own(store);
  try {
    let expected = 0n;
    for await (const row of rowsOf(sql)) {
      const index = BigInt(row.index);
      if (index % progressRows === 0n) parts.onProgress?.('journal', index / progressRows, size / progressRows);
      for (; expected < index; expected++) {
        await events.next();
        yield finding('journalRow', expected, 'the row is missing');
        pass.gap();
      }
      expected = index + 1n;
      const event = await events.next();
      yield* pass.take(index, row, event.done ? undefined : event.value);
    }
    if (expected < size) yield finding('journalRow', expected, `rows from here to ${size} are missing`);
    yield* pass.unproven();
  } finally {
    await events.return();
  }
}

/** Two trees over the same rows: as kept, and as events and secrets give them. A signed root says which is true. */
class Pass {
  private kept = Frontier.empty();
  private told = Frontier.empty();
  private waiting: { readonly index: bigint; readonly what: string }[] = [];
  /** After a stretch of which neither tree was proven, nothing behind it can be. */
  private lost = false;

  constructor(private readonly roots: ReadonlyMap<bigint, Uint8Array>) {}

  gap(): void {
    this.lost = true;
  }

  *take(index: bigint, row: Row, event: RecordedEvent | undefined): Generator<Finding, void> {
    const isIts = event?.id === row.id;
    // A row whose secret was destroyed stands for itself for ever.
    const given = isIts && row.secret ? leafHash(leafOf(event, row.secret).bytes) : undefined;
    this.kept.append(new Uint8Array(row.hash));
    this.told.append(given ?? new Uint8Array(row.hash));
    if (!isIts) this.waiting.push({ index, what: `the store has ${event?.id ?? 'no event'} here, the row ${row.id}` });
    else if (given && !equal(given, row.hash)) {
      this.waiting.push({ index, what: 'event, secret and leaf do not fit together' });
    }
    const root = this.roots.get(index + 1n);
    if (root) yield* this.judge(root, index);
  }

  /** What lies behind the last root that anybody signed. */
  *unproven(): Generator<Finding, void> {
    for (const { index, what } of this.waiting) yield finding('journalRow', index, what);
  }

  private *judge(root: Uint8Array, index: bigint): Generator<Finding, void> {
    const [keeps, tells] = [equal(this.kept.root(), root), equal(this.told.root(), root)];
    const blamed = keeps ? 'journalEvent' : 'journalRow';
    for (const each of this.waiting) yield finding(blamed, each.index, each.what);
    if (!keeps && !tells && !this.lost && this.waiting.length === 0) {
      yield finding('journalRow', index, 'the rows up to here do not give the root that was signed');
    }
    this.waiting = [];
    if (keeps) this.told = this.kept.copy();
    else if (tells) this.kept = this.told.copy();
    else this.lost = true;
  }
}

function finding(fault: 'journalEvent' | 'journalRow' | 'journalHead', index: bigint, what: string): Finding {
  return { fault, index, name: 'journal', what };
}

async function anchoredRoots(store: EventStore, agency: Agency, origin: string): Promise<Map<bigint, Uint8Array>> {
  const roots = new Map<bigint, Uint8Array>();
  for await (const { checkpoint } of anchorsOf(store, agency)) {
    const anchored = parseCheckpoint(checkpoint);
    if (anchored.origin === origin) roots.set(anchored.size, anchored.root);
  }
  return roots;
}

function signedRoot(note: string, size: bigint, origin: string, keyOf: JournalKey): Uint8Array | undefined {
  try {
    const signed = openCheckpoint(Buffer.from(note, 'utf8'), keyOf(origin));
    return signed.size === size ? signed.root : undefined;
  } catch (error) {
    if (error instanceof NoteFault) return undefined;
    throw error;
  }
}

async function* rowsOf(sql: Sql): AsyncGenerator<Row, void> {
  for (let after = -1n, more = true; more;) {
    const rows: Row[] = await sql.query(
      `select index, id, secret, hash from journal.leaf where index > $1 order by index limit ${pageRows}`,
      [String(after)],
    );
    yield* rows;
    more = rows.length === pageRows;
    after = BigInt(rows.at(-1)?.index ?? after);
  }
}

async function* own(store: EventStore): AsyncGenerator<RecordedEvent, void> {
  for await (const event of store.readAll()) if (event.stream !== ownerStream) yield event;
}
