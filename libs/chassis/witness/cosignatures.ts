// What is known of every witness's cosignatures: how far each log is witnessed, and the own newest checkpoint with all
// the lines gathered for it. Sizes are kept in memory, since every page asks for them; the database holds the texts.
import { mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Agency } from '#kernel/envelope';
import { addSignatures } from '#tlog/checkpoint';
import { fromBase64 } from '#tlog/bytes';
import { parseNote } from '#tlog/note';
import type { NoteSignature } from '#tlog/note';
import { reachOf, satisfies } from '#tlog/quorum';
import type { DataSource } from 'typeorm';
import type { Sql } from '../database';
import type { Pulse } from '../pulse';
import type { Roster } from './roster';
import { cosignedAt, keepCosigned, newestCosigned, sizesMostCosigned } from './tables';
import type { CosignedRow } from './tables';

/** Of one log: entries below `witnessed` are under one witness's word, those below `final` under enough of them. */
export type Reach = {
  readonly witnessed: number;
  readonly final: number;
  /** Agencies whose cosignature counts, with the size that each has cosigned. */
  readonly by: readonly { readonly agency?: Agency; readonly name: string; readonly size: number }[];
};

type Gathered = {
  readonly text: string;
  readonly lines: readonly NoteSignature[];
  readonly size: bigint;
  readonly enough: boolean;
};
type Newest = { readonly size: bigint; readonly root: Uint8Array };
/** In the log's folder, beside the checkpoint; made anew from the database whenever it is gone. */
const fileName = 'cosigned';

export class Cosignatures {
  private readonly newest = new Map<string, Map<string, Newest>>();
  /** The own log's best cosigned checkpoint. */
  private gathered: Gathered | undefined;

  private constructor(
    private readonly database: DataSource,
    private readonly roster: Roster,
    private readonly pulse: Pulse,
    private readonly own: { readonly origin: string; readonly folder: string },
  ) {}

  static async open(
    database: DataSource,
    roster: Roster,
    pulse: Pulse,
    own: { readonly origin: string; readonly folder: string },
  ): Promise<Cosignatures> {
    const opened = new Cosignatures(database, roster, pulse, own);
    for (const row of await newestCosigned(database)) opened.note(row);
    const sizes = await sizesMostCosigned(database, own.origin);
    for (const size of sizes) await opened.gather(size);
    return opened;
  }

  /** The newest that a witness is known to have cosigned of a log. */
  newestOf(origin: string, keyName: string): Newest | undefined {
    return this.newest.get(origin)?.get(keyName);
  }

  reach(origin: string): Reach {
    const of = this.newest.get(origin);
    const by = this.roster.seatsOf(origin).map(({ name, keyName, agency }) => {
      return { name, size: Number(of?.get(keyName)?.size ?? 0n), ...(agency !== undefined && { agency }) };
    });
    const sizes = new Map(by.map(({ name, size }) => [name, size]));
    return { witnessed: Math.max(0, ...sizes.values()), final: reachOf(this.roster.ruleOf(origin), sizes), by };
  }

  /** When an entry was first under a witness's word, POSIX seconds; undefined while it is not. */
  async firstWitnessed(origin: string, index: number): Promise<number | undefined> {
    const keyNames = this.roster.seatsOf(origin).map(({ keyName }) => keyName);
    const [row] = await this.database.query(
      'select min(time) as time from witness.cosignature where origin = $1 and size > $2 and witness = any($3)',
      [origin, index, keyNames],
    );
    return row?.time === null ? undefined : Number(row.time);
  }

  /**
   * Takes a cosigned checkpoint that was verified and found to be of the history known here.
   * @param sql of a transaction, if there is one; should that fail, memory knows for a moment more than the database
   */
  async take(row: CosignedRow, sql: Sql = this.database): Promise<void> {
    await keepCosigned(sql, row);
    this.note(row);
    if (row.origin === this.own.origin) await this.gather(row.size);
    this.pulse.tell({ kind: 'witness', origin: row.origin });
  }

  /** The own checkpoint with the lines gathered for exactly this text; unchanged while there are none. */
  dressed(note: Buffer): Buffer {
    if (!this.gathered) return note;
    try {
      const { text, signatures } = parseNote(note);
      if (text !== this.gathered.text) return note;
      return Buffer.from(addSignatures({ text, signatures }, ...this.gathered.lines));
    } catch {
      // What cannot be read is shown as it is: readers judge it, this is not the place.
      return note;
    }
  }

  private note({ origin, witness, size, root }: CosignedRow): void {
    const of = this.newest.get(origin) ?? new Map<string, Newest>();
    this.newest.set(origin, of);
    if ((of.get(witness)?.size ?? -1n) < size) of.set(witness, { size, root: fromBase64(root) });
  }

  /** All lines for one size of the own log; the newest note that is enough stays until a newer one is. */
  private async gather(size: bigint): Promise<void> {
    const rows = await cosignedAt(this.database, this.own.origin, size);
    const notes = rows.map(({ note }) => parseNote(note));
    const { text, signatures } = notes[0] ?? {};
    if (text === undefined || signatures === undefined) return;
    const lines = notes.flatMap((note, n) => note.signatures.filter(({ name }) => name === rows[n]!.witness));
    const cosigned = new Set(lines.map(({ name }) => name));
    const named = new Set(this.roster.seats.filter(({ keyName }) => cosigned.has(keyName)).map(({ name }) => name));
    const enough = satisfies(this.roster.ruleOf(this.own.origin), (name) => named.has(name));
    if (this.gathered && (this.gathered.size > size || (this.gathered.enough && !enough))) return;
    const own = signatures.filter(({ name }) => name === this.own.origin);
    this.gathered = { text, lines, size, enough };
    this.writeFile(addSignatures({ text, signatures: own }, ...lines));
  }

  /** Not forced to disk: a power cut costs a file that the database can give again. */
  private writeFile(bytes: Uint8Array): void {
    const path = join(this.own.folder, fileName);
    mkdirSync(this.own.folder, { recursive: true });
    writeFileSync(`${path}.new`, bytes);
    renameSync(`${path}.new`, path);
  }
}
