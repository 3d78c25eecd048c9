import { may, type Role } from '#contracts/roles';

export type MenuEntry = { readonly path: string; readonly label: string; readonly permission: string };

const entries: readonly MenuEntry[] = [
  { path: '/tasks', label: '我的任务', permission: 'task.read' },
  { path: '/verifications', label: '核查', permission: 'verification.read' },
  { path: '/', label: '总览', permission: 'overview.read' },
  { path: '/ledger', label: '问题台账', permission: 'ledger.read' },
  { path: '/clues', label: '线索', permission: 'clue.read' },
  { path: '/history', label: '历史核验', permission: 'history.read' },
  { path: '/rounds', label: '轮次', permission: 'round.read' },
  { path: '/feedbacks', label: '反馈导入', permission: 'feedback.read' },
];

/** What a role finds in the menu: only what it may ask for, its own work first. */
export function menuOf(role: Role): readonly MenuEntry[] {
  return entries.filter(({ permission }) => may(role, permission));
}

/** Whether a page belongs to a menu entry; an issue belongs to the ledger. */
export function isWithin(entry: string, pathname: string): boolean {
  if (entry === '/ledger' && pathname.startsWith('/issues/')) return true;
  return entry === '/' ? pathname === '/' : pathname === entry || pathname.startsWith(`${entry}/`);
}
