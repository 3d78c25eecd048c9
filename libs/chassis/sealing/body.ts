// A sealed body, made and opened (docs/spec/sealed.md): one text under one content key, that key wrapped for each
// addressee, and a commitment to the text, by which an addressee can prove later what he was told.
import { createCipheriv, createDecipheriv, hash, randomBytes } from 'node:crypto';
import { z } from 'zod';
import { canonicalize, parseCanonical } from '#kernel/canonical-json';
import type { JsonObject } from '#kernel/canonical-json';
import { neutral } from '#kernel/envelope';
import type { Agency, SealedBody, Wrapped } from '#kernel/envelope';
import type { Opened } from '#contracts/published';
import { sealedSizes } from '#stream/entry-schema';
import { fromBase64, toBase64 } from '#tlog/bytes';
import { suiteName, unwrap, wrap } from './suite';
import type { PrivateKey } from './suite';

/** What is inside: what the entry does not show. The salt hides it behind its commitment. */
export type Body = Opened & { readonly salt: string };

/** Where it stands: nobody can take a body into another entry or another log. */
export type Place = { readonly agency: Agency; readonly origin: string; readonly id: string };

export type Addressee = { readonly agency: Agency; readonly key: string; readonly publicKey: Uint8Array };

/** What a body is made with; given only where the same bytes must come again. */
export type Randomness = { readonly contentKey: Uint8Array; readonly ikm: (agency: Agency) => Uint8Array };

export class BodyTooLong extends Error {
  override readonly name = 'BodyTooLong';
}

/** It is addressed here and cannot be used: the sentence says why, without a word of what is inside. */
export class SealFault extends Error {
  override readonly name = 'SealFault';
}

const lengthBytes = 4;
const tagBytes = 16;
// Each content key serves one text, so its nonce needs no randomness.
const nonce = new Uint8Array(12);

/** SHA-256 (hex) over a label and the canonical text of the body. */
export function commitOf(body: Body): string {
  return hash('sha256', `sanfang/sealed/v1\n${canonicalize(body)}`);
}

/** @throws BodyTooLong */
export function seal(
  body: Body,
  place: Place,
  addressees: readonly Addressee[],
  randomness: Partial<Randomness> = {},
): Promise<SealedBody> {
  return sealText({ text: canonicalize(body), commit: commitOf(body) }, place, addressees, randomness);
}

/** Whatever text under whatever commitment: what a sender can do who does not keep to the form. @throws BodyTooLong */
export async function sealText(
  { text, commit }: { readonly text: string; readonly commit: string },
  place: Place,
  addressees: readonly Addressee[],
  { contentKey, ikm }: Partial<Randomness> = {},
): Promise<SealedBody> {
  const key = contentKey ?? randomBytes(32);
  const cipher = createCipheriv('aes-256-gcm', key, nonce).setAAD(Buffer.from(aadOf(place, commit)));
  const ct = Buffer.concat([cipher.update(padded(text)), cipher.final(), cipher.getAuthTag()]);
  const to: Partial<Record<Agency, Wrapped>> = {};
  for (const { agency, key: id, publicKey } of addressees) {
    const aad = aadOf(place, commit, agency);
    const { enc, wrapped } = await wrap(publicKey, infoOf(place), aad, key, ikm?.(agency));
    to[agency] = { enc: toBase64(enc), key: id, wrapped: toBase64(wrapped) };
  }
  return { commit, ct: ct.toString('base64'), suite: suiteName, to };
}

/** @param privateKeyOf the reader's own key of this id @throws SealFault */
export async function open(
  sealed: SealedBody,
  place: Place,
  reader: Agency,
  privateKeyOf: (id: string) => Promise<PrivateKey | undefined>,
): Promise<Opened> {
  return openWith(await contentKeyOf(sealed, place, reader, privateKeyOf), sealed, place);
}

