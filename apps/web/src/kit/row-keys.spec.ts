import { nextRow } from './row-keys';

describe('walking rows', () => {
  it('starts at the top downwards and at the bottom upwards', () => {
    expect([nextRow(3, -1, 1), nextRow(3, -1, -1)]).toEqual([0, 2]);
  });
  it('goes on from the chosen row', () => expect(nextRow(3, 1, 1)).toBe(2));
  it('stops at both ends', () => expect([nextRow(3, 2, 1), nextRow(3, 0, -1)]).toEqual([2, 0]));
});
