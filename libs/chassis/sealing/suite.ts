// HPKE (RFC 9180) as sealed bodies use it: base mode, X25519 with HKDF-SHA256, AES-256-GCM, one message a context. The
// library does the cryptography; here stands only which suite it is and what names a key.
import { hash } from 'node:crypto';
import type { webcrypto } from 'node:crypto';

export const suiteName = 'hpke-x25519-sha256-aes256gcm';

// The library and what it draws in take some 8 MB, and most days nothing is sealed: it comes with the first need.
let loaded: ReturnType<typeof load> | undefined;
async function load() {
  const { Aes256Gcm, CipherSuite, DhkemX25519HkdfSha256, HkdfSha256 } = await import('@hpke/core');
  return new CipherSuite({ kem: new DhkemX25519HkdfSha256(), kdf: new HkdfSha256(), aead: new Aes256Gcm() });
}
function suiteOf(): ReturnType<typeof load> {
  return (loaded ??= load());
}

export type PrivateKey = webcrypto.CryptoKey;
export type SealingPair = {
  readonly id: string;
  /** 32 bytes. */
  readonly publicKey: Uint8Array;
  readonly privateKey: PrivateKey;
};

/** A key pair from 32 secret bytes, by the KEM's DeriveKeyPair. */
export async function pairOf(secret: Uint8Array): Promise<SealingPair> {
  const suite = await suiteOf();
  const { publicKey, privateKey } = await suite.kem.deriveKeyPair(bufferOf(secret));
  const bytes = new Uint8Array(await suite.kem.serializePublicKey(publicKey));
  return { id: sealingKeyId(bytes), publicKey: bytes, privateKey };
}

/** First 8 bytes (hex) of SHA-256 over a label and the public key: which of an agency's keys, not a protection. */
export function sealingKeyId(publicKey: Uint8Array): string {
  return hash('sha256', Buffer.concat([Buffer.from('sanfang/sealing-key/v1\n'), publicKey])).slice(0, 16);
}

/**
 * @param ikm 32 bytes that fix the encapsulated secret, for worked examples alone
 * @throws for a public key of low order
 */
export async function wrap(
  publicKey: Uint8Array,
  info: string,
  aad: string,
  secret: Uint8Array,
  ikm?: Uint8Array,
): Promise<{ readonly enc: Uint8Array; readonly wrapped: Uint8Array }> {
  const suite = await suiteOf();
  const recipientPublicKey = await suite.kem.deserializePublicKey(bufferOf(publicKey));
  const ekm = ikm && (await suite.kem.deriveKeyPair(bufferOf(ikm)));
  const sender = await suite.createSenderContext({ recipientPublicKey, info: utf8(info), ...(ekm && { ekm }) });
  const wrapped = await sender.seal(bufferOf(secret), utf8(aad));
  return { enc: new Uint8Array(sender.enc), wrapped: new Uint8Array(wrapped) };
}

/** @throws when it was not wrapped for this key, this info and this aad */
export async function unwrap(
  recipientKey: PrivateKey,
  info: string,
  aad: string,
  { enc, wrapped }: { readonly enc: Uint8Array; readonly wrapped: Uint8Array },
): Promise<Uint8Array> {
  const suite = await suiteOf();
  const secret = await suite.open({ recipientKey, enc: bufferOf(enc), info: utf8(info) }, bufferOf(wrapped), utf8(aad));
  return new Uint8Array(secret);
}

function utf8(text: string): ArrayBuffer {
  return bufferOf(Buffer.from(text));
}

/** The library takes whole buffers; Node's small ones are parts of a pool. */
function bufferOf(bytes: Uint8Array): ArrayBuffer {
  return new Uint8Array(bytes).buffer;
}
