// J and K walk the rows of a list; Enter then opens the row, because the walk moves the focus to the row's own link.
import { useState } from 'react';
import { useShortcuts } from './shortcuts';

/** @returns the chosen row's key and a setter for the mouse. */
export function useRowKeys(rowKeys: readonly string[]): [string | undefined, (key: string | undefined) => void] {
  const [chosen, setChosen] = useState<string | undefined>();
  const walk = (step: 1 | -1) => {
    if (rowKeys.length === 0) return;
    const at = chosen === undefined ? -1 : rowKeys.indexOf(chosen);
    const next = at === -1 ? (step === 1 ? 0 : rowKeys.length - 1) : clamp(at + step, rowKeys.length - 1);
    const key = rowKeys[next];
    if (key === undefined) return;
    setChosen(key);
    focusRow(key);
  };
  useShortcuts({ j: () => walk(1), k: () => walk(-1) });
  return [chosen, setChosen];
}

function clamp(value: number, largest: number): number {
  return Math.max(0, Math.min(value, largest));
}

function focusRow(key: string): void {
  const row = document.querySelector<HTMLElement>(`tr[data-row="${CSS.escape(key)}"]`);
  row?.querySelector<HTMLElement>('a, button')?.focus({ preventScroll: true });
  row?.scrollIntoView({ block: 'nearest' });
}
