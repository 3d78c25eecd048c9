// All that three logs say about one issue, named by its id or by the number that people know it by. The number stands in
// the registration alone, so the registering log is read first, and of the others only what is about the issue is kept.
import type { PublishedData } from '#contracts/events';
import { issueField } from '#joint/passport/cover';
import { readLogs } from './readings';
import type { ReadLog } from './readings';
import type { Finding } from './sentences';
import { BadTarget, placeOf } from './sources';
import { agencyOf, missingAgencies, Speaker } from './speaker';
import type { Spoken } from './speaker';
import { keyOf, readPolicy } from './verify';
import type { AuditOptions } from './verify';

export type Registration = PublishedData<'inspection.issue-registered.v1'>;
export type RoundOpened = PublishedData<'inspection.round-opened.v1'>;

export interface AboutIssue {
  readonly logs: readonly ReadLog[];
  /** Of logs that do not verify: then nothing else counts. */
  readonly faults: readonly Finding[];
  /** Of entries and agencies. */
  readonly findings: readonly Finding[];
  readonly issueId: string;
  readonly registration?: Registration;
  readonly round?: RoundOpened;
  /** Log by log, each in its own order. */
  readonly entries: readonly Spoken[];
}

const registering = 'inspection.issue-registered.v1';

/**
 * @param name id or number of an issue
 * @throws BadTarget when no issue, or more than one, has that name; PolicyFault
 */
export async function aboutIssue(targets: readonly string[], name: string, options: AuditOptions): Promise<AboutIssue> {
  const gathering = new Gathering(name);
  const ordered = await registeringFirst(targets, options);
  const { logs, faults } = await readLogs(ordered, options, (origin) => gathering.log(origin));
  if (faults.length > 0) return { logs, faults, findings: [], issueId: name, entries: [] };
  const found = gathering.one();
  const findings = [...gathering.speakers.flatMap((speaker) => speaker.findings)];
  return { logs, faults, findings: [...findings, ...missingAgencies(gathering.speakers)], ...found };
}

async function registeringFirst(targets: readonly string[], options: AuditOptions): Promise<string[]> {
  const policy = options.policy === undefined ? undefined : await readPolicy(options.policy);
  const later = await Promise.all(
    targets.map(async (target) => {
      try {
        const { name } = await keyOf(await placeOf(target, options.patience), policy);
        return agencyOf(name) === 'inspection' ? 0 : 1;
      } catch {
        // What is wrong with it is said when it is read.
        return 1;
      }
    }),
  );
  return targets
    .map((target, n) => ({ target, n }))
    .sort((a, b) => later[a.n]! - later[b.n]!)
    .map(({ target }) => target);
}

class Gathering {
  readonly speakers: Speaker[] = [];
  private readonly registrations = new Map<string, Registration>();
  private readonly rounds = new Map<string, RoundOpened>();
  private readonly entries = new Map<string, Spoken[]>();
  private registered = false;

  constructor(private readonly name: string) {}

  log(origin: string): (bytes: Uint8Array, index: number) => void {
    const speaker = new Speaker(origin);
    this.speakers.push(speaker);
    return (bytes, index) => {
      const spoken = speaker.read(bytes, index);
      if (spoken) this.take(spoken);
    };
  }

  one(): Pick<AboutIssue, 'issueId' | 'registration' | 'round' | 'entries'> {
    const ids = this.entries.has(this.name) ? [this.name] : [...this.registrations.keys()];
    if (ids.length === 0) throw new BadTarget(`这些日志里没有编号或标识为“${this.name}”的问题,请核对`);
    if (ids.length > 1) throw new BadTarget(`“${this.name}”不只是一个问题的编号,请改用下列标识之一:\n${this.list()}`);
    const [issueId] = ids as [string];
    const registration = this.registrations.get(issueId);
    const round = registration && this.rounds.get(registration.roundId);
    const entries = this.entries.get(issueId) ?? [];
    return { issueId, entries, ...(registration && { registration }), ...(round && { round }) };
  }

  private take(spoken: Spoken): void {
    const { entry, published } = spoken;
    if (published?.type === 'inspection.round-opened.v1') {
      const data = published.data as RoundOpened;
      this.rounds.set(data.roundId, data);
    }
    const id = entry.data?.[issueField];
    if (typeof id !== 'string') return;
    if (published?.type === registering) {
      this.registered = true;
      const data = published.data as Registration;
      if (id === this.name || numberOf(data.number) === numberOf(this.name)) this.registrations.set(id, data);
    }
    // Before any registration was read, whatever names an issue may turn out to be about the one asked for.
    if (this.registered && id !== this.name && !this.registrations.has(id)) return;
    const entries = this.entries.get(id);
    if (entries) entries.push(spoken);
    else this.entries.set(id, [spoken]);
  }

  private list(): string {
    const lines = [...this.registrations].map(
      ([id, { number, title, unitName }]) => `  ${id} ${number} ${title}(${unitName})`,
    );
    return lines.join('\n');
  }
}

/** Brackets and digits are typed in either width, and with blanks or without. */
function numberOf(text: string): string {
  return text.normalize('NFKC').replace(/\s+/g, '').toLowerCase();
}
