import { measureWitnesses, verdictWitness, witnessAt } from './records';

const at = (minute: number) => `2026-11-03T08:0${minute}:00.000Z`;
const entry = (type: string, minute: number, witness: 'recorded' | 'witnessed' | 'final') => {
  return {
    id: String(minute),
    type,
    at: at(minute),
    agency: 'inspection',
    witness,
    label: '',
    who: '',
    words: '',
  } as const;
};
const timeline = [
  entry('inspection.measure-added.v1', 1, 'final'),
  entry('inspection.close-out-signed.v1', 2, 'final'),
  entry('inspection.measure-added.v1', 3, 'witnessed'),
  entry('inspection.close-out-signed.v1', 4, 'witnessed'),
  entry('commission.close-out-returned.v1', 5, 'recorded'),
  entry('inspection.close-out-returned.v1', 5, 'witnessed'),
];
const measure = { measureId: '', text: '', leadLeader: '', department: '', person: '', due: '' };
const verdict = { kind: 'returned', agency: 'commission', by: '王某', at: at(5), words: '' } as const;
const closeOut = { attempt: 1, result: '', causeRemoved: '', generalisation: '', verdict };

describe('the badge of what a page shows', () => {
  it('is that of the record that told it, by kind and recorded time', () => {
    expect(witnessAt(timeline, 'inspection.close-out-signed.v1', at(2))).toBe('final');
    expect(witnessAt(timeline, 'inspection.close-out-signed.v1', at(4))).toBe('witnessed');
    expect(witnessAt(timeline, 'inspection.close-out-signed.v1', at(3))).toBeUndefined();
  });

  it('of a measure is that of its own addition, and none where they cannot be told apart', () => {
    expect(measureWitnesses({ timeline, measures: [measure, measure] })).toEqual(['final', 'witnessed']);
    expect(measureWitnesses({ timeline, measures: [measure] })).toEqual([]);
  });

  it('of a verdict is that of the competent agency’s word, not of the office’s record after it', () => {
    expect(verdictWitness({ timeline, closeOut })).toBe('recorded');
    expect(
      verdictWitness({ timeline, closeOut: { ...closeOut, verdict: { ...verdict, kind: 'accepted' } } }),
    ).toBeUndefined();
    expect(verdictWitness({ timeline })).toBeUndefined();
  });
});
