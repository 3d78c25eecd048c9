// C3, C4: each log is one dense tree that all its signatures are of; its files and witnesses say the same; and it holds what
// its agency's store shows, in the store's order.
import { equal, toHex } from '#tlog/bytes';
import { openCheckpoint } from '#tlog/checkpoint';
import type { OpenCheckpoint } from '#tlog/checkpoint';
import { differsFromLater } from '#tlog/earlier-file';
import { parseVkey } from '#tlog/key';
import type { VerifierKey } from '#tlog/key';
import { leafHash } from '#tlog/merkle';
import { NoteFault } from '#tlog/note';
import { hostOf } from '#tlog/policy';
import { bundlePath, growthFiles, parseTilePath, TILE_WIDTH, tilePath, tileRoot, tileWidth } from '#tlog/tile';
import type { Place, Run } from '../history';
import { Roots } from '../roots';
import { placeOf } from './finding';
import type { Finding } from './finding';

/** C3. */
export function demandLogs(run: Run): Finding[] {
  const trees = new Map(
    run.places.map(({ origin, log }) => {
      return [origin, { roots: new Roots(), entries: log.entries.map((bytes) => ({ bytes })) }];
    }),
  );
  const rootAt = (origin: string, size: bigint): Uint8Array | undefined => {
    const { roots, entries } = trees.get(origin)!;
    return roots.at(entries, size);
  };
  const notes = new Notes();
  return run.places.flatMap((place) => [
    ...signatures(run, place, notes, rootAt),
    ...files(place),
    ...witness(run, place, notes, rootAt),
    ...finals(run, place, notes),
  ]);
}

type RootAt = (origin: string, size: bigint) => Uint8Array | undefined;

function signatures(run: Run, { origin, vkey, log }: Place, notes: Notes, rootAt: RootAt): Finding[] {
  if (run.liars.includes(origin)) return [];
  const findings: Finding[] = [];
  for (const note of log.notes) {
    const checkpoint = notes.open(note, vkey);
    if (!checkpoint) continue;
    const { size, root } = checkpoint;
    const held = rootAt(origin, size);
    if (!held) findings.push(c3(`${origin} signed size ${size} and holds ${log.entries.length} entries`, toHex(root)));
    else if (!equal(held, root))
      findings.push(c3(`${origin} signed another root of size ${size} than it holds`, toHex(root)));
  }
  const shown = log.files.get('checkpoint');
  const newest = shown && notes.open(shown, vkey);
  if (log.entries.length > 0 && newest?.size !== BigInt(log.entries.length)) {
    findings.push(c3(`${origin} shows size ${newest?.size} of ${log.entries.length} entries`, 'checkpoint'));
  }
  return findings;
}

function files({ origin, log }: Place): Finding[] {
  const leaves = log.entries.map(leafHash);
  const hashAt = (level: number, n: bigint): Uint8Array => {
    if (level === 0) return leaves[Number(n)]!;
    const below = Array.from({ length: TILE_WIDTH }, (_, i) => hashAt(level - 1, n * BigInt(TILE_WIDTH) + BigInt(i)));
    return tileRoot(Buffer.concat(below));
  };
  const size = BigInt(leaves.length);
  const expected = growthFiles(0n, size, hashAt, (index) => log.entries[Number(index)]!);
  const wrong = expected.find(({ path, bytes }) => !log.files.has(path) || !equal(log.files.get(path)!, bytes));
  if (wrong) return [c3(`${origin}: a file of the log is not that of its entries`, wrong.path)];
  for (const [path, bytes] of log.files) {
    const name = parseTilePath(path);
    if (!name) continue;
    const width = tileWidth(name.level === 'entries' ? 0 : name.level, name.n, size);
    if (width < 1) return [c3(`${origin}: a file of the log lies beyond its end`, path)];
    const later = log.files.get(
      name.level === 'entries' ? bundlePath(name.n, width) : tilePath(name.level, name.n, width),
    );
    if (name.width > width || (later && name.width < width && differsFromLater(name, bytes, later) !== undefined)) {
      return [c3(`${origin}: an earlier file of the log says something else`, path)];
    }
  }
  return [];
}

