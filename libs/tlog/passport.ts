// All that the logs say about one thing, in one text file that proves itself: each entry with a proof that it stands in
// its log (C2SP tlog-proof), under a checkpoint with its witnesses' lines, and a cover for people that is made from the
// entries and from nothing else. One passport has one spelling, so no byte of it can be changed unseen (docs/spec/passport.md).
import type { JsonObject } from '#kernel/canonical-json';
import { equal, excerpt, fromUtf8, toBase64, toHex, utf8 } from './bytes';
import { openCheckpoint } from './checkpoint';
import type { OpenCheckpoint } from './checkpoint';
import { parseEntry } from './entry';
import { formatVkey } from './key';
import type { VerifierKey } from './key';
import { leafHash, verifyInclusion } from './merkle';
import { formatNote, parseNote } from './note';
import type { NoteSignature } from './note';
import { isEnough } from './policy';
import type { Policy } from './policy';
import { parseProofFile, writeProofFile } from './proof-file';
import type { ProofFile } from './proof-file';

const FORM = 'sanfang.passport/v1';
const ENTRY = '\n\nentry ';
export const MAX_PASSPORT_SIZE = 64 * 1024 * 1024;

/** What a passport is about: the field of `data` that all its entries share, and its value. */
export interface Subject {
  readonly field: string;
  readonly value: string;
}

/** One log's part: its signed checkpoint, and the entries with their proofs at its size. */
export interface PassportLog {
  readonly note: Uint8Array;
  readonly entries: readonly (Pick<ProofFile, 'index' | 'proof'> & { readonly bytes: Uint8Array })[];
}

export interface PassportEntry {
  readonly origin: string;
  readonly index: bigint;
  /** Size of the tree that it is proven in. */
  readonly size: bigint;
  readonly entry: JsonObject & { readonly id: string };
}

/** The cover's lines, made from the entries alone: the same for whoever reads them. */
export type CoverOf = (subject: Subject, entries: readonly PassportEntry[]) => readonly string[];

export interface CheckedPassport {
  readonly subject: Subject;
  readonly entries: readonly PassportEntry[];
  /** Each log once; `checkpoint.cosignatures` are the known witnesses', `strangers` counts lines of unknown keys. */
  readonly logs: readonly { readonly checkpoint: OpenCheckpoint; readonly strangers: number }[];
  /** The cover as it stands in the file, which is what the entries give. */
  readonly cover: readonly string[];
}

export type PassportFaultKind =
  | 'form' // not a passport, or spelled in another way than this one
  | 'key' // of a log that the reader does not know
  | 'checkpoint' // not signed, or with a line of a known key that does not hold
  | 'witnesses' // not enough of them for the reader's policy
  | 'inclusion' // the entry is not what stands in the log there
  | 'entry' // breaks the entry's form
  | 'subject' // about something else
  | 'cover'; // says something else than the entries

/** What is wrong, and at which entry first. */
export class PassportFault extends Error {
  override readonly name = 'PassportFault';
  constructor(
    readonly kind: PassportFaultKind,
    readonly what: string,
    readonly at: { readonly origin?: string; readonly index?: bigint } = {},
  ) {
    super(at.index === undefined ? what : `${at.origin} entry ${at.index}: ${what}`);
  }
}

type Block = ProofFile & { readonly bytes: Uint8Array };

/**
 * Writes a passport; whether its proofs hold is for `checkPassport` to say.
 * @throws PassportFault for an entry that is none, or about something else
 */
export function makePassport(subject: Subject, logs: readonly PassportLog[], coverOf: CoverOf): Uint8Array {
  const blocks = logs.flatMap(({ note, entries }) => {
    const checkpoint = orderedNote(note);
    return entries.map((entry): Block => ({ ...entry, checkpoint }));
  });
  const items = blocks.map((block) => ({ block, item: itemOf(block, subject) }));
  items.sort((a, b) => (isBefore(a.item, b.item) ? -1 : 1));
  const cover = coverOf(
    subject,
    items.map(({ item }) => item),
  );
  const bytes = write(
    subject,
    cover,
    items.map(({ block }) => block),
  );
  parse(bytes);
  return bytes;
}

