// What the commission counts before it gives a receipt, and the receipt itself.
import type { Slice } from '#chassis/slice';
import { ReceiptApi } from '#joint/receipt/receipt.api';
import { receiptPublishing, receiptReactor } from '#joint/receipt/receipt.views';

export const receiptSlice: Slice = {
  name: 'receipt',
  api: [ReceiptApi],
  publishing: [receiptPublishing('commission')],
  reactors: [receiptReactor],
};
