import { Refused } from '#kernel/decider';
import type { LedgerRow } from './ledger';
import type { Asked } from './query';
import { cursorAfter, filtered, paged } from './query';
import { visibleRounds, visibleTo } from './visible';

const all = { sees: 'all' } as const;
const own = { sees: ['u1', 'u2'] };
const today = '2025-06-01';
const asked = (query: Asked['query'], more: Partial<Asked> = {}): Asked => {
  return { query, seer: all, today, common: new Set(), ...more };
};
const row = { id: 'f1-0003', due: '2025-07-01', unitId: 'u2' } as LedgerRow;

describe('what an account sees', () => {
  it('is every registered line, or those of its units', () => {
    expect(visibleTo(all)).toEqual({ where: 'known = 1', parameters: [] });
    expect(visibleTo(own)).toEqual({ where: 'known = 1 and unit_id = any($1)', parameters: [['u1', 'u2']] });
  });
  it('is nothing for an account without units', () => expect(visibleTo({ sees: [] }).parameters).toEqual([[]]));
  it('comes first in every query, whatever is asked for', () => {
    const { where, parameters } = filtered(asked({ unit: 'u9', search: '学习' }, { seer: own }));
    expect(where.startsWith('known = 1 and unit_id = any($1) and unit_id = $2')).toBe(true);
    expect(parameters.slice(0, 2)).toEqual([['u1', 'u2'], 'u9']);
  });
  it('of rounds: those with an own unit, without the others and without receipts', () => {
    const organisations = [
      { unitId: 'u1', unitName: '县教育局党组' },
      { unitId: 'u9', unitName: '县水务局党组' },
    ];
    const receipt = { agency: 'commission', feedbackId: 'f1', held: 2, at: '' } as const;
    const line = { roundId: 'r1', organisations, receipts: [receipt] } as unknown as Parameters<
      typeof visibleRounds
    >[0][0];
    expect(visibleRounds([line], all)).toEqual([line]);
    expect(visibleRounds([line], own)).toMatchObject([{ organisations: [{ unitId: 'u1' }], receipts: [] }]);
    expect(visibleRounds([line], { sees: ['u5'] })).toEqual([]);
  });
});

describe('a ledger query', () => {
  it('numbers its parameters in order', () => {
    const { where, parameters } = filtered(
      asked({ round: 'r1', status: 'rectifying', class: 'longTerm', special: 'none' }),
    );
    expect(where).toBe('known = 1 and round_id = $1 and status = $2 and class = $3 and special = $4');
    expect(parameters).toEqual(['r1', 'rectifying', 'longTerm', 'none']);
  });
  it('for what is open leaves out what is closed out and what is substantially done', () =>
    expect(filtered(asked({ status: 'open', unit: 'u1' }))).toEqual({
      where: `known = 1 and unit_id = $1 and status not in ('closedOut', 'substantiallyDone')`,
      parameters: ['u1'],
    }));
  it('by light looks at due dates of lines that are not closed out', () =>
    expect(filtered(asked({ light: 'yellow' }))).toEqual({
      where: `known = 1 and status <> 'closedOut' and due >= $1 and due <= $2`,
      parameters: ['2025-06-01', '2025-06-11'],
    }));
  it('by light of what is closed out finds nothing, without looking', () =>
    expect(filtered(asked({ light: 'red', status: 'closedOut' })).where).toContain(' and false and '));
  it.each(['学', '学习'])(
    'for %s goes by the index of pairs, and looks at the words before it takes the pairs apart',
    (search) =>
      expect(filtered(asked({ search }))).toEqual({
        where: 'known = 1 and words like $1 and grams @> array[$2::text]',
        parameters: [`%${search}%`, search],
      }),
  );
  it('for a word that is on many lines walks the lines', () =>
    expect(filtered(asked({ search: '学习 制度' }, { common: new Set(['学习']) }))).toEqual({
      where: 'known = 1 and words like $1 and words like $2 and grams @> array[$3::text]',
      parameters: ['%学习%', '%制度%', '制度'],
    }));
  it('for a longer text goes by trigrams, and every word must occur', () =>
    expect(filtered(asked({ search: '理论学习 Ｐ2' }))).toEqual({
      where: 'known = 1 and words like $1 and words like $2 and grams @> array[$3::text]',
      parameters: ['%理论学习%', '%p2%', 'p2'],
    }));
  it('takes signs of the pattern language literally', () =>
    expect(filtered(asked({ search: '100%_\\完成' })).parameters).toEqual(['%100\\%\\_\\\\完成%']));
});

describe('paging', () => {
  it('asks for one row more than it shows', () =>
    expect(paged(asked({ limit: 20 }))).toMatchObject({ tail: 'order by due asc, id asc limit 21', limit: 20 }));
  it('goes on after the last row, by key and not by number', () => {
    const cursor = cursorAfter(row, {});
    expect(paged(asked({ cursor }))).toMatchObject({
      where: 'known = 1 and (due, id) > ($1, $2)',
      parameters: ['2025-07-01', 'f1-0003'],
    });
  });
  it('goes down when asked to', () => {
    const query = { sort: 'unit', order: 'desc' } as const;
    expect(paged(asked({ ...query, cursor: cursorAfter(row, query) }))).toMatchObject({
      where: 'known = 1 and (unit_id, id) < ($1, $2)',
      tail: 'order by unit_id desc, id desc limit 51',
    });
  });
  it.each([
    ['asc', '2025-06-05', 'due <= $1 and (due, id) > ($2, $3)', ['2025-06-11', '2025-06-05', 'f1-0003']],
    ['asc', '2025-05-01', 'due >= $1 and due <= $2', ['2025-06-01', '2025-06-11']],
    ['desc', '2025-06-05', 'due >= $1 and (due, id) < ($2, $3)', ['2025-06-01', '2025-06-05', 'f1-0003']],
    ['desc', '2025-07-01', 'due >= $1 and due <= $2', ['2025-06-01', '2025-06-11']],
  ] as const)('within a light, %s from %s, bounds each end once', (order, due, bounds, parameters) => {
    const query = { light: 'yellow', order } as const;
    const page = paged(asked({ ...query, cursor: cursorAfter({ ...row, due }, query) }));
    expect(page).toMatchObject({ where: `known = 1 and status <> 'closedOut' and ${bounds}`, parameters });
  });
  it('in the order of the text goes by id', () => {
    const query = { sort: 'number' } as const;
    expect(paged(asked({ ...query, cursor: cursorAfter(row, query) }))).toMatchObject({
      where: 'known = 1 and id > $1',
      tail: 'order by id asc limit 51',
    });
  });
  it.each(['', 'x', Buffer.from('{"a":1}').toString('base64url'), cursorAfter(row, { sort: 'unit' })])(
    'refuses the cursor "%s", which this query did not hand out',
    (cursor) => expect(() => paged(asked({ cursor }))).toThrow(new Refused('input.cursor')),
  );
});
