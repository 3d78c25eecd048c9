// The form of an entry that comes from another agency (docs/spec/feed.md). Which types there are is not asked here: an
// unknown type is stored like any other and parked by whoever cannot read it, because a log with holes proves nothing.
import { z } from 'zod';
import { canonicalize } from '#kernel/canonical-json';
import type { Entry } from '#kernel/envelope';
import { parseEntry } from '#tlog/entry';

const uuid = z.string().regex(/^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/);
// Short texts that the inbox keeps as text; PostgreSQL cannot hold the NUL character there.
const words = z
  .string()
  .min(1)
  .max(250)
  .regex(/^[^\0]*$/);
const sha256 = z.string().regex(/^[0-9a-f]{64}$/);
const index = z.number().int().min(0).max(Number.MAX_SAFE_INTEGER);

const envelope = z.strictObject({
  v: z.literal(1),
  id: uuid,
  type: words,
  stream: words,
  revision: index,
  at: z.iso.datetime(),
  actor: z.strictObject({
    agency: z.enum(['commission', 'organization', 'inspection']),
    id: words,
    name: words,
    role: words,
    unit: words.optional(),
  }),
  cause: z.strictObject({ origin: words, index, hash: sha256 }).optional(),
  seen: z.record(words, index),
  commit: sha256,
  data: z.custom((data) => typeof data === 'object' && data !== null && !Array.isArray(data), 'not an object'),
});

/** An entry that its author signed although it is none. */
export class EntryFault extends Error {
  override readonly name = 'EntryFault';
}

/**
 * Reads id and type of an entry and checks its whole envelope: canonical JSON, `v` 1, no unknown field, nowhere the key
 * `__proto__`, which would mean something else to every reader that copies objects.
 * @throws EntryFault
 */
export function readEntry(bytes: Uint8Array): { readonly id: string; readonly type: string } {
  let value: unknown;
  try {
    value = parseEntry(bytes);
  } catch (cause) {
    throw new EntryFault((cause as Error).message, { cause });
  }
  return demandEnvelope(value);
}

/**
 * The bytes of an entry that every reader accepts: the same checks, before anything is written.
 * @throws EntryFault
 */
export function writeEntry(entry: Entry): Uint8Array {
  demandEnvelope(entry);
  // Short texts with many characters beyond Latin: several times quicker than a TextEncoder.
  return Buffer.from(canonicalize(entry));
}

function demandEnvelope(value: unknown): { readonly id: string; readonly type: string } {
  refusePrototype(value);
  const read = envelope.safeParse(value);
  if (read.success) return { id: read.data.id, type: read.data.type };
  const [first] = read.error.issues;
  throw new EntryFault(`the entry's ${first?.path.join('.')}: ${first?.message}`);
}

function refusePrototype(value: unknown): void {
  if (typeof value !== 'object' || value === null) return;
  if (Object.hasOwn(value, '__proto__')) throw new EntryFault('the entry holds the key __proto__');
  for (const member of Object.values(value)) refusePrototype(member);
}
