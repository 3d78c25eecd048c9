// A ledger row as consoles show it: with the round's name, and with days left and light as of today.
import type { CivilDate } from '#kernel/working-days';
import { daysBetween } from '#kernel/working-days';
import type { LedgerLine } from '#contracts/answers';
import type { WitnessStatus } from '#contracts/witnesses';
import type { ListedRow } from './ledger';
import { tracksOf } from './ledger';
import { lightOf } from './lights';

export function lineOf(row: ListedRow, roundName: string, today: CivilDate, witness: WitnessStatus): LedgerLine {
  const { roundId, unitId, unitName, number, title, kind, special, status, due } = row;
  const { leadLeader, department, person, measures, evidence, returns, attempt, closedOn } = row;
  return {
    issueId: row.id,
    ...{ roundId, roundName, unitId, unitName, number, title },
    group: row.topic,
    class: row.class,
    ...{ kind, special, status },
    tracks: tracksOf(row),
    due,
    daysLeft: daysBetween(today, due),
    light: lightOf(due, today, status),
    ...{ leadLeader, department, person, measures, evidence, returns, attempt, closedOn },
    witness,
  };
}
