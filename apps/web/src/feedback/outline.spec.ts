import { outlineLine, type OutlineLine } from '#contracts/api';
import { addedAfter, faultsOf, moved, replaced, sliceOf, unitsFilled, without } from './outline';

function line(key: string, change: Partial<OutlineLine> = {}): OutlineLine {
  return {
    key,
    number: `一${key}`,
    title: '政治意识不够强',
    text: '',
    group: '甲类',
    unitId: 'unit-1',
    class: 'timeLimited',
    kind: 'single',
    special: 'none',
    competentDepartment: '',
    ...change,
  };
}
const keysOf = (lines: readonly OutlineLine[]) => lines.map(({ key }) => key);
const three = [line('a'), line('b'), line('c')];

describe('editing the outline', () => {
  it('adds below the chosen line and takes over its group and unit', () => {
    const lines = addedAfter(three, 'a', 'new');
    expect(keysOf(lines)).toEqual(['a', 'new', 'b', 'c']);
    expect(lines[1]).toMatchObject({ group: '甲类', unitId: 'unit-1', number: '', title: '' });
  });
  it('adds at the end when none is chosen, also to an empty outline', () => {
    expect(keysOf(addedAfter(three, undefined, 'new'))).toEqual(['a', 'b', 'c', 'new']);
    expect(keysOf(addedAfter([], undefined, 'new'))).toEqual(['new']);
  });
  it('removes and replaces by key', () => {
    expect(keysOf(without(three, 'b'))).toEqual(['a', 'c']);
    expect(replaced(three, line('b', { title: '担当不够' }))[1]?.title).toBe('担当不够');
  });
  it('moves one place and stops at the edge', () => {
    expect(keysOf(moved(three, 'c', -1))).toEqual(['a', 'c', 'b']);
    expect(keysOf(moved(three, 'a', -1))).toEqual(['a', 'b', 'c']);
    expect(keysOf(moved(three, 'c', 1))).toEqual(['a', 'b', 'c']);
  });
  it('fills only the missing units', () => {
    const lines = unitsFilled([line('a', { unitId: '' }), line('b')], 'unit-2');
    expect(lines.map(({ unitId }) => unitId)).toEqual(['unit-2', 'unit-1']);
  });
  it('makes lines that the contract takes', () => {
    const [added] = addedAfter([], undefined, 'new');
    expect(outlineLine.safeParse({ ...added, number: '1', title: '题' }).success).toBe(true);
  });
});

describe('what keeps an outline from being frozen', () => {
  it('is nothing when every line is whole', () => expect(faultsOf(three)).toEqual([]));
  it('is a missing title, a missing unit, a number used twice in a unit', () => {
    const faults = faultsOf([
      line('a'),
      line('b', { title: '' }),
      line('c', { unitId: '' }),
      line('d', { number: '一a' }),
    ]);
    expect(faults).toEqual([
      { key: 'b', words: '问题没有填好' },
      { key: 'c', words: '没有选单位' },
      { key: 'd', words: '编号重复' },
    ]);
  });
  it('is not the same number in another unit', () => {
    expect(faultsOf([line('a'), line('b', { number: '一a', unitId: 'unit-2' })])).toEqual([]);
  });
});

describe('finding a line in the original', () => {
  const source = '一、政治方面\n1.政治意识\n不够强\n2.担当意识不够强';
  it('prefers its text over its title', () => {
    const slice = sliceOf(source, line('a', { text: '担当意识不够强' }));
    expect(source.slice(slice?.start, slice?.end)).toBe('担当意识不够强');
  });
  it('finds it over a line break', () => {
    const slice = sliceOf(source, line('a'));
    expect(source.slice(slice?.start, slice?.end)).toBe('政治意识\n不够强');
  });
  it('marks nothing when it is not there', () => {
    expect(sliceOf(source, line('a', { title: '没有这一条' }))).toBeUndefined();
    expect(sliceOf(source, line('a', { title: '', text: '' }))).toBeUndefined();
  });
});
