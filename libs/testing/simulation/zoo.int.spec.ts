import { plantNames } from './plants';
import { find, mostSeeds } from './zoo';

describe('the checker', () => {
  it.each(plantNames)(
    `finds the planted fault %s within ${mostSeeds} seeds, by the rule made for it`,
    async (plant) => {
      expect(await find(plant)).toBeDefined();
    },
    240_000,
  );
});
