// The organization department 组织部: alone closes selection-and-appointment issues, and holds the joint ledger.
import { serve } from '#chassis/serve';
import { historySlice } from '#joint/history/history.api';
import { keysPublishing } from '#joint/keys';
import { ledgerSlice } from '#joint/ledger/ledger.api';
import { receiptSlice } from './receipt/receipt.views';
import { verificationSlice } from './verification/verification.views';

void serve('organization', [
  ledgerSlice,
  historySlice,
  receiptSlice,
  verificationSlice,
  { name: 'keys', publishing: [keysPublishing('organization')] },
]);
