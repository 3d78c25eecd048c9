// Verifier keys by the origin of the log, as checks ask for them.
import type { VerifierKey } from '#tlog/key';
import type { Config } from '../config';
import { BadKey, peerKey, witnessName } from '../keys';
import type { Roster } from '../witness/roster';
import type { WitnessKeys } from './cosigned';

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

/** Witnesses of the region or of the policy; the own one counts for the peers' logs. */
export function witnessKeys({ origin }: Pick<Config, 'origin'>, roster: Roster, own: VerifierKey): WitnessKeys {
  return {
    own: witnessName(origin),
    of: async (name) => {
      if (name === own.name) return own;
      try {
        return await roster.seats.find(({ keyName }) => keyName === name)?.key();
      } catch (error) {
        if (error instanceof BadKey) return undefined;
        throw error;
      }
    },
  };
}
