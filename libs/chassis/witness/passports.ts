// Passports out of the agency's own database: what the auditor makes from whole logs, made here for a click. The entries
// lie in the own log and in the inboxes, the checkpoints with their lines where the witnesses' are gathered.
import type { JsonObject } from '#kernel/canonical-json';
import { fromUtf8, utf8 } from '#tlog/bytes';
import { parseCheckpoint } from '#tlog/checkpoint';
import { leafHash, verifyInclusion } from '#tlog/merkle';
import { formatNote, parseNote } from '#tlog/note';
import { makePassport } from '#tlog/passport';
import type { CoverOf, PassportLog, Subject } from '#tlog/passport';
import { inclusionProofs } from '#tlog/prove';
import type { Sql } from '../database';
import type { Roster } from './roster';
import { StoredTiles } from './stored-tiles';

type Row = { id: string; origin: string; index: string; bytes: Buffer };
type Found = { readonly index: bigint; readonly bytes: Uint8Array };

export class Passports {
  private readonly tiles: StoredTiles;

  constructor(
    private readonly sql: Sql,
    private readonly ownOrigin: string,
    private readonly roster: Pick<Roster, 'seatsOf'>,
  ) {
    this.tiles = new StoredTiles(sql, ownOrigin);
  }

  /** @returns undefined while none of the events stands under a signed checkpoint */
  async make(subject: Subject, eventIds: readonly string[], coverOf: CoverOf): Promise<Uint8Array | undefined> {
    const logs: PassportLog[] = [];
    for (const [origin, found] of await this.entries(subject, eventIds)) {
      const part = await this.partOf(origin, found);
      if (part.entries.length > 0) logs.push(part);
    }
    return logs.length === 0 ? undefined : makePassport(subject, logs, coverOf);
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
      const { data } = JSON.parse(fromUtf8(bytes)) as { data: JsonObject };
      if (data[field] !== value) continue;
      found.set(origin, [...(found.get(origin) ?? []), { index: BigInt(index), bytes: new Uint8Array(bytes) }]);
    }
    return found;
  }

  private async partOf(origin: string, found: readonly Found[]): Promise<PassportLog> {
    const note = (await this.cosigned(origin, found)) ?? (await this.newest(origin));
    if (!note) return { note: new Uint8Array(0), entries: [] };
    const { size, root } = parseCheckpoint(parseNote(note).text);
    const held = found.filter(({ index }) => index < size);
    const indexes = held.map(({ index }) => index);
    const proofs = await inclusionProofs(this.tiles.of(origin), size, indexes);
    const entries = held.map((entry, n) => ({ ...entry, proof: proofs[n]! }));
    if (entries.every(({ index, bytes, proof }) => verifyInclusion(index, size, leafHash(bytes), proof, root))) {
      return { note, entries };
    }
    this.tiles.forget(origin);
    throw new Error(`the entries of ${origin} stored here do not give the root that it signed at size ${size}`);
  }

  /** Of the checkpoints that hold all the entries the one that most witnesses cosigned, the newest of several. */
  private async cosigned(origin: string, found: readonly Found[]): Promise<Uint8Array | undefined> {
    const witnesses = this.roster.seatsOf(origin).map(({ keyName }) => keyName);
    const [best]: { notes: string[] }[] = await this.sql.query(
      `select array_agg(note order by witness) as notes from witness.cosignature
       where origin = $1 and size > $2 and witness = any($3)
       group by size, root order by count(*) desc, size desc limit 1`,
      [origin, String(found.at(-1)!.index), witnesses],
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
