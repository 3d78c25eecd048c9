// What an agency shows of its journal, made from its own database and event store: one event or some of its fields with
// all proofs, or what opens every anchor. What is made is checked like a stranger's before it leaves.
import type { Agency } from '#kernel/envelope';
import type { JsonObject } from '#kernel/canonical-json';
import type { EventStore, RecordedEvent } from '#store/event-store';
import { journalCheckpoint } from '#tlog/anchor';
import { writeAnchors } from '#tlog/anchors-file';
import type { OpenedAnchor } from '#tlog/anchors-file';
import { equal, fromUtf8 } from '#tlog/bytes';
import { checkDisclosure, writeDisclosure } from '#tlog/disclosure';
import { fixedFields, openFields, readLeaf } from '#tlog/journal-leaf';
import type { SigningKey, VerifierKey } from '#tlog/key';
import { leafHash } from '#tlog/merkle';
import type { AnchorPart } from '#tlog/proven-anchor';
import { consistencyProof, inclusionProofs } from '#tlog/prove';
import type { Sql } from '../database';
import { LeafTiles } from '../witness/stored-tiles';
import { anchorsOf } from './anchoring';
import type { AnchoredData } from './anchoring';
import { leafOf } from './secrets';
import { SharedProofs } from './shared-proofs';

export type DiscloseParts = {
  readonly store: EventStore;
  readonly sql: Sql;
  readonly agency: Agency;
  /** Of the shared log; its name is the log's origin. */
  readonly key: SigningKey;
  /** Whose lines a package may carry. */
  readonly witnesses: readonly VerifierKey[];
};

/** It cannot be shown, and why; nothing was written. */
export class CannotDisclose extends Error {
  override readonly name = 'CannotDisclose';
}

type Anchored = AnchoredData & { readonly id: string };
type Row = { readonly index: string; readonly position: string; readonly secret: Buffer | null; readonly hash: Buffer };

/** @param names fields to show; absent = all @throws CannotDisclose, DisclosureFault when what is kept does not hold */
export async function makeDisclosure(
  parts: DiscloseParts,
  id: string,
  names: readonly string[] | undefined,
): Promise<Uint8Array> {
  const { sql, key, witnesses } = parts;
  const { leaf, disclosures, index } = await openedLeaf(parts, id);
  const chosen = names === undefined ? disclosures : chosenOf(leaf, disclosures, names);
  const [anchor, before] = await anchorsAround(parts, index);
  const { size } = journalCheckpoint(anchor.checkpoint, key.name);
  const tiles = journalTiles(sql);
  const [proof = []] = await inclusionProofs(tiles, size, [index]);
  const shared = new SharedProofs(parts);
  const bytes = writeDisclosure({
    ...{ leaf, index, proof, disclosures: chosen },
    anchor: await partOf(shared, anchor),
    ...(before && {
      before: { ...(await partOf(shared, before)), consistency: await leading(parts, tiles, before, anchor) },
    }),
  });
  const policy = { logs: [key], witnesses: witnesses.map((each) => ({ name: each.name, key: each })), quorum: 'none' };
  checkDisclosure(bytes, { ...policy, rule: { kind: 'none' } });
  return bytes;
}

/** All anchors of the agency with what opens them. @throws CannotDisclose */
export async function makeAnchors(parts: DiscloseParts): Promise<Uint8Array> {
  const { sql, store, agency, key } = parts;
  const tiles = journalTiles(sql);
  const shared = new SharedProofs(parts);
  const opened: OpenedAnchor[] = [];
  let before: Anchored | undefined;
  for await (const anchor of anchorsOf(store, agency)) {
    const index = await shared.indexOf(anchor.id);
    // Not published yet: nobody misses it.
    if (index === undefined) break;
    const { salt, checkpoint } = anchor;
    const consistency = before ? await leading(parts, tiles, before, anchor) : [];
    opened.push({ index, salt, checkpoint, consistency });
    before = anchor;
  }
  if (opened.length === 0) throw new CannotDisclose('no anchor of the journal is in the shared log yet');
  return writeAnchors({ log: key.name, anchors: opened });
}

