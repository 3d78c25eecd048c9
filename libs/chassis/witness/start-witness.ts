// The witness side of a service: its own witness, the gathering of the others' cosignatures, and what is done when a log
// contradicts itself. It stands beside followers and relay and looks only at what they have stored.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { DataSource } from 'typeorm';
import type { Inbox } from '#stream/inbox';
import { PgInbox } from '#stream/pg/inbox';
import type { VerifierKey } from '#tlog/key';
import { HASH_SIZE } from '#tlog/sha256';
import type { Clock } from '../clock';
import type { Config } from '../config';
import type { KeyBook } from '../key-book';
import type { Keys } from '../keys';
import type { Log } from '../logging';
import type { Peers } from '../peers';
import type { Pulse } from '../pulse';
import { lastCheckpoint } from '../relay-tables';
import { Cosignatures } from './cosignatures';
import { Exchange } from './exchange';
import type { GatheredLog } from './exchange';
import { Forks } from './forks';
import { lostHistory, ownRootAt } from './own-history';
import type { Roster, Seat } from './roster';
import { Showing } from './showing';
import { ClockSkews } from './skew';
import type { StoredTiles } from './stored-tiles';
import { StoredTree } from './stored-tree';
import { Telling } from './telling';
import { Witness } from './witness';
import { WitnessFeed } from './witness.api';

export type WitnessingParts = {
  readonly config: Config;
  readonly database: DataSource;
  readonly tiles: StoredTiles;
  readonly keys: Keys;
  readonly book: KeyBook;
  readonly clock: Clock;
  readonly pulse: Pulse;
  readonly log: Log;
  readonly roster: Roster;
  /** The own log in tlog-tiles layout. */
  readonly folder: string;
  readonly onFork: (origin: string) => void;
  /** Told when others hold what the own log does not know: it must not sign any more. */
  readonly onLost: (error: Error) => void;
};

export class Witnessing {
  /** Of the witnesses' clocks and the own one. */
  readonly skews = new ClockSkews();
  private readonly tree: StoredTree;
  private readonly forks: Forks;
  private readonly telling: Telling;
  private witness: Witness | undefined;
  private exchange: Exchange | undefined;
  private showing: Showing | undefined;

  private constructor(
    private readonly parts: WitnessingParts,
    readonly cosignatures: Cosignatures,
  ) {
    const { config, database, clock, log, roster, onFork } = parts;
    this.telling = new Telling(roster.seats, log);
    this.tree = new StoredTree(database);
    const folder = join(config.folder, 'evidence');
    this.forks = new Forks({
      ...{ folder, tree: this.tree, clock: () => clock.now(), log },
      onFork: (origin, notes) => {
        onFork(origin);
        this.telling.tell(origin, notes);
      },
    });
  }

  static async open(parts: WitnessingParts): Promise<Witnessing> {
    const { database, roster, pulse, config, folder } = parts;
    const own = { origin: config.origin, folder };
    return new Witnessing(parts, await Cosignatures.open(database, roster, pulse, own));
  }

  /** For the followers: evidence of a fork also becomes a file. */
  around(inbox: Inbox): Inbox {
    return this.forks.around(inbox);
  }

  /** Cosigns and gathers from now on. @returns what the routes serve */
  start(peers: Peers): WitnessFeed {
    const { config, database, tiles, keys, book, clock, pulse, log, roster, folder } = this.parts;
    const logs = config.peers.map((peer) => {
      const key = () => book.logKey(peer.origin);
      const inbox = new PgInbox(database, new Map([[peer.origin, peer.agency]]));
      const onContradiction = async (size: bigint, note: Uint8Array, from: string) => {
        await this.forks.report(peer.origin, { size, note, from }, inbox);
        peers.recheck(peer.origin);
      };
      const rootAt = (size: bigint) => this.tree.rootAt(peer.origin, size);
      return { origin: peer.origin, key, size: () => peers.seen()[peer.origin] ?? 0, rootAt, onContradiction };
    });
    this.witness = new Witness({
      database,
      key: keys.witness,
      logs,
      tree: this.tree,
      cosignatures: this.cosignatures,
      milliseconds: () => clock.milliseconds(),
      pulse,
      log,
      onFork: async (origin, size, note) => {
        await logs.find((each) => each.origin === origin)?.onContradiction(size, note, 'add-checkpoint');
      },
    });
    this.witness.start();
    const seats = roster.seats.map(remembering);
    const { cosignatures } = this;
    const own = this.ownLog(peers);
    this.exchange = new Exchange({ seats, logs: [own, ...logs], cosignatures, pulse, log });
    this.showing = new Showing({
      ...{ seats: roster.seatsOf(config.origin).map(remembering), own, cosignatures, pulse, log },
      ...{ skews: this.skews, milliseconds: () => clock.milliseconds() },
      visible: () => readIfThere(join(folder, 'checkpoint')),
      tiles: tiles.of(config.origin),
    });
    this.tellWorth();
    // For audits of the folder; whoever can forge the log can forge this file too, as with the log's own key.
    writeFileSync(join(folder, 'witness-vkey'), `${keys.witnessVkey}\n`);
    return new WitnessFeed({ witness: this.witness, vkey: keys.witnessVkey, folder });
  }

  async stop(): Promise<void> {
    await Promise.all([this.witness?.stop(), this.exchange?.stop(), this.showing?.stop(), this.telling.stop()]);
  }

  private ownLog(peers: Peers): GatheredLog {
    const { config, database, keys, onLost } = this.parts;
    const { origin } = config;
    return {
      origin,
      key: () => Promise.resolve(keys.log),
      size: () => peers.own().size,
      // A size never signed here has no root here: whatever others hold of it contradicts.
      rootAt: async (size) => (await ownRootAt(database, size)) ?? new Uint8Array(HASH_SIZE),
      onContradiction: async (size, note, from) => {
        const held = await lastCheckpoint(database);
        const message = `${from} holds a checkpoint of size ${size} that this log does not know`;
        this.forks.write(origin, { kind: 'fork', at: '', message, note, held: held?.note });
        onLost(await lostHistory(database, origin, size, from));
      },
    };
  }

  private tellWorth(): void {
    const { config, roster, log } = this.parts;
    for (const { origin } of [config, ...config.peers]) {
      const { weak, sentence } = roster.worth(origin);
      if (weak) log.warn({ origin }, sentence);
      else log.debug({ origin }, sentence);
    }
  }
}

/** A key file is read until it is there, then never again: parsing a key costs more than all that is done with it. */
function remembering(seat: Seat): Seat {
  let found: VerifierKey | undefined;
  return { ...seat, key: async () => (found ??= await seat.key()) };
}

function readIfThere(path: string): Uint8Array | undefined {
  return existsSync(path) ? readFileSync(path) : undefined;
}
