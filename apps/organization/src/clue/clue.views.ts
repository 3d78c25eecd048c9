// Clues that were handed over to this agency.
import type { Slice } from '#chassis/slice';
import { ClueReadingApi, ClueReceiptApi } from '#joint/clue/clue.api';
import { clueLists } from '#joint/clue/clue-lists';
import { clueReceiptPublishing, clueReceiptReactor } from '#joint/clue/clue-receipt.views';

export const clueSlice: Slice = {
  name: 'clue',
  api: [ClueReadingApi, ClueReceiptApi],
  publishing: [clueReceiptPublishing('organization')],
  reactors: [clueReceiptReactor],
  views: [clueLists],
};