/**
 * Checks a passport offline. It shows that what it holds stands in the logs; that it holds all there is, no file can.
 * @param policy whose keys are believed, and how many witnesses are enough
 * @throws PassportFault with the first bad entry
 */
export function checkPassport(bytes: Uint8Array, policy: Policy, coverOf: CoverOf): CheckedPassport {
  const { subject, cover, blocks } = parse(bytes);
  const logs = new Map<string, { readonly bytes: Uint8Array; readonly opened: OpenCheckpoint }>();
  const items: PassportEntry[] = [];
  for (const block of blocks) {
    const origin = originOf(block);
    const at = { origin, index: block.index };
    const known = logs.get(origin);
    if (known && !equal(known.bytes, block.checkpoint)) {
      throw new PassportFault('form', 'one log has two checkpoints in the passport', at);
    }
    const opened = known?.opened ?? openedBy(policy, block, at);
    logs.set(origin, { bytes: block.checkpoint, opened });
    if (!verifyInclusion(block.index, opened.size, leafHash(block.bytes), block.proof, opened.root)) {
      throw new PassportFault('inclusion', 'the entry is not what stands in the log at this index', at);
    }
    const item = itemOf(block, subject);
    const last = items.at(-1);
    if (last && !isBefore(last, item)) throw new PassportFault('form', 'the entries are out of order', at);
    items.push(item);
  }
  const expected = coverOf(subject, items);
  if (cover.join('\n') !== expected.join('\n')) {
    throw new PassportFault('cover', 'the cover says something else than the entries');
  }
  return {
    subject,
    entries: items,
    logs: [...logs.values()].map(({ bytes: note, opened }) => ({
      checkpoint: opened,
      strangers: strangersIn(note, opened),
    })),
    cover,
  };
}

/** Lines of names of which the reader knows no key. */
function strangersIn(note: Uint8Array, { origin, cosignatures }: OpenCheckpoint): number {
  const known = new Set([origin, ...cosignatures.map(({ key }) => key.name)]);
  return parseNote(note).signatures.filter(({ name }) => !known.has(name)).length;
}

function write(subject: Subject, cover: readonly string[], blocks: readonly Block[]): Uint8Array {
  const head = [FORM, `about ${subject.field} ${subject.value}`, ...cover.map((line) => `# ${line}`)].join('\n');
  const parts = blocks.map(({ bytes, index, proof, checkpoint }) => {
    return `${fromUtf8(bytes)}\n${fromUtf8(writeProofFile({ index, proof, checkpoint }))}`;
  });
  // The line feed that ends a checkpoint is the first of the two before the next entry.
  return utf8([head, ...parts.map((part, n) => (n < parts.length - 1 ? part.slice(0, -1) : part))].join(ENTRY));
}

function parse(bytes: Uint8Array): { subject: Subject; cover: readonly string[]; blocks: readonly Block[] } {
  if (bytes.length > MAX_PASSPORT_SIZE) throw new PassportFault('form', 'the file is larger than a passport can be');
  let text: string;
  try {
    text = fromUtf8(bytes);
  } catch {
    throw new PassportFault('form', 'the file is not UTF-8');
  }
  const [head, ...parts] = text.split(ENTRY);
  const [form, about, ...lines] = head!.split('\n');
  if (form !== FORM) throw new PassportFault('form', `the first line must be ${FORM}`);
  const [, field, value] = /^about ([\w.-]{1,64}) ([\w.-]{1,64})$/.exec(about ?? '') ?? [];
  if (field === undefined || value === undefined) {
    throw new PassportFault('form', 'the second line must be "about <field> <value>"');
  }
  if (parts.length === 0) throw new PassportFault('form', 'the passport holds no entry');
  const cover = lines.map((line) => {
    if (line.startsWith('# ')) return line.slice(2);
    throw new PassportFault('form', `"${excerpt(line)}" is no line of a cover`);
  });
  const blocks = parts.map((part, n) => blockOf(n < parts.length - 1 ? `${part}\n` : part, n));
  // Each part is read strictly already. This is for the day when one of them is not: what reads well and is spelled
  // differently would be a byte that nobody has signed.
  if (!equal(write({ field, value }, cover, blocks), bytes)) {
    throw new PassportFault('form', 'the passport is not in its one spelling');
  }
  return { subject: { field, value }, cover, blocks };
}

