// Clues that were handed over to this agency.
import type { Slice } from '#chassis/slice';
import { clueDestroys, clueFilePublishing } from '#joint/clue-file/clue-file.views';
import { ClueFileApi, ClueReadingApi, ClueReceiptApi } from '#joint/clue/clue.api';
import { clueLists } from '#joint/clue/clue-lists';
import { clueReceiptPublishing, clueReceiptReactor } from '#joint/clue/clue-receipt.views';

export const clueSlice: Slice = {
  name: 'clue',
  api: [ClueReadingApi, ClueReceiptApi, ClueFileApi],
  destroys: clueDestroys,
  publishing: [clueReceiptPublishing('commission'), clueFilePublishing('commission')],
  reactors: [clueReceiptReactor],
  views: [clueLists],
};
