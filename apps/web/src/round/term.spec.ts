import { termWords } from './term';

describe('a term', () => {
  it('is written in months or working days, as the rule gives it', () => {
    expect(termWords({ months: 6 })).toBe('6个月');
    expect(termWords({ workingDays: 10 })).toBe('10个工作日');
  });
});