function blockOf(part: string, nth: number): Block {
  try {
    const end = part.indexOf('\n');
    const { extra, ...proof } = parseProofFile(utf8(part.slice(end + 1)));
    if (extra) throw new Error('a proof in a passport has no extra line');
    if (!equal(orderedNote(proof.checkpoint), proof.checkpoint)) {
      throw new Error('the signature lines are not in their order, or one stands there twice');
    }
    return { ...proof, bytes: utf8(part.slice(0, end)) };
  } catch (cause) {
    throw new PassportFault('form', `entry number ${nth} of the passport: ${(cause as Error).message}`);
  }
}

/** The log's own line first, the others by name and key, each once. */
export function orderedNote(note: Uint8Array): Uint8Array {
  const { text, signatures } = parseNote(note);
  const origin = text.slice(0, text.indexOf('\n'));
  const spelled = (line: NoteSignature) =>
    `${line.name === origin ? 0 : 1} ${line.name} ${toHex(line.keyId)} ${toBase64(line.signature)}`;
  const lines = new Map(signatures.map((line) => [spelled(line), line]));
  const ordered = [...lines].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, line]) => line);
  return formatNote({ text, signatures: ordered });
}

function originOf({ checkpoint }: Block): string {
  const { text } = parseNote(checkpoint);
  return text.slice(0, text.indexOf('\n'));
}

/** A checkpoint of a log that the policy knows, with enough of its witnesses. @throws PassportFault */
export function openedBy(
  policy: Policy,
  block: Pick<Block, 'checkpoint'>,
  at: { origin: string; index: bigint },
): OpenCheckpoint {
  const key = keyFor(policy.logs, block.checkpoint, at.origin);
  if (!key) throw new PassportFault('key', 'no key is known of this log', at);
  let opened: OpenCheckpoint;
  try {
    opened = openCheckpoint(
      block.checkpoint,
      key,
      policy.witnesses.map((witness) => witness.key),
    );
  } catch (cause) {
    throw new PassportFault('checkpoint', (cause as Error).message, at);
  }
  const vkeys = new Set(opened.cosignatures.map((line) => formatVkey(line.key)));
  if (!isEnough(policy, at.origin, vkeys)) {
    throw new PassportFault('witnesses', `${vkeys.size} known witnesses are not enough for ${policy.quorum}`, at);
  }
  return opened;
}

/** A log may have changed its key: the one that signed, else any, whose absence then is the finding. */
function keyFor(keys: readonly VerifierKey[], note: Uint8Array, origin: string): VerifierKey | undefined {
  const named = keys.filter(({ name }) => name === origin);
  const { signatures } = parseNote(note);
  return named.find((key) => signatures.some((line) => equal(line.keyId, key.keyId))) ?? named[0];
}

function itemOf(block: Block, { field, value }: Subject): PassportEntry {
  const origin = originOf(block);
  const at = { origin, index: block.index };
  let entry: PassportEntry['entry'];
  try {
    entry = parseEntry(block.bytes);
  } catch (cause) {
    throw new PassportFault('entry', (cause as Error).message, at);
  }
  // A sealed entry is about nothing that a reader could see.
  const data = (entry['data'] ?? {}) as JsonObject;
  if (!Object.hasOwn(data, field) || data[field] !== value) {
    throw new PassportFault('subject', `the entry is not about ${field} ${value}`, at);
  }
  const size = BigInt(parseNote(block.checkpoint).text.split('\n')[1]!);
  return { origin, index: block.index, size, entry };
}

function isBefore(a: PassportEntry, b: PassportEntry): boolean {
  return a.origin === b.origin ? a.index < b.index : a.origin < b.origin;
}
