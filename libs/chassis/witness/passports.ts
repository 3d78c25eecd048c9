// Passports out of the agency's own database: what the auditor makes from whole logs, made here for a click. The entries
// lie in the own log and in the inboxes, the checkpoints with their lines where the witnesses' are gathered.
import type { JsonObject } from '#kernel/canonical-json';
import { fromUtf8, utf8 } from '#tlog/bytes';
import { parseCheckpoint } from '#tlog/checkpoint';
import type { Checkpoint } from '#tlog/checkpoint';
import { leafHash, verifyInclusion } from '#tlog/merkle';
import { formatNote, parseNote } from '#tlog/note';
import { makePassport } from '#tlog/passport';
import type { CoverOf, PassportLog, Subject } from '#tlog/passport';
import { inclusionProofs } from '#tlog/prove';
import type { Sql } from '../database';
import type { Roster } from './roster';
import type { StoredTiles } from './stored-tiles';

type Row = { id: string; origin: string; index: string; bytes: Buffer };
type Part = PassportLog & { readonly holds: boolean };
/** An entry and its index. */
export type Found = { readonly index: bigint; readonly bytes: Uint8Array };

export class Passports {
  constructor(
    private readonly sql: Sql,
    private readonly ownOrigin: string,
    private readonly roster: Pick<Roster, 'seatsOf'>,
    private readonly tiles: StoredTiles,
  ) {}

  /** @returns undefined while none of the events stands under a signed checkpoint */
  async make(subject: Subject, eventIds: readonly string[], coverOf: CoverOf): Promise<Uint8Array | undefined> {
    const parts = await this.parts(subject, eventIds);
    const logs = [...parts.values()].filter(({ entries }) => entries.length > 0);
    for (const [origin, { note, holds }] of parts) {
      if (holds) continue;
      const { size } = checkpointOf(note);
      throw new Error(`the entries of ${origin} stored here do not give the root that it signed at size ${size}`);
    }
    return logs.length === 0 ? undefined : makePassport(subject, logs, coverOf);
  }

  /** What it is made of, by origin, whether it holds or not: a page that checks by itself has to be told both. */
  async parts(subject: Subject, eventIds: readonly string[]): Promise<Map<string, Part>> {
    const parts = new Map<string, Part>();
    for (const [origin, found] of await this.entries(subject, eventIds)) {
      parts.set(origin, await this.partOf(origin, found));
    }
    return parts;
  }

  /** The signed checkpoint that most witnesses stand by; undefined before the first. */
  async note(origin: string, above = -1n): Promise<Uint8Array | undefined> {
    return (await this.cosigned(origin, above)) ?? (await this.newest(origin));
  }

  /** What agencies say in their logs of others' keys. @param ownIds of the events by which the own agency does */
  async words(ownIds: readonly string[]): Promise<Map<string, Found[]>> {
    const rows: Row[] = await this.sql.query(
      `select id, $2 as origin, index, bytes from log.entry where id = any($1::uuid[])
       union all
       select entry.id, origin, index, bytes from inbox.peer join inbox.entry using (origin)
        where type = agency || '.key-revoked.v1'
       order by origin, index`,
      [ownIds, this.ownOrigin],
    );
    const found = new Map<string, Found[]>();
    for (const { origin, index, bytes } of rows) {
      found.set(origin, [...(found.get(origin) ?? []), { index: BigInt(index), bytes: new Uint8Array(bytes) }]);
    }
    return found;
  }

  private async entries({ field, value }: Subject, ids: readonly string[]): Promise<Map<string, Found[]>> {
    const rows: Row[] = await this.sql.query(
      `select id, $2 as origin, index, bytes from log.entry where id = any($1::uuid[])
       union all
       select id, origin, index, bytes from inbox.entry where id = any($1::uuid[])
       order by origin, index`,
      [ids, this.ownOrigin],
    );
    const found = new Map<string, Found[]>();
    for (const { origin, index, bytes } of rows) {
      // A peer that repeats an id for something else has said nothing about this subject.
      const { data } = JSON.parse(fromUtf8(bytes)) as { data?: JsonObject };
      if (data?.[field] !== value) continue;
      found.set(origin, [...(found.get(origin) ?? []), { index: BigInt(index), bytes: new Uint8Array(bytes) }]);
    }
    return found;
  }

  private async partOf(origin: string, found: readonly Found[]): Promise<Part> {
    const note = await this.note(origin, found.at(-1)!.index);
    if (!note) return { note: new Uint8Array(0), entries: [], holds: true };
    const { size, root } = checkpointOf(note);
    const held = found.filter(({ index }) => index < size);
    const indexes = held.map(({ index }) => index);
    const proofs = await inclusionProofs(this.tiles.of(origin), size, indexes);
    const entries = held.map((entry, n) => ({ ...entry, proof: proofs[n]! }));
    const holds = entries.every((each) => verifyInclusion(each.index, size, leafHash(each.bytes), each.proof, root));
    if (!holds) this.tiles.forget(origin);
    return { note, entries, holds };
  }

  /** Of the checkpoints larger than this index the one that most witnesses cosigned, the newest of several. */
  private async cosigned(origin: string, above: bigint): Promise<Uint8Array | undefined> {
    const witnesses = this.roster.seatsOf(origin).map(({ keyName }) => keyName);
    const [best]: { notes: string[] }[] = await this.sql.query(
      `select array_agg(note order by witness) as notes from witness.cosignature
       where origin = $1 and size > $2 and witness = any($3)
       group by size, root order by count(*) desc, size desc limit 1`,
      [origin, String(above), witnesses],
    );
    if (!best) return undefined;
    const notes = best.notes.map((note) => parseNote(utf8(note)));
    const wanted = new Set([origin, ...witnesses]);
    const signatures = notes.flatMap((note) => note.signatures).filter(({ name }) => wanted.has(name));
    return formatNote({ text: notes[0]!.text, signatures });
  }

  /** The newest that the log itself signed, of which nobody else has spoken yet. */
  private async newest(origin: string): Promise<Uint8Array | undefined> {
    const [row]: { note: string }[] =
      origin === this.ownOrigin
        ? await this.sql.query('select note from log.checkpoint order by size desc limit 1')
        : await this.sql.query(`select checkpoint as note from inbox.peer where origin = $1 and checkpoint <> ''`, [
            origin,
          ]);
    return row && utf8(row.note);
  }
}

function checkpointOf(note: Uint8Array): Checkpoint {
  return parseCheckpoint(parseNote(note).text);
}
