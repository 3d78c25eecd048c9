// The form of an entry that comes from another agency (docs/spec/feed.md). Which types there are is not asked here: an
// unknown type is stored like any other and parked by whoever cannot read it, because a log with holes proves nothing.
import { z } from 'zod';
import { canonicalize } from '#kernel/canonical-json';
import type { JsonObject } from '#kernel/canonical-json';
import { neutral } from '#kernel/envelope';
import type { Entry } from '#kernel/envelope';
import { fromBase64 } from '#tlog/bytes';
import { parseEntry } from '#tlog/entry';
import { sm3Of } from '#tlog/sm3';

const uuid = z.string().regex(/^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/);
// Short texts that the inbox keeps as text; PostgreSQL cannot hold the NUL character there.
const words = z
  .string()
  .min(1)
  .max(250)
  .regex(/^[^\0]*$/);
const sha256 = z.string().regex(/^[0-9a-f]{64}$/);
const index = z.number().int().min(0).max(Number.MAX_SAFE_INTEGER);

/** Lengths that a sealed body can have before it is sealed; the largest leaves room for the envelope around it. */
export const sealedSizes: readonly number[] = [1_024, 2_048, 4_096, 8_192, 16_384, 32_768, 45_056];
const tagBytes = 16;
const base64Of = (lengths: readonly number[]) =>
  z.string().refine((text) => lengths.includes(lengthOf(text)), 'not base64 of a length that is in use');
const wrapped = z.strictObject({
  enc: base64Of([32]),
  key: z.string().regex(/^[0-9a-f]{16}$/),
  wrapped: base64Of([32 + tagBytes]),
});
const sealedBody = z.strictObject({
  commit: sha256,
  ct: base64Of(sealedSizes.map((size) => size + tagBytes)),
  suite: words,
  to: z
    .strictObject({ commission: wrapped.optional(), inspection: wrapped.optional(), organization: wrapped.optional() })
    .refine((to) => Object.keys(to).length > 0, 'nobody'),
});

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
  data: z
    .custom((data) => typeof data === 'object' && data !== null && !Array.isArray(data), 'not an object')
    .optional(),
  sealed: sealedBody.optional(),
  sm3: sha256.optional(),
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
  if (read.success) {
    demandNeutral(read.data);
    if (read.data.sm3 !== undefined && read.data.sm3 !== sm3Of(value as Entry)) {
      throw new EntryFault('the entry’s sm3 is not the digest of the rest');
    }
    return { id: read.data.id, type: read.data.type };
  }
  const [first] = read.error.issues;
  throw new EntryFault(`the entry's ${first?.path.join('.')}: ${first?.message}`);
}

/** What surrounds a sealed body is the same for all of an agency's, so that it tells nothing of what is inside. */
function demandNeutral({ actor, cause, id, revision, sealed, stream, type }: z.infer<typeof envelope>): void {
  const plain = neutral(actor.agency, id);
  if (!sealed) {
    if (type === plain.type) throw new EntryFault(`the entry of the type ${type} is not sealed`);
    return;
  }
  const shown = canonicalize({ actor, stream, type } as unknown as JsonObject);
  if (shown === canonicalize(plain) && revision === 0 && cause === undefined) return;
  throw new EntryFault('the entry says more of its sealed body than that it is sealed');
}

/** Of the bytes behind a text in base64; -1 for a text that is none. */
function lengthOf(text: string): number {
  try {
    return fromBase64(text).length;
  } catch {
    return -1;
  }
}

function refusePrototype(value: unknown): void {
  if (typeof value !== 'object' || value === null) return;
  if (Object.hasOwn(value, '__proto__')) throw new EntryFault('the entry holds the key __proto__');
  for (const member of Object.values(value)) refusePrototype(member);
}