async function openedLeaf({ sql, store }: DiscloseParts, id: string) {
  const [row]: Row[] = await sql.query('select index, position, secret, hash from journal.leaf where id = $1', [id]);
  if (!row)
    throw new CannotDisclose(`the journal holds no event ${id}; one that was just stored enters it within seconds`);
  if (!row.secret) throw new CannotDisclose(`the secret of ${id} was destroyed: nobody can open its leaf any more`);
  const event = await eventAt(store, BigInt(row.position));
  const made = event?.id === id ? leafOf(event, row.secret) : undefined;
  if (!made || !equal(leafHash(made.bytes), row.hash)) {
    throw new CannotDisclose(`event ${id}, its secret and its leaf do not fit together: run npm run fsck`);
  }
  const leaf = readLeaf(JSON.parse(fromUtf8(made.bytes)));
  return { leaf, disclosures: made.disclosures, index: BigInt(row.index) };
}

async function eventAt(store: EventStore, position: bigint): Promise<RecordedEvent | undefined> {
  for await (const event of store.readAll({ from: position, limit: 1 })) return event;
  return undefined;
}

/** A member of data is shown with the list of names, which says what place is its. */
function chosenOf(
  leaf: ReturnType<typeof readLeaf>,
  disclosures: readonly string[],
  names: readonly string[],
): string[] {
  const fields = openFields(leaf, disclosures).map(({ name }) => name);
  const unknown = names.find((name) => !fields.includes(name));
  if (unknown !== undefined) throw new CannotDisclose(`there is no field ${unknown}; there are ${fields.join(', ')}`);
  const wanted = new Set(names);
  if (names.some((name) => !(fixedFields as readonly string[]).includes(name))) wanted.add('names');
  return disclosures.filter((_, slot) => wanted.has(fields[slot]!));
}

/** The first anchor of the journal that holds the event, and the one before it. */
async function anchorsAround({ sql, store, agency, key }: DiscloseParts, index: bigint) {
  const [head] = await sql.query('select origin from journal.head');
  let before: Anchored | undefined;
  for await (const anchor of anchorsOf(store, agency)) {
    const { origin, size } = journalCheckpoint(anchor.checkpoint, key.name);
    if (origin === head?.origin && size > index) return [anchor, before] as const;
    before = anchor;
  }
  throw new CannotDisclose('no anchor holds the event yet: start the service and wait for the next one');
}

async function partOf(shared: SharedProofs, { id, salt, checkpoint }: Anchored): Promise<AnchorPart> {
  const proven = await shared.entryAndProof(id);
  if (!proven) throw new CannotDisclose('an anchor is not in the signed log yet: start the service and wait a moment');
  return { salt, checkpoint, entry: proven.entry as JsonObject, proof: proven.proof };
}

/** Proof from one anchor's tree to the next one's; empty where there is none, as of a journal that was lost. */
async function leading({ sql, key }: DiscloseParts, tiles: LeafTiles, from: Anchored, to: Anchored) {
  const [earlier, later] = [from, to].map(({ checkpoint }) => journalCheckpoint(checkpoint, key.name));
  const [head] = await sql.query('select origin from journal.head');
  const isKept = earlier!.origin === later!.origin && later!.origin === head?.origin;
  return isKept && earlier!.size > 0n ? consistencyProof(tiles, earlier!.size, later!.size) : [];
}

function journalTiles(sql: Sql): LeafTiles {
  return new LeafTiles(async (first, width) => {
    const rows: { hash: Buffer }[] = await sql.query(
      'select hash from journal.leaf where index >= $1 and index < $2 order by index',
      [String(first), String(first + BigInt(width))],
    );
    if (rows.length === width) return new Uint8Array(Buffer.concat(rows.map(({ hash }) => hash)));
    throw new CannotDisclose(`leaves of the journal from ${first} on are missing: run npm run fsck`);
  });
}
