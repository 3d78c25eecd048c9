import { complaintsOf, seedsFrom } from './clean-seeds';
1;
describe('three agencies, an auditor and all that may go wrong', () => {
  it('keep every promise on half a thousand seeds', async () => {
    expect(await complaintsOf(seedsFrom(1, 500))).toEqual([]);
  }, 600_000);
});
