// The judge of a run, from its history and from what lay where in the end. It knows nothing of how the run was made.
import type { Run } from '../history';
import { demandOutcomes, demandRevisions, demandRights } from './appends';
import type { Check, Finding } from './finding';
import { demandAgreement, demandHoldings } from './holdings';
import { demandSecrecy, demandKnowledge } from './known';
import { demandLogs, demandOrder } from './logs';
import { demandSerial } from './serial';

const checks: readonly Check[] = [
  demandOutcomes,
  demandRevisions,
  demandLogs,
  demandOrder,
  demandHoldings,
  demandKnowledge,
  demandSerial,
  demandRights,
  demandSecrecy,
  demandAgreement,
];

export function check(run: Run): Finding[] {
  return checks.flatMap((each) => each(run));
}
