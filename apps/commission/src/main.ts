// The discipline commission 纪委监委: verifies close-outs, and holds the joint ledger.
import { sealingSlice } from '#chassis/sealing/sealing-slice';
import { serve } from '#chassis/serve';
import { exchangeSlice } from '#joint/exchange/exchange.api';
import { historySlice } from '#joint/history/history.api';
import { ledgerSlice } from '#joint/ledger/ledger.api';
import { clueSlice } from './clue/clue.views';
import { receiptSlice } from './receipt/receipt.views';
import { verificationSlice } from './verification/verification.views';

void serve('commission', [
  ledgerSlice,
  historySlice,
  exchangeSlice,
  sealingSlice('commission'),
  receiptSlice,
  verificationSlice,
  clueSlice,
]);
