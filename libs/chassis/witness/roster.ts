// Who witnesses, and how many are enough: the trust policy file (C2SP tlog-policy) that the settings name, or without one
// the agencies of this region, each log needing all the others.
import { readFileSync } from 'node:fs';
import type { Agency } from '#kernel/envelope';
import type { VerifierKey } from '#tlog/key';
import { hostOf, parsePolicy, PolicyFault, ruleFor, worthOf } from '#tlog/policy';
import { strengthOf } from '#tlog/quorum';
import type { Rule } from '#tlog/quorum';
import type { Config, PeerConfig } from '../config';
import type { KeyBook } from '../key-book';
import { peerWitnessKey, witnessName } from '../keys';

export type Seat = {
  /** As the policy calls it; the agency's name without a policy. */
  readonly name: string;
  /** Name of the witness's key. */
  readonly keyName: string;
  /** Whose witness it is, when it is an agency's. */
  readonly agency?: Agency;
  /** Where it answers; absent for the own one and for one whose address nobody gave. */
  readonly url?: string;
  /** undefined while a witness on this machine has not left its key yet. */
  readonly key: () => Promise<VerifierKey | undefined>;
};

export class Roster {
  constructor(
    readonly seats: readonly Seat[],
    /** Of the whole region; for one log, `ruleOf`. */
    readonly rule: Rule,
  ) {}

  /** The same, each agency's witness by the key that grows while its log announces others. */
  following(peers: readonly PeerConfig[], book: Pick<KeyBook, 'following'>): Roster {
    const seats = this.seats.map((seat): Seat => {
      const peer = peers.find(({ agency }) => agency === seat.agency);
      if (!peer) return seat;
      const key = async () => {
        const found = await seat.key();
        return found && book.following(found, peer.origin);
      };
      return { ...seat, key };
    });
    return new Roster(seats, this.rule);
  }

  /** What a log of this origin needs; its own agency's witness does not count for it. */
  ruleOf(origin: string): Rule {
    const named = this.seats.map(({ name, keyName }) => ({ name, key: { name: keyName } }));
    return ruleFor(this.rule, named, origin);
  }

  /** What that rule is worth, in one sentence. */
  worth(origin: string): { readonly weak: boolean; readonly sentence: string } {
    return worthOf(this.ruleOf(origin));
  }

  /** Witnesses whose word counts for a log. */
  seatsOf(origin: string): Seat[] {
    return this.seats.filter(({ keyName }) => hostOf(keyName) !== hostOf(origin));
  }
}

/** @throws PolicyFault when the policy cannot be followed, or a log of this region could never meet it */
export function rosterOf(config: Config): Roster {
  const roster = config.policyFile === undefined ? regionOf(config) : readRoster(config, config.policyFile);
  for (const { origin } of [config, ...config.peers]) {
    const rule = roster.ruleOf(origin);
    if (!strengthOf(rule).possible) throw new PolicyFault(`日志 ${origin} 的${worthOf(rule).sentence}`);
  }
  return roster;
}

function regionOf(config: Config): Roster {
  const seats = agencySeats(config);
  if (config.peers.length === 0) return new Roster(seats, { kind: 'none' });
  const members = seats.map(({ name }): Rule => ({ kind: 'witness', name }));
  return new Roster(seats, { kind: 'group', needed: config.peers.length, members });
}

function readRoster(config: Config, path: string): Roster {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    throw new PolicyFault(`打不开信任策略文件 ${path}(${code}),请核对路径和读取权限`, { cause });
  }
  const { witnesses, rule } = parsePolicy(text);
  const agencies = agencySeats(config);
  const seats = witnesses.map(({ name, key, url }): Seat => {
    const { agency, url: known } = agencies.find(({ keyName }) => keyName === key.name) ?? {};
    const at = url ?? known;
    return {
      name,
      keyName: key.name,
      key: () => Promise.resolve(key),
      ...(agency !== undefined && { agency }),
      ...(at !== undefined && { url: at }),
    };
  });
  return new Roster(seats, rule);
}

function agencySeats({ agency, origin, peers, trustFolder }: Config): Seat[] {
  const own: Seat = { name: agency, keyName: witnessName(origin), agency, key: () => Promise.resolve(undefined) };
  const others = peers.map((peer): Seat => {
    const url = `${peer.url}/witness`;
    const key = () => peerWitnessKey(trustFolder, peer);
    return { name: peer.agency, keyName: witnessName(peer.origin), agency: peer.agency, url, key };
  });
  return [own, ...others];
}
