// What a page needs to check records by itself: the proofs of their passport with the keys and the rule beside them, and
// proofs that what it has seen of a log before is still the beginning of what it is shown now.
import type { Agency } from '#kernel/envelope';
import type { ProvenEntry, ProvenLog } from '#contracts/history';
import { fromUtf8, toBase64 } from '#tlog/bytes';
import { parseCheckpoint } from '#tlog/checkpoint';
import { formatVkey, newestOf } from '#tlog/key';
import type { VerifierKey } from '#tlog/key';
import { parseNote } from '#tlog/note';
import type { Subject } from '#tlog/passport';
import { writePolicy } from '#tlog/policy-file';
import { consistencyProof, inclusionProofs } from '#tlog/prove';
import type { Sql } from '../database';
import { witnessName } from '../keys';
import type { Found, Passports } from './passports';
import type { Roster, Seat } from './roster';
import type { StoredTiles } from './stored-tiles';

/** A log of the region. */
export type KnownLog = {
  readonly agency: Agency;
  readonly origin: string;
  /** undefined while the key is not known yet. */
  readonly key: () => Promise<VerifierKey | undefined>;
  /** The notes by which its agency's keys followed each other. */
  readonly handovers?: () => Promise<readonly string[]>;
  /** Entries held of it. */
  readonly size: () => number;
  readonly stopped: () => boolean;
};

export type ProofsParts = {
  readonly sql: Sql;
  /** The own log first. */
  readonly logs: readonly [KnownLog, ...KnownLog[]];
  readonly roster: Roster;
  /** Of the own witness, whose seat does not know it. */
  readonly ownWitness: VerifierKey;
  readonly passports: Passports;
  readonly tiles: StoredTiles;
  /** Events by which the own agency speaks of others' keys; they are only made while it is stopped. */
  readonly ownWords?: readonly string[];
};
type Seen = ReadonlyMap<string, number>;

export class Proofs {
  constructor(private readonly parts: ProofsParts) {}

  /** Of every log of the region. @param seen sizes that the reader has verified before, by origin */
  async heads(seen: Seen): Promise<ProvenLog[]> {
    const words = await this.words();
    return Promise.all(this.parts.logs.map((log) => this.head(log, seen, words)));
  }

  /**
   * The trust policy file that this agency follows itself, for whoever is handed a passport.
   * @param remarks lines for people before it
   * @returns undefined while this agency has not been given every key
   */
  async policyFile(remarks: readonly string[]): Promise<string | undefined> {
    const { logs, roster } = this.parts;
    const keys = (await Promise.all(logs.map(({ key }) => key()))).flatMap((key) => (key ? [newestOf(key)] : []));
    const found = await Promise.all(
      roster.seats.map(async (seat) => ({ name: seat.name, key: await this.keyOf(seat) })),
    );
    const witnesses = found.flatMap(({ name, key }) => (key ? [{ name, key: newestOf(key) }] : []));
    if (keys.length < logs.length || witnesses.length < found.length) return undefined;
    return writePolicy({ logs: keys, witnesses, rule: roster.rule }, remarks);
  }

  /** Of the logs that say something about the subject, and of those that say something of keys. */
  async about(subject: Subject, eventIds: readonly string[], seen: Seen): Promise<ProvenLog[]> {
    const [parts, words] = await Promise.all([this.parts.passports.parts(subject, eventIds), this.words()]);
    const told = this.parts.logs.flatMap((log) => {
      const part = parts.get(log.origin);
      if (part) return [this.shown(log, part, seen, words)];
      return words.has(log.origin) ? [this.head(log, seen, words)] : [];
    });
    return Promise.all(told);
  }

  private async head(log: KnownLog, seen: Seen, words: Words): Promise<ProvenLog> {
    const note = await this.parts.passports.note(log.origin);
    return this.shown(log, { note: note ?? new Uint8Array(0), entries: [] }, seen, words);
  }

  private words(): Promise<Words> {
    return this.parts.passports.words(this.parts.ownWords ?? []);
  }

