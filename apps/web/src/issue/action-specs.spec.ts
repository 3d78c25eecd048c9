import type { IssuePage } from '#contracts/answers';
import { isInSigning } from './action-specs';

const page = (attempt: number, prepared?: number) =>
  ({ line: { attempt }, ...(prepared !== undefined && { closeOut: { attempt: prepared } }) }) as IssuePage;

describe('a close-out in signing', () => {
  it('is prepared, and not yet requested', () => {
    expect(isInSigning(page(0, 1))).toBe(true);
    expect(isInSigning(page(1, 2))).toBe(true);
  });
  it('is neither one that was requested or came back, nor none at all', () => {
    expect(isInSigning(page(1, 1))).toBe(false);
    expect(isInSigning(page(0))).toBe(false);
  });
});
