import { directionOf, hasFilter, ledgerPath, paramsOf, queryOf, toggled } from './ledger-query';

describe('the address of a ledger', () => {
  it('carries the filters there and back', () => {
    const query = { unit: 'unit-1', light: 'red', search: '三重一大', sort: 'due', order: 'asc' } as const;
    expect(queryOf(paramsOf(query))).toEqual(query);
  });
  it('leaves out what the service would refuse', () => {
    expect(queryOf(new URLSearchParams('light=blue&status=closedOut&what=ever'))).toEqual({ status: 'closedOut' });
  });
  it('is the same for the same list, in whatever order it was built', () => {
    expect(ledgerPath({ light: 'red', unit: 'u' })).toBe(ledgerPath({ unit: 'u', light: 'red' }));
    expect(ledgerPath({})).toBe('/ledger');
  });
  it('never carries a cursor: a linked list starts at its beginning', () => {
    expect(ledgerPath({ cursor: 'abc', light: 'red' })).toBe('/ledger?light=red');
  });
  it('counts sorting as no filter', () => {
    expect(hasFilter({ sort: 'due' })).toBe(false);
    expect(hasFilter({ search: '会议' })).toBe(true);
  });
});

describe('sorting', () => {
  it('goes up, then down, then back to the usual order', () => {
    const up = toggled({}, 'due');
    const down = toggled(up, 'due');
    expect([directionOf(up, 'due'), directionOf(down, 'due'), directionOf(toggled(down, 'due'), 'due')]).toEqual([
      'asc',
      'desc',
      undefined,
    ]);
  });
  it('keeps the filters', () => expect(toggled({ unit: 'u' }, 'number')).toMatchObject({ unit: 'u', sort: 'number' }));
});
