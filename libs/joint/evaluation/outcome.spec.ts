import type { Agency } from '#kernel/envelope';
import { commitTo } from './commitment';
import { outcomeOf } from './outcome';
import type { OpeningFacts } from './outcome';

const openingId = 'e1.u1';
const salt = '5a'.repeat(32);
const parties: readonly Agency[] = ['commission', 'inspection', 'organization'];
const commits = Object.fromEntries(parties.map((agency) => [agency, commitTo(openingId, agency, { agency }, salt)]));
const values = Object.fromEntries(parties.map((agency) => [agency, { value: { agency }, salt }]));
const whole: OpeningFacts = {
  ...{ openingId, commits, values },
  terms: { kind: 'sheet', parties, due: '2025-11-30' },
  closing: { commits, leftOut: [], on: '2025-11-25' },
  conclusion: { counted: parties, withheld: [], wrong: [], reason: '' },
};
const without = (names: readonly Agency[]): OpeningFacts['commits'] =>
  Object.fromEntries(Object.entries(commits).filter(([agency]) => !names.includes(agency as Agency)));

describe('启封的结果', () => {
  it('is what all have shown', () =>
    expect(outcomeOf(whole)).toEqual({
      status: 'concluded',
      values: Object.fromEntries(parties.map((agency) => [agency, { agency }])),
      ...{ leftOut: [], withheld: [], wrong: [] },
    }));

  it('stays open while a part of it has not arrived', () => {
    const { terms: _, ...unknown } = whole;
    const { closing: __, ...unclosed } = whole;
    const { conclusion: ___, ...unconcluded } = whole;
    expect([unknown, unclosed, unconcluded].map((facts) => outcomeOf(facts).status)).toEqual([
      'open',
      'open',
      'closed',
    ]);
    expect(outcomeOf({ ...whole, commits: without(['organization']) }).status).toBe('closed');
    const { organization: ____, ...shown } = values;
    expect(outcomeOf({ ...whole, values: shown }).status).toBe('closed');
  });

  it.each<[string, Partial<OpeningFacts>, object]>([
    [
      'the closing leaves somebody out before his day has ended',
      { closing: { commits: without(['organization']), leftOut: ['organization'], on: '2025-11-30' } },
      { agency: 'convener', by: 'closing' },
    ],
    [
      'the closing forgets a party',
      { closing: { commits: without(['organization']), leftOut: [], on: '2025-12-01' } },
      { agency: 'convener', by: 'closing' },
    ],
    [
      'the closing names another commitment than the party made',
      { commits: { ...commits, organization: 'd'.repeat(64) } },
      { agency: 'organization', by: 'commit' },
    ],
    [
      'the conclusion forgets a party',
      { conclusion: { counted: ['commission'], withheld: [], wrong: [], reason: '' } },
      { agency: 'convener', by: 'value' },
    ],
    [
      'a value that does not fit is counted',
      { values: { ...values, commission: { value: { agency: '别' }, salt } } },
      { agency: 'commission', by: 'value' },
    ],
    [
      'a value that fits is called wrong',
      { conclusion: { counted: ['commission', 'inspection'], withheld: [], wrong: ['organization'], reason: '' } },
      { agency: 'organization', by: 'value' },
    ],
  ])('is broken where %s', (_, change, broken) =>
    expect(outcomeOf({ ...whole, ...change })).toEqual({ status: 'broken', ...broken }),
  );
});
