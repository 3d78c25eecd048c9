// One agency's score sheet 评分表 of one organisation: complete, within its bounds, on the scheme's step, and with a reason
// wherever points were taken. Judged when it is sealed, and again by every reader when it was opened.
import type { Agency } from '#kernel/envelope';
import type { Scheme } from '#contracts/evaluation';
import { sheetOf, shownPoints } from './scheme';
import type { SchemeFault } from './scheme';

/** By the indicator's number. Points in hundredths. */
export type Sheet = { readonly [indicator: string]: { readonly points: number; readonly reason: string } };

/** Empty when the sheet may be sealed. @param onSite whether the organisation was visited */
export function sheetFaults(scheme: Scheme, agency: Agency, onSite: boolean, sheet: Sheet): readonly SchemeFault[] {
  const asked = sheetOf(scheme, agency, onSite);
  const foreign = Object.keys(sheet).filter((id) => !asked.some((indicator) => indicator.id === id));
  const faults = asked.flatMap<SchemeFault>(({ id, min, max }) => {
    const { [id]: score } = sheet;
    if (!score) return [{ code: 'sheet.missing', details: { id } }];
    const { points, reason } = score;
    const [low, high] = [shownPoints(min), shownPoints(max)];
    const inside = Number.isSafeInteger(points) && points >= min && points <= max;
    if (!inside) return [{ code: 'sheet.outOfRange', details: { id, min: low, max: high } }];
    // The bounds themselves can always be given.
    const onStep = points % scheme.step === 0 || points === min || points === max;
    return [
      ...(onStep ? [] : [{ code: 'sheet.offStep', details: { id, step: shownPoints(scheme.step) } }]),
      ...(points < max && reason.trim() === '' ? [{ code: 'sheet.noReason', details: { id } }] : []),
    ];
  });
  return [...foreign.map((id) => ({ code: 'sheet.unknown', details: { id } })), ...faults];
}
