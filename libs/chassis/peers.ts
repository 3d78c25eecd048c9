// The agency's view of its peers: one follower each. A peer that is down, silent or lying concerns its own follower
// alone; everything else of the service works on.
import { setTimeout as pause } from 'node:timers/promises';
import type { DataSource } from 'typeorm';
import type { Agency, Basis, Seen } from '#kernel/envelope';
import { Follower } from '#stream/follower';
import type { FollowerCounts, FollowerState } from '#stream/follower';
import { httpSource } from '#stream/http-source';
import type { LogSink } from '#stream/log-sink';
import type { Learn } from '#stream/open-note';
import type { Inbox } from '#stream/inbox';
import type { PeerSource } from '#stream/peer-source';
import { inboxSchema, PgInbox, positionSchema } from '#stream/pg/inbox';
import type { VerifierKey } from '#tlog/key';
import { migration } from './database';
import type { Pulse } from './pulse';

export const inboxMigrations = [
  migration(2026112411, 'Inbox', inboxSchema),
  migration(2026113016, 'BrokerPositions', positionSchema),
];

export type Peer = {
  readonly agency: Agency;
  /** Of the peer's feed; its log lies under `/log`. */
  readonly url: string;
  readonly origin: string;
  /** The peer's verifier key, of which it knows the successors; undefined while it is not known yet. */
  readonly key: () => Promise<VerifierKey | undefined>;
  /** Takes what the peer serves of them beside its log. */
  readonly learn?: Learn;
};

/** `message` is for the console, `detail` for whoever operates the service. */
export type PeerState = { readonly agency: Agency; readonly origin: string; readonly detail: string } & FollowerState;

type Closable = { close(): unknown };
type Carried = Pick<FollowersParts, 'clock' | 'log'> & {
  readonly origin: string;
  readonly key: VerifierKey;
  readonly inbox: PgInbox;
  readonly onState: () => void;
};
/** Puts another carrier of a peer's log before its HTTP feed, which stays behind it. */
export type Carry = (peer: Carried, http: PeerSource & { close(): void }) => PeerSource & Closable;

export type FollowersParts = {
  readonly peers: readonly Peer[];
  readonly database: DataSource;
  readonly pulse: Pulse;
  /** RFC 3339 UTC. */
  readonly clock: () => string;
  readonly own: { readonly origin: string; size(): number };
  readonly log: LogSink;
  /** Puts something around each inbox, such as a file for each fork that is kept. */
  readonly around?: (inbox: Inbox) => Inbox;
  readonly carry?: Carry | undefined;
};

const sentences: Readonly<Record<FollowerState['state'], string>> = {
  following: '对方出示了较旧的日志，已忽略，以本机关已核验的为准。',
  unreachable: '暂时读不到对方的日志，或读到的内容没有通过核验，正在自动重试；本机关工作不受影响。',
  stopped: '对方的日志前后矛盾或内容无效，已停止接收并保全证据，请联系系统管理员会同对方核对。',
};

const keyUnknown: FollowerState = {
  size: 0,
  state: 'unreachable',
  verifiedAt: '',
  message: 'the verifier key of this peer is not known yet',
};
const askForKeyMs = 250;

export class Peers {
  private readonly stopped = new AbortController();
  private readonly followers = new Map<string, Follower>();
  private readonly running: Promise<unknown>;
  private readonly sizes: Map<string, number>;

  constructor(
    private readonly parts: FollowersParts,
    sizes: ReadonlyMap<string, number>,
  ) {
    this.sizes = new Map(sizes);
    this.running = Promise.all(parts.peers.map((peer) => this.follow(peer)));
  }

  states(): readonly PeerState[] {
    return this.parts.peers.map(({ agency, origin }) => {
      const state = this.followers.get(origin)?.state() ?? keyUnknown;
      const message = state.message === '' ? '' : sentences[state.state];
      return { agency, origin, ...state, size: this.sizes.get(origin) ?? 0, message, detail: state.message };
    });
  }

