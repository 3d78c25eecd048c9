// A witness's signature (C2SP tlog-cosignature v1.0.1, type 0x04). It says: at that time, this was the largest tree I
// had seen for this origin, and it contained all earlier ones. It covers the whole text and the time, not the name, so
// each role needs its own key.
import { concat, utf8 } from './bytes';
import { ed25519Verifier } from './ed25519';
import { COSIGNER_KEY_TYPE } from './key';
import type { SigningKey, VerifierKey } from './key';
import type { NoteSignature, NoteVerifier } from './note';

const SIZE = 8 + 64;

/** @param time POSIX seconds, above zero */
export function cosign(text: string, time: bigint, key: SigningKey): NoteSignature {
  if (key.type !== COSIGNER_KEY_TYPE) throw new Error(`${key.name} is not a witness key (type 4)`);
  if (time <= 0n || time >= 1n << 63n) throw new Error(`${time} is not a time of a cosignature`);
  const stamp = new Uint8Array(8);
  new DataView(stamp.buffer).setBigUint64(0, time);
  return { name: key.name, keyId: key.keyId, signature: concat(stamp, key.sign(statement(time, text))) };
}

export function cosignatureVerifier(key: VerifierKey): NoteVerifier {
  if (key.type !== COSIGNER_KEY_TYPE) throw new Error(`${key.name} is not a witness key (type 4)`);
  const verify = ed25519Verifier(key.publicKey);
  return {
    key,
    verify: (text, signature) =>
      signature.length === SIZE && verify(statement(cosignatureTime(signature), text), signature.subarray(8)),
  };
}

/** POSIX seconds stated by a cosignature. */
export function cosignatureTime(signature: Uint8Array): bigint {
  if (signature.length !== SIZE) throw new Error(`a cosignature has ${SIZE} bytes, not ${signature.length}`);
  return new DataView(signature.buffer, signature.byteOffset, 8).getBigUint64(0);
}

function statement(time: bigint, text: string): Uint8Array {
  return utf8(`cosignature/v1\ntime ${time}\n${text}`);
}
