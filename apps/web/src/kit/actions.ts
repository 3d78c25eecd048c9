import type { Action } from '#contracts/answers';

export type Openness = { readonly open: boolean; readonly why: string };

/** What the service said about an action under any of its names; `otherwise` when it did not mention it. */
export function opennessOf(actions: readonly Action[], names: readonly string[], otherwise: boolean): Openness {
  const told = actions.find(({ action }) => names.includes(action));
  if (told === undefined) return { open: otherwise, why: '' };
  return { open: told.open, why: told.open ? '' : (told.why ?? '现在不能办理。') };
}

/** Neighbours that are closed for the same reason share its sentence: read once, it is read. */
export function groupedByReason<Listed extends { readonly openness: Openness }>(
  actions: readonly Listed[],
): readonly Listed[][] {
  const groups: Listed[][] = [];
  for (const action of actions) {
    const last = groups[groups.length - 1];
    if (last?.[0]?.openness.why === action.openness.why) last.push(action);
    else groups.push([action]);
  }
  return groups;
}
