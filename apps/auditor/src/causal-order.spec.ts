import { causally } from './causal-order';

const at = (minute: number) => `2026-03-02T01:${String(minute).padStart(2, '0')}:00.000Z`;
const entry = (origin: string, index: number, minute: number, seen: Record<string, number> = {}) => ({
  ...{ origin, index },
  entry: { at: at(minute), seen },
});
const names = (all: readonly { origin: string; index: number }[]) =>
  all.map(({ origin, index }) => `${origin}${index}`);

describe('the causal order', () => {
  it('puts what an author had seen before what he wrote, whatever the clocks say', () => {
    const fast = [entry('a', 0, 30), entry('a', 1, 31)];
    const slow = [entry('b', 0, 5), entry('b', 1, 6, { a: 2 })];
    expect(names(causally([...fast, ...slow]).order)).toEqual(['b0', 'a0', 'a1', 'b1']);
  });

  it('goes by time between entries that know nothing of one another', () => {
    const { order, loop } = causally([entry('b', 3, 2), entry('a', 7, 1), entry('a', 8, 3)]);
    expect(names(order)).toEqual(['a7', 'b3', 'a8']);
    expect(loop).toBeUndefined();
  });

  it('keeps each log in its own order, and an answer behind its cause', () => {
    const cause = { origin: 'b', index: 4, hash: '' };
    const answer = { origin: 'a', index: 1, entry: { at: at(1), seen: {}, cause } };
    expect(names(causally([entry('a', 0, 9), answer, entry('b', 2, 19), entry('b', 4, 20)]).order)).toEqual([
      ...['a0', 'b2', 'b4', 'a1'],
    ]);
  });

  it('names an entry of a circle: two that both claim to have seen the other', () => {
    const { order, loop } = causally([entry('a', 0, 2, { b: 1 }), entry('b', 0, 1, { a: 1 })]);
    expect(names(order)).toEqual(['b0', 'a0']);
    expect(loop).toMatchObject({ origin: 'b', index: 0 });
  });
});
