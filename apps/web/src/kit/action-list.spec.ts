import { groupedByReason } from './action-list';
import type { ListedAction } from './action-list';

const action = (name: string, why: string): ListedAction => ({
  name,
  label: name,
  openness: { open: why === '', why },
  onClick: () => undefined,
});
const names = (actions: readonly ListedAction[]) => groupedByReason(actions).map((group) => group.map((a) => a.name));

describe('actions that are closed for the same reason', () => {
  it('share one sentence when they stand together', () =>
    expect(names([action('a', ''), action('b', ''), action('c', '已销号'), action('d', '已销号')])).toEqual([
      ['a', 'b'],
      ['c', 'd'],
    ]));
  it('keep their order and their own sentence otherwise', () =>
    expect(names([action('a', '甲'), action('b', '乙'), action('c', '甲')])).toEqual([['a'], ['b'], ['c']]));
});
