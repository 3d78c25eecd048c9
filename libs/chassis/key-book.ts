// Which keys sign for the peers, as this agency knows it: the key that people have given it, and those that took over
// since, as the peers' logs announce it. Whoever holds a key of this book holds one that grows while he holds it.
import type { Inbox } from '#stream/inbox';
import { fromUtf8, utf8 } from '#tlog/bytes';
import { readHandover, readHandovers, withHandovers } from '#tlog/handover';
import type { Handover, Revocation } from '#tlog/handover';
import type { KeyType, SecondKey, Turn, VerifierKey } from '#tlog/key';
import { NoteFault } from '#tlog/note';
import type { OwnWord } from './announce-keys';
import type { Config } from './config';
import type { Sql } from './database';
import { missingProofs, peerKey } from './keys';
import { peerSecond } from './second-line';
import { revocationsOf, wordOf } from '#tlog/revocations';
import type { Word } from '#tlog/revocations';
import type { LogSink } from '#stream/log-sink';

export type KeyBookParts = {
  readonly sql: Sql;
  readonly config: Pick<Config, 'agency' | 'origin' | 'peers' | 'trustFolder'> & Partial<Pick<Config, 'profile'>>;
  /** What the own agency has said of others' keys. */
  readonly words?: readonly OwnWord[];
  readonly log?: Pick<LogSink, 'warn'>;
};

const announced = '.key-announced.v1';
const revoked = '.key-revoked.v1';

/** What the logs say of one agency's keys. */
type Said = { readonly handovers: readonly Handover[]; readonly revocations: readonly Revocation[] };
type Known = { now: Said };

export class KeyBook {
  private readonly keys = new Map<string, VerifierKey>();
  private readonly said = new Map<string, Promise<Known>>();

  constructor(private readonly parts: KeyBookParts) {}

  /** Of a peer's log; undefined while the peer has not left its key here. @throws BadKey */
  async logKey(origin: string): Promise<VerifierKey | undefined> {
    const { peers, trustFolder } = this.parts.config;
    const known = this.keys.get(origin);
    if (known) return known;
    const peer = peers.find((each) => each.origin === origin);
    // A key file is read until it is there, then never again: parsing a key costs more than all that is done with it.
    const key = peer && (await peerKey(trustFolder, peer));
    if (!key) return undefined;
    const unproven = missingProofs(trustFolder, peer.agency);
    if (unproven.length > 0)
      this.parts.log?.warn({ origin, unproven }, 'a peer has not proven that it has its keys; ask it for key-proof');
    const second = await peerSecond(this.parts.config, peer);
    const growing = await this.following({ ...key, ...(second && { second }) }, origin);
    this.keys.set(origin, growing);
    return growing;
  }

  /** The notes of a peer's log by which its agency's keys followed each other. */
  async handovers(origin: string): Promise<readonly string[]> {
    return (await this.saidOf(origin)).now.handovers.map(({ note }) => note);
  }

  /** Events by which the own agency speaks of others' keys. */
  ownWords(): readonly string[] {
    return (this.parts.words ?? []).map(({ id }) => id);
  }

  /** For a witness that a policy file names. @param origin of the peer whose witness it is */
  async following(key: VerifierKey, origin: string): Promise<VerifierKey> {
    return new GrowingKey(key, await this.saidOf(origin));
  }

  /** Takes what a peer serves beside its log, as one must who was away longer than an overlap. @returns is it new? */
  async learn(origin: string, served: Uint8Array): Promise<boolean> {
    const said = await this.saidOf(origin);
    const known = new Set(said.now.handovers.map(({ note }) => note));
    let read: Handover[];
    try {
      read = readHandovers(fromUtf8(served)).filter((each) => each.origin === origin && !known.has(each.note));
    } catch (error) {
      if (error instanceof NoteFault || error instanceof TypeError) return false;
      throw error;
    }
    // What the log itself announces comes first and counts.
    said.now = { ...said.now, handovers: [...said.now.handovers, ...read] };
    return read.length > 0;
  }

