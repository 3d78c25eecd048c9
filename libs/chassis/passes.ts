// Who asks a feed for what only peers get: a pass signed by the key of a log that is followed here (docs/spec/feed.md).
import { Refused } from '#kernel/decider';
import { holderOf } from '#stream/blob-pass';
import { isRevoked, newestOf } from '#tlog/key';
import type { VerifierKey } from '#tlog/key';
import type { Peer } from './peers';

/**
 * @param wanted what the pass must name @param at RFC 3339 UTC
 * @returns origin of the peer that asks @throws Refused for any pass that is not a peer's, not for this, or not of now
 */
export async function demandPeer(
  peers: readonly Pick<Peer, 'key'>[],
  authorization: string | undefined,
  wanted: string,
  at: string,
): Promise<string> {
  const keys = (await Promise.all(peers.map(keyOf))).filter((key) => key !== undefined);
  const holder = holderOf(authorization, keys, wanted, at);
  if (holder === undefined) throw new Refused('session.none');
  return holder;
}

/** A key that is not there yet, or is none, opens nothing; the follower of that peer reports it. */
async function keyOf(peer: Pick<Peer, 'key'>): Promise<VerifierKey | undefined> {
  try {
    const key = await peer.key();
    return key && !isRevoked(key) ? newestOf(key) : undefined;
  } catch {
    return undefined;
  }
}
