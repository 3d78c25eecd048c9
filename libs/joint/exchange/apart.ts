// The alarm of a reconciliation that does not come out: on every page until the agency has said totals that do.
import { agencyNames } from '#contracts/agencies';
import type { Alarm } from '#contracts/witnesses';
import type { Agency } from '#kernel/envelope';
import type { StatedTotals } from './exchange.views';

/** @param newest the last totals of each agency */
export function alarmsOf(newest: readonly StatedTotals[]): Alarm[] {
  return newest.flatMap(({ agency, day, answers }) => {
    const found = (Object.keys(answers) as Agency[]).filter((by) => by !== agency && answers[by]?.length);
    if (agency === '' || found.length === 0) return [];
    const [apart] = answers[found[0] as Agency] ?? [];
    const which = apart?.number === undefined ? '' : `，首个涉及问题${apart.number}`;
    const others = found.map((by) => agencyNames[by]).join('、');
    const sentence = `对账不符：${agencyNames[agency]}${day}公布的总数，${others}按三家日志重算不同${which}。请勿改动，请打开历史核验的三方对账，告知系统管理员会同核对。`;
    return [{ origin: apart?.origin ?? '', agency, sentence }];
  });
}
