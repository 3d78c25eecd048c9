// J and K walk the rows of a list; Enter then opens the row, because the walk moves the focus to the row's own link.
import { useShortcuts } from './shortcuts';

/** @param chosen the row the walk goes on from, chosen by key or by mouse; without one it starts at an end. */
export function useRowKeys(
  rowKeys: readonly string[],
  chosen: string | undefined,
  onChoose: (key: string) => void,
): void {
  const walk = (step: 1 | -1) => {
    const key = rowKeys[nextRow(rowKeys.length, chosen === undefined ? -1 : rowKeys.indexOf(chosen), step)];
    if (key === undefined) return;
    onChoose(key);
    focusRow(key);
  };
  useShortcuts({ j: () => walk(1), k: () => walk(-1) });
}

/** Index of the next row; the walk stops at both ends. `at` is -1 while no row is chosen. */
export function nextRow(count: number, at: number, step: 1 | -1): number {
  if (at === -1) return step === 1 ? 0 : count - 1;
  return Math.max(0, Math.min(at + step, count - 1));
}

function focusRow(key: string): void {
  const row = document.querySelector<HTMLElement>(`tr[data-row="${CSS.escape(key)}"]`);
  row?.querySelector<HTMLElement>('a, button')?.focus({ preventScroll: true });
  row?.scrollIntoView({ block: 'nearest' });
}
