// Verifier keys by the origin of the log, as checks ask for them.
import type { VerifierKey } from '#tlog/key';
import type { Config } from '../config';
import { BadKey, peerKey } from '../keys';

/** A key that is not there yet, or is none, proves nothing here; the follower of that peer reports it. */
export function peerKeys({ peers, trustFolder }: Config): (origin: string) => Promise<VerifierKey | undefined> {
  return async (origin) => {
    const peer = peers.find((one) => one.origin === origin);
    try {
      return peer && (await peerKey(trustFolder, peer));
    } catch (error) {
      if (error instanceof BadKey) return undefined;
      throw error;
    }
  };
}
