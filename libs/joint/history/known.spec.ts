import fc from 'fast-check';
import { LogWriter, tell } from '#testing/joint-logs';
import type { Story } from '#testing/joint-logs';
import { civilDateOf } from '../civil-time';
import { ledger } from '../ledger/ledger';
import type { LedgerRow } from '../ledger/ledger';
import { factsOf, knownMoments, recordedFacts } from './known';
import type { KnownEvent } from './known';

const issueId = 'f1-0001';

function told(story: Story): KnownEvent[] {
  const writer = new LogWriter();
  tell(writer, issueId, story);
  const events = Object.values(writer.logs()).flat();
  return events.sort((a, b) => (a.at < b.at ? -1 : 1)).map((event) => ({ event, knownAt: event.at }));
}
const story: Story = { special: 'none', steps: 4, outcomes: ['returned', 'accepted'] };
const later = (at: string, hours: number) => new Date(Date.parse(at) + hours * 3_600_000).toISOString();

describe('当时已知', () => {
  it('is nothing before the registration, and after each record what the ledger said then', () => {
    const moments = knownMoments(issueId, told(story));
    const statuses = moments.map(({ facts }) => facts?.status);
    expect(statuses.slice(0, 4)).toEqual(['registered', 'claimed', 'rectifying', 'rectifying']);
    expect(statuses.at(-1)).toBe('closedOut');
    expect(moments.map(({ facts }) => facts?.measures).slice(0, 3)).toEqual([0, 0, 1]);
    expect(moments.find(({ event }) => event.type === 'inspection.close-out-returned.v1')?.facts?.returns).toBe(1);
    expect(moments.every(({ late }) => !late)).toBe(true);
  });

  it('counts the days that were left on that day, not today', () => {
    const [registered] = knownMoments(issueId, told(story));
    expect(registered?.knownAt.slice(0, 10)).toBe('2025-03-03');
    expect(registered?.facts).toMatchObject({ due: '2025-09-03', daysLeft: 184, light: 'none' });
  });

  it('does not know a verdict before it arrived, whenever it was given', () => {
    const events = told({ ...story, outcomes: ['returned'] });
    const given = 'commission.close-out-returned.v1';
    const arrived = events.map((each) =>
      each.event.type === given ? { ...each, knownAt: later(each.event.at, 240) } : each,
    );
    const moments = knownMoments(issueId, arrived);
    const agency = moments.map(({ event, facts }) => [event.type, facts?.tracks.agency] as const);
    expect(moments.at(-1)).toMatchObject({ event: { type: given }, late: true });
    expect(agency.filter(([, track]) => track === 'returned')).toEqual([[given, 'returned']]);
  });

  it('hears from a verifier before it knows of the issue, and says that it does not know it', () => {
    const events = told({ ...story, outcomes: ['open'] });
    const registered = 'inspection.issue-registered.v1';
    const early = told(story)
      .filter(({ event }) => event.type === 'commission.close-out-received.v1')
      .slice(0, 1);
    const moments = knownMoments(issueId, [
      ...early.map((each) => ({ ...each, knownAt: '2025-01-01T00:00:00.000Z' })),
      ...events,
    ]);
    expect(moments[0]?.facts).toBeUndefined();
    expect(moments[1]).toMatchObject({ event: { type: registered }, facts: { status: 'registered' } });
  });

  it('ends, in whatever order the records came, with what the ledger says now', () => {
    const order = fc.array(fc.nat(1_000), { minLength: 30, maxLength: 30 });
    const outcomes = fc.array(fc.constantFrom<Story['outcomes'][number]>('returned', 'substantiallyDone', 'accepted'), {
      minLength: 1,
      maxLength: 2,
    });
    fc.assert(
      fc.property(outcomes, order, (ends, delays) => {
        const events = told({ ...story, outcomes: ends });
        // Each log in its own order, those of the others anyhow later.
        let wait = 0;
        const arrived = events.map((each, n) => {
          if (each.event.agency === 'inspection') return each;
          wait += delays[n % 30] ?? 0;
          return { ...each, knownAt: later(each.knownAt, wait) };
        });
        const now = events.reduce<LedgerRow | undefined>(
          (row, { event }) => ledger.evolve(row, event, issueId),
          undefined,
        );
        const last = knownMoments(issueId, arrived).at(-1);
        expect(last?.facts).toEqual(factsOf(now as LedgerRow, civilDateOf(last?.knownAt ?? '')));
      }),
      { numRuns: 50 },
    );
  });
});

describe('recorded then, whoever knew of it', () => {
  const recordedOf = (events: readonly KnownEvent[]) => {
    return recordedFacts(
      issueId,
      events.map(({ event }) => event),
    );
  };

  it('is what was known here too where everything was known at once', () => {
    const events = told(story);
    expect(recordedOf(events)).toEqual(knownMoments(issueId, events).map(({ facts }) => facts));
  });

  it('holds a verdict from its recording on, however late this agency heard of it', () => {
    const given = 'commission.close-out-returned.v1';
    const events = told({ ...story, outcomes: ['returned'] }).map((each) =>
      each.event.type === given ? { ...each, knownAt: later(each.event.at, 240) } : each,
    );
    const at = events.findIndex(({ event }) => event.type === given);
    expect(recordedOf(events)[at]?.tracks.agency).toBe('returned');
    const knownThen = knownMoments(issueId, events).filter(({ knownAt }) => knownAt <= events[at]!.event.at);
    expect(knownThen.at(-1)?.facts?.tracks.agency).toBe('waiting');
  });

  it('is as of the day of recording, and nothing before the registration', () => {
    const [first, ...others] = told(story);
    const early = others.find(({ event }) => event.type === 'commission.close-out-received.v1')!;
    expect(recordedOf([early, first!])).toEqual([undefined, expect.objectContaining({ daysLeft: 184 })]);
  });
});