  /** Those that stand under the checkpoint that is shown. */
  private async proven(origin: string, size: number, words: readonly Found[]): Promise<ProvenEntry[]> {
    const under = words.filter(({ index }) => index < size);
    const indexes = under.map(({ index }) => index);
    const proofs = await inclusionProofs(this.parts.tiles.of(origin), BigInt(size), indexes);
    return under.map((word, n) => shownEntry({ ...word, proof: proofs[n]! }));
  }

  private async shown(log: KnownLog, part: Told, seen: Seen, said: Words): Promise<ProvenLog> {
    const { roster } = this.parts;
    const { agency, origin } = log;
    const key = await log.key();
    const handovers = (await log.handovers?.()) ?? [];
    const note = fromUtf8(part.note);
    const size = note === '' ? 0 : Number(parseCheckpoint(parseNote(part.note).text).size);
    const seats = await Promise.all(roster.seatsOf(origin).map((seat) => this.witness(seat)));
    const [first, since, words] = await Promise.all([
      this.first(origin, part, size),
      this.since(log, size, seen.get(origin)),
      this.proven(origin, size, said.get(origin) ?? []),
    ]);
    return {
      ...{ agency, origin, note },
      vkey: key ? formatVkey(newestOf(key)) : '',
      ...(handovers.length > 0 && { handovers }),
      witnesses: seats.flatMap((seat) => (seat ? [seat] : [])),
      rule: roster.ruleOf(origin),
      entries: part.entries.map(shownEntry),
      ...(words.length > 0 && { words }),
      ...(first && { first }),
      ...(since && { since }),
      held: log.size(),
      stopped: log.stopped(),
    };
  }

  private keyOf({ keyName, key }: Seat): Promise<VerifierKey | undefined> {
    const { logs, ownWitness } = this.parts;
    return keyName === witnessName(logs[0].origin) ? Promise.resolve(ownWitness) : key();
  }

  private async witness(seat: Seat): Promise<ProvenLog['witnesses'][number] | undefined> {
    const { name, agency } = seat;
    const found = await this.keyOf(seat);
    if (!found) return undefined;
    const handovers = (await this.parts.logs.find((log) => log.agency === agency)?.handovers?.()) ?? [];
    return {
      ...{ name, vkey: formatVkey(newestOf(found)) },
      ...(handovers.length > 0 && { handovers }),
      ...(agency !== undefined && { agency }),
    };
  }

  /** When the first entry was witnessed first, as far as checkpoints are kept. */
  private async first(origin: string, { entries }: Told, size: number): Promise<ProvenLog['first']> {
    if (entries.length === 0) return undefined;
    const witnesses = this.parts.roster.seatsOf(origin).map(({ keyName }) => keyName);
    const [row]: { note: string; size: string }[] = await this.parts.sql.query(
      `select note, size from witness.cosignature where origin = $1 and size > $2 and size <= $3 and witness = any($4)
       order by time, size limit 1`,
      [origin, String(entries[0]!.index), size, witnesses],
    );
    return row && { note: row.note, proof: await this.between(origin, Number(row.size), size) };
  }

  private async since(log: KnownLog, size: number, seen: number | undefined): Promise<ProvenLog['since']> {
    // What was seen and is not held is told by its absence: nobody could prove it.
    if (seen === undefined || size === 0 || seen > log.size()) return undefined;
    return { size: seen, proof: await this.between(log.origin, Math.min(seen, size), Math.max(seen, size)) };
  }

  private async between(origin: string, from: number, to: number): Promise<string[]> {
    if (from === to) return [];
    const proof = await consistencyProof(this.parts.tiles.of(origin), BigInt(from), BigInt(to));
    return proof.map(toBase64);
  }
}

function shownEntry({ index, bytes, proof }: Told['entries'][number]): ProvenEntry {
  return { index: Number(index), text: fromUtf8(bytes), proof: proof.map(toBase64) };
}

type Words = ReadonlyMap<string, readonly Found[]>;
type Told = {
  readonly note: Uint8Array;
  readonly entries: readonly {
    readonly index: bigint;
    readonly bytes: Uint8Array;
    readonly proof: readonly Uint8Array[];
  }[];
};
