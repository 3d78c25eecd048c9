import { complaintsOf, seedsFrom } from './clean-seeds';

describe('three agencies, an auditor and all that may go wrong', () => {
  it('keep every promise on half a thousand seeds', async () => {
    expect(await complaintsOf(seedsFrom(501, 500))).toEqual([]);
  }, 600_000);
});
