import fc from 'fast-check';
import { addDays } from '#kernel/working-days';
import { dueWithin, lightOf } from './lights';

const today = '2025-06-01';

describe('红黄绿灯', () => {
  it.each([
    [-1, 'red'],
    [0, 'yellow'],
    [10, 'yellow'],
    [11, 'green'],
    [20, 'green'],
    [21, 'none'],
  ])('%i days before the deadline: %s', (left, light) =>
    expect(lightOf(addDays(today, left), today, 'rectifying')).toBe(light),
  );
  it('goes out when the issue is closed out', () => expect(lightOf('2025-01-01', today, 'closedOut')).toBe('closed'));
  it('goes on burning while a request waits or an issue is substantially done', () => {
    expect(lightOf('2025-05-31', today, 'closeOutRequested')).toBe('red');
    expect(lightOf('2025-05-31', today, 'substantiallyDone')).toBe('red');
  });
  it('as a filter takes exactly the due dates that show it', () => {
    fc.assert(
      fc.property(fc.integer({ min: -60, max: 60 }), fc.constantFrom('red', 'yellow', 'green'), (left, light) => {
        const due = addDays(today, left);
        const { from, to } = dueWithin(light, today);
        expect(from <= due && due <= to).toBe(lightOf(due, today, 'rectifying') === light);
      }),
    );
  });
});
