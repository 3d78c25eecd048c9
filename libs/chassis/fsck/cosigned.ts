// What witnesses said of the logs, as it is kept here: of the own log the cosignatures of others, which whoever has taken
// the log's key still cannot make, and of each peer's log what the own witness has cosigned, which must never go back.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fromBase64, equal, toBase64 } from '#tlog/bytes';
import { parseCheckpoint } from '#tlog/checkpoint';
import { cosignatureVerifier } from '#tlog/cosignature';
import { turnsOf } from '#tlog/key';
import type { VerifierKey } from '#tlog/key';
import { NoteFault, openNote, parseNote } from '#tlog/note';
import type { Sql } from '../database';
import { StoredTree } from '../witness/stored-tree';
import type { Finding } from './finding';

export type WitnessKeys = {
  /** Name of the own witness's key. */
  readonly own: string;
  /** By the key's name; undefined while it is not known, which proves nothing here. */
  readonly of: (name: string) => Promise<VerifierKey | undefined>;
};

type Row = { readonly witness: string; readonly size: string; readonly root: string; readonly note: string };

/**
 * Cosignatures of the own log: what a witness has cosigned must be what was signed here at that size.
 * @param all every one that is kept, instead of the newest of each witness
 */
export async function* judgeCosigned(
  sql: Sql,
  { origin, folder }: { readonly origin: string; readonly folder: string },
  keys: WitnessKeys,
  all: boolean,
): AsyncGenerator<Finding, void> {
  const rows: (Row & { signed: string | null })[] = await sql.query(
    `select ${all ? '' : 'distinct on (c.witness)'} c.witness, c.size, c.root, c.note, k.root as signed
     from witness.cosignature c left join log.checkpoint k on k.size = c.size where c.origin = $1
     order by ${all ? 'c.size' : 'c.witness, c.size desc'}, c.nth`,
    [origin],
  );
  let agreed = 0n;
  for (const row of rows) {
    const { witness, size, root, signed } = row;
    const index = agreed;
    const flaw = await flawOf(row, origin, keys);
    if (flaw) yield { fault: 'cosigned', index: BigInt(size) - 1n, name: witness, what: flaw };
    else if (signed === root) agreed = BigInt(size);
    else {
      const what = signed === null ? 'which is not signed here any more' : 'with another root than is signed here';
      // All that follow contradict as well; the first says from where on.
      return yield { fault: 'cosigned', index, name: witness, what: `it has cosigned the size ${size}, ${what}` };
    }
  }
  yield* judgeFile(sql, { origin, folder }, keys);
}

/** The file beside the checkpoint; made anew from the rows when it is gone. */
async function* judgeFile(
  sql: Sql,
  { origin, folder }: { readonly origin: string; readonly folder: string },
  keys: WitnessKeys,
): AsyncGenerator<Finding, void> {
  const name = 'cosigned';
  const bytes = await readFile(join(folder, name)).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'ENOENT') throw error;
    return undefined;
  });
  if (!bytes) return;
  const found = await opened(bytes, origin, keys).catch(faultOf);
  if (typeof found === 'string') return yield { fault: 'cosigned', name, what: found };
  const [row] = await sql.query('select root from log.checkpoint where size = $1', [String(found.size)]);
  if (row?.root === toBase64(found.root)) return;
  yield { fault: 'cosigned', name, what: `it shows the size ${found.size} with another root than is signed here` };
}

/** What the own witness has cosigned of a peer's log: of the entries kept here, and never less than before. */
export async function* judgeWitnessState(sql: Sql, origin: string, keys: WitnessKeys): AsyncGenerator<Finding, void> {
  const [state]: Omit<Row, 'witness'>[] = await sql.query(
    `select size, root, note from witness.state where origin = $1 and note <> ''`,
    [origin],
  );
  const [newest]: { size: string | null }[] = await sql.query(
    'select max(size) as size from witness.cosignature where origin = $1 and witness = $2',
    [origin, keys.own],
  );
  const before = BigInt(newest?.size ?? 0);
  const size = BigInt(state?.size ?? 0);
  const told = (what: string): Finding => ({ fault: 'cosigned', origin, name: 'witness', what });
  if (size < before) return yield told(`the own witness has cosigned ${before} entries, its state says ${size}`);
  if (!state) return;
  const flaw = await flawOf({ ...state, witness: keys.own }, origin, keys);
  if (flaw) return yield told(flaw);
  const stored = await new StoredTree(sql).rootAt(origin, size).catch(() => undefined);
  if (stored && equal(stored, fromBase64(state.root))) return;
  yield told(`the own witness has cosigned ${size} entries that are not the ones kept here`);
}

/** Why a kept cosignature is not what its row says; undefined when it is. */
async function flawOf({ size, root, note }: Row, origin: string, keys: WitnessKeys): Promise<string | undefined> {
  const found = await opened(Buffer.from(note, 'utf8'), origin, keys).catch(faultOf);
  if (typeof found === 'string') return found;
  if (found.size === BigInt(size) && toBase64(found.root) === root) return undefined;
  return `the kept cosignature of size ${size} is one of size ${found.size} or of another root`;
}

/** @throws NoteFault when a line of a known witness does not hold; lines of keys that are not known are left alone */
async function opened(bytes: Uint8Array, origin: string, keys: WitnessKeys) {
  const { text, signatures } = parseNote(bytes);
  const checkpoint = parseCheckpoint(text);
  if (checkpoint.origin !== origin) throw new NoteFault(`it is of ${checkpoint.origin}`);
  for (const { name, keyId } of signatures) {
    const key = await keys.of(name);
    const turn = key && turnsOf(key).find((each) => equal(each.key.keyId, keyId));
    if (turn) openNote(bytes, [cosignatureVerifier(turn.key)]);
  }
  return checkpoint;
}

function faultOf(error: unknown): string {
  if (error instanceof NoteFault) return `the kept cosignature does not hold: ${error.message}`;
  throw error;
}
