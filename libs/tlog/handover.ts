// A log outlives its keys. An old key hands over to a new one in a note that both sign: the old one's line says who
// follows, the new one's that its holder has it. Whoever trusts one key of such a chain can follow it to all the others,
// so a verifier key that was read out years ago still leads to the key of today (docs/spec/keys.md).
import { equal, excerpt, fromUtf8, utf8 } from './bytes';
import { cosign, cosignatureVerifier } from './cosignature';
import { COSIGNER_KEY_TYPE, formatVkey, LOG_KEY_TYPE, parseVkey } from './key';
import type { SigningKey, Turn, VerifierKey } from './key';
import { formatNote, NoteFault, noteVerifier, openNote, signNote } from './note';
import { hostOf } from './policy';

const FORM = 'sanfang.key-handover/v1';

export interface Handover {
  /** Of the log in which it is announced. */
  readonly origin: string;
  readonly old: VerifierKey;
  readonly next: VerifierKey;
  /** The log's signed size when it was made: larger checkpoints carry the new key's line. */
  readonly from: bigint;
  /** RFC 3339 UTC: until then the old key signs beside the new one. */
  readonly until: string;
  /** The note itself. */
  readonly note: string;
}

/** @param time POSIX seconds; stands in the lines of witness keys */
export function writeHandover(
  { origin, from, until }: Pick<Handover, 'origin' | 'from' | 'until'>,
  old: SigningKey,
  next: SigningKey,
  time: bigint,
): Uint8Array {
  const keys = `old ${formatVkey(old)}\nnew ${formatVkey(next)}`;
  const text = `${FORM}\norigin ${origin}\n${keys}\nfrom ${from}\nuntil ${until}\n`;
  const line = (key: SigningKey) => (key.type === LOG_KEY_TYPE ? signNote(text, key) : cosign(text, time, key));
  const note = formatNote({ text, signatures: [line(old), line(next)] });
  readHandover(note);
  return note;
}

/** @throws NoteFault unless both keys have signed, or when they are not of one role of this log */
export function readHandover(note: Uint8Array): Handover {
  const text = textOf(note);
  const match =
    /^sanfang\.key-handover\/v1\norigin (\S+)\nold (\S+)\nnew (\S+)\nfrom (0|[1-9]\d{0,17})\nuntil (\S+)\n$/.exec(text);
  if (!match) throw new NoteFault(`"${excerpt(text)}" is not the text of a ${FORM}`);
  const [, origin, old, next, from, until] = match as unknown as [string, string, string, string, string, string];
  const keys = { old: keyOf(old), next: keyOf(next) };
  const handover = { origin, ...keys, from: BigInt(from), until, note: fromUtf8(note) };
  demandRole(handover);
  if (!/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/.test(until) || Number.isNaN(Date.parse(until))) {
    throw new NoteFault(`"${excerpt(until)}" is not a time in UTC`);
  }
  const verifiers = [handover.old, handover.next].map((key) =>
    key.type === LOG_KEY_TYPE ? noteVerifier(key) : cosignatureVerifier(key),
  );
  const { signatures } = openNote(note, verifiers);
  if (signatures.length === 2) return handover;
  throw new NoteFault(`the handover of ${handover.old.name} is not signed by both its keys`);
}

/** All of a file or text in which one note follows the other, an empty line between them. @throws NoteFault */
export function readHandovers(text: string): Handover[] {
  return splitHandovers(text).map((note) => readHandover(utf8(note)));
}

export function splitHandovers(text: string): string[] {
  return text === '' ? [] : text.split(/(?<=\n)\n(?=sanfang\.key-handover\/)/);
}

export function joinHandovers(notes: readonly string[]): string {
  return notes.join('\n');
}

/** Peers say that a key is known to others: beyond a size neither its line nor its word on a successor counts. */
export interface Revocation {
  readonly key: VerifierKey;
  readonly lastGoodSize: bigint;
  /** Who follows it, by their word instead of its own. */
  readonly successor?: VerifierKey | undefined;
}

/** A key and those before and after it, by the handovers that lead there; the first one of a key counts. */
export function withHandovers(
  key: VerifierKey,
  handovers: readonly Handover[],
  revocations: readonly Revocation[] = [],
): VerifierKey {
  const turns: { key: VerifierKey; from: bigint; lastGoodSize?: bigint }[] = [{ key, from: 0n }];
  const isNew = (other: VerifierKey) => !turns.some((turn) => isSame(turn.key, other));
  const revoked = (turn: Turn) => revocations.find((each) => isSame(each.key, turn.key));
  const after = (last: Turn): Turn | undefined => {
    const revocation = revoked(last);
    const handover = handovers.find(({ old, next, from }) => {
      const believed = !revocation || from < revocation.lastGoodSize;
      return believed && isSame(old, last.key) && isNew(next) && from >= last.from;
    });
    if (handover) return { key: handover.next, from: handover.from };
    const { successor, lastGoodSize = 0n } = revocation ?? {};
    return successor && isNew(successor) ? { key: successor, from: lastGoodSize } : undefined;
  };
  for (let first = turns[0]!, found = true; found; first = turns[0]!) {
    const handover = handovers.find(({ old, next }) => isSame(next, first.key) && isNew(old));
    found = handover !== undefined;
    if (!handover) continue;
    first.from = handover.from;
    turns.unshift({ key: handover.old, from: 0n });
  }
  for (let next = after(turns.at(-1)!); next; next = after(turns.at(-1)!)) turns.push(next);
  for (const turn of turns) {
    const revocation = revoked(turn);
    if (revocation) turn.lastGoodSize = revocation.lastGoodSize;
  }
  return { ...key, turns };
}

export function isSame(a: VerifierKey, b: VerifierKey): boolean {
  return a.name === b.name && a.type === b.type && equal(a.publicKey, b.publicKey);
}

function demandRole({ origin, old, next }: Handover): void {
  if (old.type !== next.type || old.name !== next.name || isSame(old, next)) {
    throw new NoteFault(`${old.name} cannot hand over to ${next.name}: another role, another name, or the same key`);
  }
  const fits = old.type === COSIGNER_KEY_TYPE ? hostOf(old.name) === hostOf(origin) : old.name === origin;
  if (!fits) throw new NoteFault(`${old.name} is no key of ${origin}`);
}

function keyOf(vkey: string): VerifierKey {
  try {
    return parseVkey(vkey);
  } catch (cause) {
    throw new NoteFault((cause as Error).message, { cause });
  }
}

function textOf(note: Uint8Array): string {
  try {
    const text = fromUtf8(note);
    return text.slice(0, text.lastIndexOf('\n\n') + 1);
  } catch (cause) {
    throw new NoteFault('a handover must be UTF-8', { cause });
  }
}
