// One agency's log as its readers understand it: entry by entry, by the same contracts as the services. What cannot be
// used is set aside with all that follows in its stream, as the services do it, and becomes a finding.
import type { Agency, Basis, Entry, Published } from '#kernel/envelope';
import { agencies } from '#kernel/envelope';
import { agencyNames } from '#contracts/agencies';
import type { EntryFlaw } from '#contracts/published';
import { publishedOf } from '#contracts/published';
import { fromUtf8, toHex } from '#tlog/bytes';
import { leafHash } from '#tlog/merkle';
import { hostOf } from '#tlog/policy';
import type { Finding } from './sentences';

/** An entry as it stands in the log; `published` is missing where it was set aside. */
export type Spoken = { readonly entry: Entry; readonly address: Basis; readonly published?: Published };

type Flaw = EntryFlaw['flaw'] | 'actor' | 'envelope';
const flaws: Readonly<Record<Flaw, Pick<Finding, 'verdict' | 'what' | 'reason'>>> = {
  unknown: { verdict: 'PARTIAL', what: '事件类型为本程序版本所不识', reason: 'an event type unknown to this version' },
  form: { verdict: 'INVALID', what: '事件内容不合约定的格式', reason: 'data that is not as promised' },
  foreign: { verdict: 'INVALID', what: '该机关发布了不归它发布的事件', reason: "another agency's event type" },
  actor: { verdict: 'INVALID', what: '条目没有写明办理人', reason: 'no author as promised' },
  envelope: {
    verdict: 'INVALID',
    what: '条目的时间、所见或依据不合约定的格式',
    reason: 'no time, seen or cause as promised',
  },
};

export class Speaker {
  /** Entries set aside, the first of each kind of flaw with its index. */
  readonly findings: Finding[] = [];
  aside = 0;
  agency: Agency | undefined;
  private readonly asideFrom = new Set<string>();

  constructor(private readonly origin: string) {
    this.agency = agencyOf(origin);
  }

  /** @returns undefined for an entry that does not say as promised who wrote it, when, and knowing what */
  read(bytes: Uint8Array, index: number): Spoken | undefined {
    const entry = JSON.parse(fromUtf8(bytes)) as Entry;
    const flaw = !isNamed(entry) ? 'actor' : !isPlaced(entry) ? 'envelope' : undefined;
    if (flaw) {
      this.setAside(flaw, entry.stream, index);
      return undefined;
    }
    // A host that does not tell is an agency's whose people wrote in the log.
    this.agency ??= entry.actor.agency;
    const address = { origin: this.origin, index, hash: toHex(leafHash(bytes)) };
    if (this.asideFrom.has(entry.stream)) {
      this.aside++;
      return { entry, address };
    }
    const read = publishedOf(this.agency, address, entry);
    if (!('flaw' in read)) return { entry, address, published: read };
    this.setAside(read.flaw, entry.stream, index);
    return { entry, address };
  }

  private setAside(flaw: Flaw, stream: string, index: number): void {
    this.aside++;
    this.asideFrom.add(stream);
    const finding = { ...flaws[flaw], origin: this.origin, index };
    if (!this.findings.some(({ what }) => what === finding.what)) this.findings.push(finding);
  }
}

/** A ledger out of two logs is not the ledger that the three agencies agree on. */
export function missingAgencies(speakers: readonly Speaker[]): Finding[] {
  const spoken = speakers.map(({ agency }) => agency);
  const said = (agency: Agency) => spoken.filter((each) => each === agency).length;
  return agencies.flatMap((agency): Finding[] => {
    const name = agencyNames[agency];
    if (said(agency) === 1) return [];
    if (said(agency) === 0) {
      return [{ verdict: 'PARTIAL', origin: agency, what: `没有给出${name}的日志`, reason: 'its log was not given' }];
    }
    const reason = 'more than one log claims to be of this agency';
    return [{ verdict: 'INVALID', origin: agency, what: `有一份以上的日志自称属于${name}`, reason }];
  });
}

function isNamed({ actor }: Entry): boolean {
  const { agency, id, name, role } = actor as Partial<Record<keyof Entry['actor'], unknown>>;
  return [id, name, role].every((word) => typeof word === 'string') && agencies.includes(agency as Agency);
}

function isPlaced({ at, seen, cause }: Entry): boolean {
  const isIndex = (value: unknown) => Number.isSafeInteger(value) && (value as number) >= 0;
  if (Number.isNaN(Date.parse(at)) || !Object.values(seen).every(isIndex)) return false;
  if (cause === undefined) return true;
  const { origin, index, hash } = (cause ?? {}) as Partial<Record<keyof Basis, unknown>>;
  return typeof origin === 'string' && isIndex(index) && typeof hash === 'string';
}

/** The agency that a log or key is of, by the first word of its host; undefined for one that is no agency's. */
export function agencyOf(name: string): Agency | undefined {
  const [first] = hostOf(name).split('.');
  return agencies.find((agency) => agency === first);
}
