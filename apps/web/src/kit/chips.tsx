// Small marks in lists: colour, shape and word together.
import type { IssueStatus, Light } from '#contracts/answers';
import { statusWords } from '#contracts/words.zh';
import { lightShape, lightWords } from './format';

export function LightMark({ light, daysLeft }: { light: Light; daysLeft: number }) {
  return (
    <span className={`light light-${light}`}>
      <span aria-hidden="true">{lightShape(light)} </span>
      {lightWords(light, daysLeft)}
    </span>
  );
}

export function StatusChip({ status }: { status: IssueStatus }) {
  return <span className={`chip chip-${status}`}>{statusWords[status]}</span>;
}
