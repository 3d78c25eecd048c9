// What every agency with sealed bodies runs: its announced key, and the count of what is sealed.
import type { Agency } from '#kernel/envelope';
import type { Slice } from '../slice';
import { SealedApi } from './sealed.api';
import { sealedBodies } from './sealed-bodies';
import { sealingKeyPublishing } from './sealing-key';

export function sealingSlice(agency: Agency): Slice {
  return { name: 'sealing', api: [SealedApi], publishing: [sealingKeyPublishing(agency)], views: [sealedBodies] };
}
