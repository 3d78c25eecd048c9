// Anchors as they stand in the agency's own shared log: each entry with a proof under the earliest checkpoint that most
// witnesses stand by, because their times bound when the anchor was there.
import type { Json } from '#kernel/canonical-json';
import { equal, fromUtf8, utf8 } from '#tlog/bytes';
import type { VerifierKey } from '#tlog/key';
import { formatNote, parseNote } from '#tlog/note';
import { orderedNote } from '#tlog/passport';
import { writeProofFile } from '#tlog/proof-file';
import { inclusionProofs } from '#tlog/prove';
import type { Sql } from '../database';
import { StoredTiles } from '../witness/stored-tiles';

export type SharedProofsParts = {
  readonly sql: Sql;
  /** Of the shared log; its name is the log's origin. */
  readonly key: VerifierKey;
  readonly witnesses: readonly VerifierKey[];
};

export class SharedProofs {
  private readonly tiles: StoredTiles;

  constructor(private readonly parts: SharedProofsParts) {
    this.tiles = new StoredTiles(parts.sql, parts.key.name);
  }

  /** Of the entry that stands for an event. */
  async indexOf(id: string): Promise<bigint | undefined> {
    const [row] = await this.parts.sql.query('select index from log.entry where id = $1', [id]);
    return row && BigInt(row.index);
  }

  /** @returns undefined while no signed checkpoint covers the event's entry */
  async entryAndProof(id: string): Promise<{ readonly entry: Json; readonly proof: string } | undefined> {
    const { sql, key } = this.parts;
    const [row] = await sql.query('select index, bytes from log.entry where id = $1', [id]);
    const note = row && ((await this.cosigned(row.index)) ?? (await this.signed(row.index)));
    if (!note) return undefined;
    const index = BigInt(row.index);
    const checkpoint = orderedNote(this.known(note));
    const size = BigInt(fromUtf8(checkpoint).split('\n')[1]!);
    const [proof = []] = await inclusionProofs(this.tiles.of(key.name), size, [index]);
    return {
      entry: JSON.parse((row.bytes as Buffer).toString('utf8')) as Json,
      proof: fromUtf8(writeProofFile({ index, proof, checkpoint })),
    };
  }

  private async cosigned(index: string): Promise<Uint8Array | undefined> {
    const names = this.parts.witnesses.map(({ name }) => name);
    const [best]: { notes: string[] }[] = await this.parts.sql.query(
      `select array_agg(note order by witness) as notes from witness.cosignature
       where origin = $1 and size > $2 and witness = any($3)
       group by size, root order by count(*) desc, size limit 1`,
      [this.parts.key.name, index, names],
    );
    if (!best) return undefined;
    const notes = best.notes.map((note) => parseNote(utf8(note)));
    return formatNote({ text: notes[0]!.text, signatures: notes.flatMap(({ signatures }) => signatures) });
  }

  private async signed(index: string): Promise<Uint8Array | undefined> {
    const [row] = await this.parts.sql.query('select note from log.checkpoint where size > $1 order by size limit 1', [
      index,
    ]);
    return row && utf8(row.note);
  }

  /** A reader refuses lines that he cannot check: those of other keys stay here. */
  private known(note: Uint8Array): Uint8Array {
    const { text, signatures } = parseNote(note);
    const keys = [this.parts.key, ...this.parts.witnesses];
    const lines = signatures.filter((line) =>
      keys.some(({ name, keyId }) => name === line.name && equal(keyId, line.keyId)),
    );
    return formatNote({ text, signatures: lines });
  }
}
