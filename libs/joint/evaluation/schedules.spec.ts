// The protocol of an opening under every kind of mishap: three agencies and a convener whose entries arrive late, twice or
// after a crash, parties that withhold, come late or show something else. Whatever happens, all come to one outcome.
import type { Agency } from '#kernel/envelope';
import { agencies } from '#kernel/envelope';
import type { Given } from '#kernel/decider';
import { fold } from '#kernel/decider';
import { Random } from '#testing/simulation/random';
import { commitmentOf } from './commitment';
import type { Commitment, CommitmentCommand, CommitmentEvent } from './commitment';
import { openingOf } from './opening';
import type { OpeningCommand, OpeningEvent } from './opening';
import { outcomeOf } from './outcome';
import type { OpeningFacts } from './outcome';

const openingId = 'e1.u1';
const convener: Agency = 'inspection';
const opening = openingOf(convener);
const books = Object.fromEntries(agencies.map((each) => [each, commitmentOf(each)])) as Record<Agency, Commitment>;
const dayOf = (day: number) => `2025-11-${String(10 + day).padStart(2, '0')}`;
const terms = { kind: 'sheet', parties: agencies, due: dayOf(3), revealDue: dayOf(6) } as const;
const valueOf = (agency: Agency) => ({ points: agency.length * 100 });
const saltOf = (agency: Agency) => (agency.length % 10).toString().repeat(64);

type Manner = 'honest' | 'neverCommits' | 'commitsLate' | 'neverReveals' | 'revealsLate' | 'revealsOther';
const manners: readonly Manner[] = ['neverCommits', 'commitsLate', 'neverReveals', 'revealsLate', 'revealsOther'];
type Entry = OpeningEvent | CommitmentEvent;

class Region {
  day = 0;
  readonly logs: Record<Agency, Entry[]> = { commission: [], organization: [], inspection: [] };
  private readonly own: Record<Agency, CommitmentEvent[]> = { commission: [], organization: [], inspection: [] };
  private readonly convened: OpeningEvent[] = [];
  private readonly cursors = Object.fromEntries(
    agencies.map((reader) => [reader, { commission: 0, organization: 0, inspection: 0 }]),
  ) as Record<Agency, Record<Agency, number>>;
  /** Whether a value stood in a log before the closing did. */
  early = false;

  constructor(
    private readonly random: Random,
    private readonly manner: Record<Agency, Manner>,
  ) {
    this.convene({ type: 'Open', ...terms });
  }

  convene(command: OpeningCommand): void {
    const events = attempt(() => opening.decide(command, fold(opening, this.convened), this.given(convener)));
    this.convened.push(...events);
    this.logs[convener].push(...events);
  }

  commit(agency: Agency): void {
    if (this.manner[agency] === 'neverCommits') return;
    if (this.manner[agency] === 'commitsLate' && this.day <= 4) return;
    this.ask(agency, { type: 'Commit', openingId, value: valueOf(agency), salt: saltOf(agency) });
  }

  /** The next entry of one log reaches one reader; sometimes it, or some before it, reached him already. */
  deliver(reader: Agency, log: Agency): void {
    const cursor = this.cursors[reader];
    if (this.random.chance(0.1)) cursor[log] = this.random.below(cursor[log] + 1);
    const entry = this.logs[log][cursor[log]];
    if (!entry) return;
    cursor[log]++;
    this.handle(reader, log, entry);
  }

  /** Everything arrives, days pass, the convener does what is left to him. */
  settle(look: () => void): void {
    for (let day = this.day; day <= 12; day++) {
      this.day = day;
      for (const agency of agencies) {
        this.commit(agency);
        // A restart: everything reaches everybody once more.
        this.cursors[agency] = { commission: 0, organization: 0, inspection: 0 };
      }
      this.arriveAll();
      this.convene({ type: 'CloseWithout', reason: '逾期' });
      this.arriveAll();
      this.convene({ type: 'ConcludeWithout', reason: '逾期' });
      this.arriveAll();
      look();
    }
  }

  private arriveAll(): void {
    for (let moved = true; moved;) {
      moved = false;
      for (const reader of agencies) {
        for (const log of agencies) {
          while (this.cursors[reader][log] < this.logs[log].length) {
            this.handle(reader, log, this.logs[log][this.cursors[reader][log]++]!);
            moved = true;
          }
        }
      }
    }
  }

  private handle(reader: Agency, log: Agency, entry: Entry): void {
    if (entry.type === 'Opened') this.ask(reader, { type: 'NoteOpening', ...entry.data });
    if (entry.type === 'Closed') this.ask(reader, { type: 'NoteClosing', closing: entry.data });
    if (reader !== convener) return;
    if (entry.type === 'Committed') this.convene({ type: 'NoteCommit', agency: log, commit: entry.data.commit });
    if (entry.type === 'Revealed') this.convene({ type: 'NoteReveal', openingId, agency: log, ...entry.data });
  }

