// Verifier keys by the origin of the log, as checks ask for them.
import type { VerifierKey } from '#tlog/key';
import type { KeyBook } from '../key-book';
import { BadKey } from '../keys';

/** A key that is not there yet, or is none, proves nothing here; the follower of that peer reports it. */
export function peerKeys(book: KeyBook): (origin: string) => Promise<VerifierKey | undefined> {
  return async (origin) => {
    try {
      return await book.logKey(origin);
    } catch (error) {
      if (error instanceof BadKey) return undefined;
      throw error;
    }
  };
}
