// Verifier keys by the origin of the log, as checks ask for them.
import type { VerifierKey } from '#tlog/key';
import type { Config } from '../config';
import type { KeyBook } from '../key-book';
import { BadKey, witnessName } from '../keys';
import type { Roster } from '../witness/roster';
import type { WitnessKeys } from './cosigned';

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