/** What a witness has signed is true, was held by it, and never goes back. */
function witness(
  run: Run,
  { agency, cosigned, cosignedBefore, witnessVkey }: Place,
  notes: Notes,
  rootAt: RootAt,
): Finding[] {
  const findings: Finding[] = [];
  const last = new Map<string, bigint>();
  for (const [nth, { origin, note, held }] of cosigned.entries()) {
    if (nth === cosignedBefore) last.clear();
    const checkpoint = notes.open(note, placeOf(run, origin).vkey, witnessVkey)!;
    const { size, root } = checkpoint;
    if (size < (last.get(origin) ?? 0n))
      findings.push(c3(`${agency}'s witness went back to size ${size} of ${origin}`, toHex(root)));
    if (held !== undefined && BigInt(held) < size)
      findings.push(c3(`${agency}'s witness signed size ${size} of ${origin} and held ${held}`, toHex(root)));
    const true_ = rootAt(origin, size);
    if (!run.liars.includes(origin) && !(true_ && equal(true_, root))) {
      findings.push(c3(`${agency}'s witness signed a root of ${origin} that the log never had`, toHex(root)));
    }
    last.set(origin, size);
  }
  return findings;
}

/** Final is what both other agencies stand by, each with its own signature. */
function finals(run: Run, { agency, finals }: Place, notes: Notes): Finding[] {
  return finals.flatMap(({ origin, size, cosigned }) => {
    const others = run.places.filter((place) => hostOf(place.origin) !== hostOf(origin));
    const standing = others.filter((place) =>
      cosigned.some((line) =>
        standsBy(notes.open(line.note, placeOf(run, origin).vkey, place.witnessVkey), BigInt(size)),
      ),
    );
    if (standing.length === others.length) return [];
    return [
      c3(
        `${agency} calls ${size} entries of ${origin} final with ${standing.length} of ${others.length} witnesses`,
        '',
      ),
    ];
  });
}

function standsBy(checkpoint: OpenCheckpoint | undefined, size: bigint): boolean {
  return checkpoint !== undefined && checkpoint.cosignatures.length > 0 && checkpoint.size >= size;
}

/** The checkpoint of a note, with the lines of these witnesses; undefined when it does not hold. */
class Notes {
  private readonly known = new Map<string, VerifierKey>();
  private readonly opened = new Map<string, OpenCheckpoint | undefined>();

  open(note: Uint8Array, log: string, witness?: string): OpenCheckpoint | undefined {
    const name = `${witness} ${Buffer.from(note).toString('latin1')}`;
    if (!this.opened.has(name)) this.opened.set(name, this.read(note, log, witness));
    return this.opened.get(name);
  }

  private read(note: Uint8Array, log: string, witness?: string): OpenCheckpoint | undefined {
    try {
      return openCheckpoint(note, this.key(log), witness === undefined ? [] : [this.key(witness)]);
    } catch (error) {
      // What is torn was signed by nobody.
      if (error instanceof NoteFault) return undefined;
      throw error;
    }
  }

  private key(vkey: string): VerifierKey {
    const key = this.known.get(vkey) ?? parseVkey(vkey);
    this.known.set(vkey, key);
    return key;
  }
}

function c3(sentence: string, witness: string): Finding {
  return { rule: 'C3', sentence, witness };
}

/** C4: the log is what the store shows, all of it, in its order. */
export function demandOrder(run: Run): Finding[] {
  return run.places.flatMap(({ agency, events, log }): Finding[] => {
    const shown = events.filter(({ entry }) => entry !== undefined);
    const texts = log.entries.map((bytes) => Buffer.from(bytes).toString('utf8'));
    const at = shown.findIndex(({ entry }, n) => texts[n] !== entry);
    if (at < 0 && texts.length === shown.length) return [];
    const n = at < 0 ? shown.length : at;
    const elsewhere = shown[n] && texts.indexOf(shown[n].entry!);
    const what =
      elsewhere === undefined
        ? 'holds more than the store shows'
        : elsewhere < 0
          ? 'lacks what the store shows'
          : 'has another order than the store';
    return [
      {
        rule: 'C4',
        sentence: `${agency}'s log ${what}, first at entry ${n} of ${texts.length}`,
        witness: shown[n]?.id ?? '',
      },
    ];
  });
}