/** What opens a body for one of its addressees. @throws SealFault */
export async function contentKeyOf(
  { commit, suite, to }: SealedBody,
  place: Place,
  reader: Agency,
  privateKeyOf: (id: string) => Promise<PrivateKey | undefined>,
): Promise<Uint8Array> {
  if (suite !== suiteName) throw new SealFault(`sealed by ${suite}, which this version does not know`);
  const mine = to[reader];
  if (!mine) throw new SealFault(`not sealed to ${reader}`);
  const privateKey = await privateKeyOf(mine.key);
  if (!privateKey) {
    throw new SealFault(`sealed to the key ${mine.key}, which is not here: restore keys/sealing.key from its backup`);
  }
  try {
    const wrapped = { enc: fromBase64(mine.enc), wrapped: fromBase64(mine.wrapped) };
    return await unwrap(privateKey, infoOf(place), aadOf(place, commit, reader), wrapped);
  } catch {
    throw notOpened();
  }
}

/** @throws SealFault */
export function openWith(contentKey: Uint8Array, { commit, ct }: SealedBody, place: Place): Opened {
  let text: string;
  try {
    text = unpadded(deciphered(contentKey, aadOf(place, commit), fromBase64(ct)));
  } catch {
    throw notOpened();
  }
  return demandBody(text, commit);
}

/** What exactly is wrong only helps whoever tries. */
function notOpened(): SealFault {
  return new SealFault('the sealed body cannot be opened: it is damaged, or was sealed for something else');
}

function deciphered(key: Uint8Array, aad: string, ct: Uint8Array): Buffer {
  const decipher = createDecipheriv('aes-256-gcm', key, nonce, { authTagLength: tagBytes }).setAAD(Buffer.from(aad));
  decipher.setAuthTag(ct.subarray(-tagBytes));
  return Buffer.concat([decipher.update(ct.subarray(0, -tagBytes)), decipher.final()]);
}

const words = z.string().min(1).max(250);
const bodyForm = z.strictObject({
  actor: z.strictObject({
    agency: z.enum(['commission', 'organization', 'inspection']),
    id: words,
    name: words,
    role: words,
    unit: words.optional(),
  }),
  cause: z.strictObject({ origin: words, index: z.number().int().min(0), hash: words }).optional(),
  data: z.record(z.string(), z.unknown()),
  salt: z.string().regex(/^[A-Za-z0-9_-]{43}$/),
  stream: words,
  type: words,
});

function demandBody(text: string, commit: string): Opened {
  if (hash('sha256', `sanfang/sealed/v1\n${text}`) !== commit) {
    throw new SealFault('the sealed body is not what its commitment says');
  }
  let value: JsonObject;
  try {
    value = parseCanonical(Buffer.from(text)) as JsonObject;
    bodyForm.parse(value);
  } catch {
    throw new SealFault('the sealed body has not the form of one');
  }
  const { salt: _, ...opened } = value;
  return opened as Opened;
}

function infoOf({ origin }: Place): string {
  return `sanfang/sealed/v1\n${origin}`;
}

function aadOf({ agency, id }: Place, commit: string, reader?: Agency): string {
  const { type, stream } = neutral(agency, id);
  return [type, stream, id, commit, ...(reader ? [reader] : [])].join('\n');
}

/** Length, text, zeros up to the next size class: how long a body is does not tell what it says. */
function padded(text: string): Buffer {
  const bytes = Buffer.from(text);
  const size = sealedSizes.find((each) => each >= lengthBytes + bytes.length);
  if (size === undefined) throw new BodyTooLong(`a sealed body has at most ${sealedSizes.at(-1)! - lengthBytes} bytes`);
  const whole = Buffer.alloc(size);
  whole.writeUInt32BE(bytes.length);
  bytes.copy(whole, lengthBytes);
  return whole;
}

function unpadded(whole: Buffer): string {
  const end = lengthBytes + whole.readUInt32BE();
  const size = sealedSizes.find((each) => each >= end);
  if (size !== whole.length || whole.subarray(end).some((byte) => byte !== 0)) throw new SealFault('not padded so');
  return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(whole.subarray(lengthBytes, end));
}