  /** Sizes of the peers' logs that are verified and stored here. @param cause what is acted upon: it is stored here */
  seen(cause?: Basis): Seen {
    return seenWith(this.sizes, this.parts.peers, cause);
  }

  own(): { origin: string; size: number } {
    return { origin: this.parts.own.origin, size: this.parts.own.size() };
  }

  /** Lets a peer's follower look at its inbox again, where somebody may have stopped it. */
  recheck(origin: string): void {
    this.followers.get(origin)?.recheck();
  }

  /** How often what a peer served was not accepted, by origin. */
  counts(): Readonly<Record<string, FollowerCounts>> {
    return Object.fromEntries([...this.followers].map(([origin, follower]) => [origin, follower.counts()]));
  }

  async stop(): Promise<void> {
    this.stopped.abort();
    await this.running;
  }

  private async follow(peer: Peer): Promise<void> {
    const { database, pulse, clock, log, around = (inbox: Inbox) => inbox } = this.parts;
    const { origin } = peer;
    const { signal } = this.stopped;
    const key = await this.keyOf(peer);
    if (!key) return;
    const http = httpSource(`${peer.url.replace(/\/+$/, '')}/log`);
    const onAccepted = (size: number) => {
      this.sizes.set(origin, size);
      pulse.tell({ kind: 'inbox', origin, size });
    };
    const onState = () => pulse.tell({ kind: 'peer', origin });
    const stored = new PgInbox(database, new Map([[origin, peer.agency]]));
    const source = this.parts.carry?.({ origin, key, inbox: stored, clock, log, onState }, http) ?? http;
    const inbox = around(stored);
    const follower = new Follower({
      ...{ origin, key, source, inbox, clock, log, onAccepted, onState },
      ...(peer.learn && { learn: peer.learn }),
    });
    this.followers.set(origin, follower);
    // Closing breaks off what is under way, so that a silent peer cannot hold up the stop of the service.
    const close = async () => void (await source.close());
    signal.addEventListener('abort', close, { once: true });
    await follower.follow(signal);
    signal.removeEventListener('abort', close);
    await close();
  }

  private async keyOf({ origin, key: ask }: Peer): Promise<VerifierKey | undefined> {
    const { log } = this.parts;
    const { signal } = this.stopped;
    for (let told = ''; !signal.aborted;) {
      try {
        const key = await ask();
        if (key?.name === origin) return key;
        if (key) throw new Error(`the key given for ${origin} is that of ${key.name}`);
      } catch (error) {
        // A key file may be half there during a first start; a wrong one is told once and waits for correction.
        if (told !== (error as Error).message) log.error({ origin, err: error }, 'no usable key of this peer');
        told = (error as Error).message;
      }
      await pause(askForKeyMs, undefined, { signal }).catch(() => undefined);
    }
    return undefined;
  }
}

/** Starts following; resolves at once, whether the peers are there or not. */
export async function startFollowers(parts: FollowersParts): Promise<Peers> {
  const rows = await parts.database.query('select origin, size from inbox.peer');
  const known = new Set(parts.peers.map(({ origin }) => origin));
  const sizes = rows.map((row: { origin: string; size: string }): [string, number] => [row.origin, Number(row.size)]);
  return new Peers(parts, new Map(sizes.filter(([origin]: [string, number]) => known.has(origin))));
}

/**
 * When the answer to an acceptance is lost, its entries are stored and may be acted upon before the follower has read
 * anew how many there are; whoever acts upon one of them has seen it all the same.
 */
export function seenWith(
  sizes: ReadonlyMap<string, number>,
  peers: readonly { readonly origin: string }[],
  cause: Basis | undefined,
): Seen {
  const size = (origin: string): number => {
    const known = sizes.get(origin) ?? 0;
    return cause?.origin === origin ? Math.max(known, cause.index + 1) : known;
  };
  const all = peers.map(({ origin }): [string, number] => [origin, size(origin)]);
  return Object.fromEntries(all.filter(([, most]) => most > 0));
}
