import { said } from './clean-seeds';

describe('three agencies, an auditor and all that may go wrong', () => {
  it('keep every promise on half a thousand seeds', async () => {
    expect(await said(501, 500)).toBe('500 个种子，0 个有发现 / 500 seeds, 0 with findings\n');
  }, 600_000);
});
