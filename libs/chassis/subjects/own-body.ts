// Salt and content key of a body that the agency seals itself: derived from the data key of the subject, so that the sender
// can open it as long as that lives, keeps nothing else for it, and seals the same again when an append is repeated.
import { createHmac } from 'node:crypto';

/** @param key of the subject @param id of the event */
export function ownSalt(key: Uint8Array, id: string): string {
  return createHmac('sha256', key).update(`sanfang/subject-salt/v1\n${id}`).digest('base64url');
}

/** Another text has another commitment, and so another key: none serves two texts. */
export function ownContentKey(key: Uint8Array, id: string, commit: string): Uint8Array {
  return createHmac('sha256', key).update(`sanfang/subject-content/v1\n${id}\n${commit}`).digest();
}
