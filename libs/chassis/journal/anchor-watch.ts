// Who is silent: an agency whose last anchor is older than two of its cadences, be it a peer or this one. What it did
// meanwhile, nobody can tell later; so people are told now.
import type { Agency } from '#kernel/envelope';
import { silentCadences } from '#tlog/anchors-file';
import type { PeerConfig } from '../config';
import type { Sql } from '../database';

export type AnchorState = {
  readonly agency: Agency;
  readonly origin: string;
  /** RFC 3339 UTC; undefined while none has been seen. */
  readonly lastAt: string | undefined;
  readonly missing: boolean;
};

export type AnchorWatchParts = {
  readonly sql: Sql;
  readonly own: { readonly agency: Agency; readonly origin: string; readonly lastAt: () => string };
  readonly peers: readonly Pick<PeerConfig, 'agency' | 'origin'>[];
  /** Of this agency; what a peer has not said yet is taken to be the same. */
  readonly everySeconds: number;
  /** RFC 3339 UTC. */
  readonly clock: () => string;
};

type Seen = { readonly at: string; readonly everySeconds: number };

export class AnchorWatch {
  /** What nobody could look at before this process began is not held against anybody. */
  private readonly since: number;

  constructor(private readonly parts: AnchorWatchParts) {
    this.since = Date.parse(parts.clock());
  }

  /** The own agency first. */
  async states(): Promise<AnchorState[]> {
    const { own, peers, everySeconds } = this.parts;
    const mine = this.stateOf(own, { at: own.lastAt(), everySeconds });
    const others = await Promise.all(peers.map(async (peer) => this.stateOf(peer, await this.seenOf(peer))));
    return [mine, ...others];
  }

  private stateOf({ agency, origin }: Pick<PeerConfig, 'agency' | 'origin'>, seen: Seen | undefined): AnchorState {
    const { clock, everySeconds } = this.parts;
    const last = Math.max(seen ? Date.parse(seen.at) : 0, this.since);
    const late = Date.parse(clock()) - last > silentCadences * 1000 * (seen?.everySeconds ?? everySeconds);
    return { agency, origin, lastAt: seen?.at, missing: late };
  }

  private async seenOf({ agency, origin }: Pick<PeerConfig, 'agency' | 'origin'>): Promise<Seen | undefined> {
    const [row] = await this.parts.sql.query(
      `select bytes, received_at from inbox.entry where origin = $1 and type = $2 order by index desc limit 1`,
      [origin, `${agency}.journal-anchored.v1`],
    );
    if (!row) return undefined;
    // The follower accepted only entries of the right form; a cadence out of the promised bounds is taken for the longest.
    const { at, data } = JSON.parse(row.bytes.toString('utf8')) as { at: string; data: { everySeconds?: unknown } };
    const every = Number(data.everySeconds);
    const everySeconds = every >= 1 && every <= longestSeconds ? every : longestSeconds;
    // An anchor of tomorrow is as old as its arrival: nobody makes himself heard in advance.
    const received = row.received_at as string;
    return { at: Date.parse(at) < Date.parse(received) ? at : received, everySeconds };
  }
}

const longestSeconds = 3_600;