  private ask(agency: Agency, command: CommitmentCommand): void {
    const book = books[agency];
    const events = attempt(() => book.decide(command, fold(book, this.own[agency]), this.given(agency)));
    for (const event of events) {
      if (event.type === 'Revealed' && !this.convened.some(({ type }) => type === 'Closed')) this.early = true;
      if (event.type === 'Revealed' && this.manner[agency] === 'neverReveals') continue;
      if (event.type === 'Revealed' && this.manner[agency] === 'revealsLate' && this.day <= 8) continue;
      this.own[agency].push(event);
      const shown = event.type === 'Revealed' && this.manner[agency] === 'revealsOther';
      this.logs[agency].push(shown ? { ...event, data: { ...event.data, value: { points: 0 } } } : event);
    }
  }

  private given(agency: Agency): Given {
    return {
      by: { agency, id: 'a', name: '某', role: 'system' },
      at: `${dayOf(this.day)}T01:00:00.000Z`,
      today: dayOf(this.day),
    };
  }
}

/** A refusal is an answer to whoever asked; a late or repeated asking is refused as well. */
function attempt<Event>(decide: () => readonly Event[]): readonly Event[] {
  try {
    return decide();
  } catch (error) {
    if ((error as Error).name === 'Refused') return [];
    throw error;
  }
}

/** What a reader knows who has so many entries of each log. */
function factsOf(logs: Record<Agency, readonly Entry[]>, held: (agency: Agency) => number): OpeningFacts {
  let facts: OpeningFacts = { openingId, commits: {}, values: {} };
  for (const agency of agencies) {
    for (const { type, data } of logs[agency].slice(0, held(agency))) {
      if (type === 'Opened') facts = { ...facts, terms: data };
      if (type === 'Closed') facts = { ...facts, closing: data };
      if (type === 'Concluded') facts = { ...facts, conclusion: data };
      if (type === 'Committed') facts = { ...facts, commits: { [agency]: data.commit, ...facts.commits } };
      if (type === 'Revealed') facts = { ...facts, values: { [agency]: data, ...facts.values } };
    }
  }
  return facts;
}

function run(seed: number) {
  const random = new Random(seed);
  const manner = { commission: 'honest', organization: 'honest', inspection: 'honest' } as Record<Agency, Manner>;
  for (const agency of agencies) if (random.chance(0.4)) manner[agency] = random.pick(manners);
  const region = new Region(random, manner);
  const seen: string[] = [];
  const look = (held: (agency: Agency) => number): void => {
    const outcome = outcomeOf(factsOf(region.logs, held));
    if (outcome.status === 'concluded') seen.push(JSON.stringify(outcome));
  };
  for (let step = 0; step < 60; step++) {
    const agency = random.pick(agencies);
    const act = random.below(12);
    if (act < 8) region.deliver(agency, random.pick(agencies));
    else if (act === 8) region.commit(agency);
    else if (act === 9 && random.chance(0.3)) region.day++;
    else if (act === 10) region.convene({ type: 'CloseWithout', reason: '逾期' });
    else if (act === 11) region.convene({ type: 'ConcludeWithout', reason: '逾期' });
    look((each) => random.below(region.logs[each].length + 1));
  }
  region.settle(() => look(() => Infinity));
  return { region, manner, seen, outcome: outcomeOf(factsOf(region.logs, () => Infinity)) };
}

describe('共同启封', () => {
  it('comes to one outcome in 10,000 schedules, never early, never twice, and names whose value is missing', () => {
    const kinds = new Set<string>();
    for (let seed = 1; seed <= 10_000; seed++) {
      const { region, manner, seen, outcome } = run(seed);
      if (region.early) throw new Error(`seed ${seed}: a value was shown before the closing`);
      if (outcome.status !== 'concluded') throw new Error(`seed ${seed}: ${JSON.stringify(outcome)}`);
      const others = seen.find((each) => each !== JSON.stringify(outcome));
      if (others) throw new Error(`seed ${seed}: one reader had ${others}, the end is ${JSON.stringify(outcome)}`);
      for (const agency of agencies) {
        const counted = outcome.values[agency];
        const named = [outcome.leftOut, outcome.withheld, outcome.wrong].some((names) => names.includes(agency));
        if (counted ? named || counted['points'] !== valueOf(agency).points : !named) {
          throw new Error(`seed ${seed}: ${agency} is neither counted nor named`);
        }
        if (manner[agency] === 'revealsOther' && counted) throw new Error(`seed ${seed}: a false value was counted`);
      }
      const { leftOut, withheld, wrong } = outcome;
      kinds.add([leftOut.length > 0, withheld.length > 0, wrong.length > 0].join());
    }
    // Every mixture of missing parts was met, so the silence above says something.
    expect(kinds.size).toBe(8);
  });
});
