// HPKE (RFC 9180) as sealed bodies use it: base mode, X25519 with HKDF-SHA256, AES-256-GCM, one message a context. The
// library does the cryptography; here stands only which suite it is and what names a key. With WebCrypto the library takes
// megabytes in each service, so it is loaded with the first body; the public key, which each start needs, is reckoned here.
import { createHmac, createPrivateKey, createPublicKey, hash } from 'node:crypto';

export const suiteName = 'hpke-x25519-sha256-aes256gcm';
let loaded: ReturnType<typeof load> | undefined;
const suiteOf = (): ReturnType<typeof load> => (loaded ??= load());

async function load() {
  const { Aes256Gcm, CipherSuite, DhkemX25519HkdfSha256, HkdfSha256 } = await import('@hpke/core');
  return new CipherSuite({ kem: new DhkemX25519HkdfSha256(), kdf: new HkdfSha256(), aead: new Aes256Gcm() });
}

/** 32 secret bytes, from which the KEM derives the key pair. */
export type PrivateKey = Uint8Array;
export type SealingPair = {
  readonly id: string;
  /** 32 bytes. */
  readonly publicKey: Uint8Array;
  readonly privateKey: PrivateKey;
};

/** A key pair from 32 secret bytes, by the KEM's DeriveKeyPair (RFC 9180 section 7.1.3). */
export function pairOf(secret: PrivateKey): SealingPair {
  const label = (text: string) => Buffer.concat([Buffer.from('HPKE-v1KEM'), kemId, Buffer.from(text)]);
  const extracted = hmac(Buffer.alloc(0), label('dkp_prk'), secret);
  const scalar = hmac(extracted, Buffer.of(0, 32), label('sk'), Buffer.of(1));
  const key = createPrivateKey({ key: Buffer.concat([pkcs8Header, scalar]), format: 'der', type: 'pkcs8' });
  const publicKey = new Uint8Array(createPublicKey(key).export({ format: 'der', type: 'spki' }).subarray(-32));
  return { id: sealingKeyId(publicKey), publicKey, privateKey: secret };
}

const kemId = Buffer.of(0x00, 0x20);
/** DER header of RFC 8410 for a 32-byte X25519 key in PKCS#8. */
const pkcs8Header = Buffer.from('302e020100300506032b656e04220420', 'hex');

function hmac(key: Uint8Array, ...parts: readonly Uint8Array[]): Buffer {
  return createHmac('sha256', key).update(Buffer.concat(parts)).digest();
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
  privateKey: PrivateKey,
  info: string,
  aad: string,
  { enc, wrapped }: { readonly enc: Uint8Array; readonly wrapped: Uint8Array },
): Promise<Uint8Array> {
  const suite = await suiteOf();
  const { privateKey: recipientKey } = await suite.kem.deriveKeyPair(bufferOf(privateKey));
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
