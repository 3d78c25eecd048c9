// How far the other agencies stand by a record: one mark for every place where a record is shown; shape, colour and word.
import type { WitnessStatus } from '#contracts/witnesses';
import { witnessMeanings, witnessWords } from './labels';

const shapes: Readonly<Record<WitnessStatus, string>> = { recorded: '○', witnessed: '◐', final: '●' };

/** @param status undefined for what is in no log, which has no mark */
export function WitnessBadge({ status }: { readonly status: WitnessStatus | undefined }) {
  if (status === undefined) return null;
  return (
    <span className={`witness witness-${status}`} title={witnessMeanings[status]}>
      <span aria-hidden="true">{shapes[status]} </span>
      {witnessWords[status]}
    </span>
  );
}
