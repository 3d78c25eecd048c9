// The inspection office 巡视办: rounds, feedback, issues; also the portal of the inspected organisations.
import { sealingSlice } from '#chassis/sealing/sealing-slice';
import { serve } from '#chassis/serve';
import { exchangeSlice } from '#joint/exchange/exchange.api';
import { historySlice } from '#joint/history/history.api';
import { ledgerSlice } from '#joint/ledger/ledger.api';
import { clueHandOverSlice } from './clue/clue-hand-over.views';
import { feedbackSlice } from './feedback/feedback.views';
import { issue } from './issue/issue';
import { issueSlice } from './issue/issue.views';
import { triesOf } from './issue/tries';
import { round } from './round/round';
import { roundSlice } from './round/round.views';
import { taskSlice } from './task/task.views';

void serve('inspection', [
  ledgerSlice,
  historySlice,
  exchangeSlice,
  sealingSlice('inspection'),
  roundSlice,
  feedbackSlice(round),
  issueSlice,
  clueHandOverSlice,
  taskSlice({ issue, triesOf }),
]);