  /** Looks again when an accepted entry speaks of keys. */
  around(inbox: Inbox): Inbox {
    return {
      load: (origin) => inbox.load(origin),
      keep: (origin, evidence) => inbox.keep(origin, evidence),
      stop: (origin, message) => inbox.stop(origin, message),
      accept: async (origin, acceptance) => {
        await inbox.accept(origin, acceptance);
        const speaks = (of: string) => acceptance.entries.some(({ type }) => type.endsWith(of));
        if (speaks(revoked)) await this.readAgain([...this.said.keys()]);
        else if (speaks(announced)) await this.readAgain([origin]);
      },
    };
  }

  private saidOf(origin: string): Promise<Known> {
    const said = this.said.get(origin) ?? this.read(origin).then((now) => ({ now }));
    this.said.set(origin, said);
    // The database may be away: the next one who asks reads again.
    said.catch(() => this.said.delete(origin));
    return said;
  }

  private async readAgain(origins: readonly string[]): Promise<void> {
    for (const origin of origins) {
      const said = await this.saidOf(origin);
      said.now = await this.read(origin);
    }
  }

  private async read(origin: string): Promise<Said> {
    return { handovers: await this.announced(origin), revocations: await this.revoked(origin) };
  }

  private async revoked(origin: string): Promise<Revocation[]> {
    const { sql, config, words = [], log } = this.parts;
    const said: Word[] = [...words];
    for (const { agency, origin: from } of config.peers) {
      const rows: { bytes: Buffer }[] = await sql.query(
        'select bytes from inbox.entry where origin = $1 and type = $2 order by index',
        [from, agency + revoked],
      );
      const read = rows.map(({ bytes }) => wordOf(agency, JSON.parse(bytes.toString('utf8')).data));
      said.push(...read.filter((word) => word !== undefined));
    }
    const own = said.filter((word) => word.origin === config.origin);
    if (own.length > 0) log?.warn({ words: own.length }, 'peers have revoked a key of the own log');
    const whose = config.peers.find((each) => each.origin === origin)?.agency;
    return revocationsOf(
      said.filter((word) => word.origin === origin),
      whose,
      config.agency,
    );
  }

  private async announced(origin: string): Promise<Handover[]> {
    const { sql, config, log } = this.parts;
    const agency = config.peers.find((each) => each.origin === origin)?.agency;
    const rows: { index: string; bytes: Buffer }[] = await sql.query(
      'select index, bytes from inbox.entry where origin = $1 and type = $2 order by index',
      [origin, `${agency}${announced}`],
    );
    return rows.flatMap(({ index, bytes }) => {
      try {
        const { data } = JSON.parse(bytes.toString('utf8')) as { data: { note?: unknown } };
        const handover = readHandover(utf8(String(data.note)));
        if (handover.origin !== origin) throw new NoteFault(`it is of ${handover.origin}`);
        return [handover];
      } catch (error) {
        if (!(error instanceof NoteFault)) throw error;
        // Signed, in the log, and no announcement: it names no key, so there is nothing to follow.
        log?.warn({ origin, index, err: error }, 'an entry announces a key without proof of it; it counts for nothing');
        return [];
      }
    });
  }
}

/** A key whose later turns are looked up when it is used. */
class GrowingKey implements VerifierKey {
  readonly name: string;
  readonly type: KeyType;
  readonly publicKey: Uint8Array;
  readonly keyId: Uint8Array;
  readonly second?: SecondKey;
  private made: { readonly of: Said; readonly turns: readonly Turn[] } | undefined;

  constructor(
    private readonly anchor: VerifierKey,
    private readonly known: Known,
  ) {
    ({ name: this.name, type: this.type, publicKey: this.publicKey, keyId: this.keyId } = anchor);
    if (anchor.second) this.second = anchor.second;
  }

  get turns(): readonly Turn[] {
    const { now } = this.known;
    if (this.made?.of !== now) {
      this.made = { of: now, turns: withHandovers(this.anchor, now.handovers, now.revocations).turns ?? [] };
    }
    return this.made.turns;
  }
}
