import { may, type Role } from '#contracts/roles';

/** Where a sign-in leads: the page that was asked for, if it is one of ours, else the first page of the role. */
export function landing(role: Role, asked: string | null): string {
  if (asked !== null && /^\/[A-Za-z]/.test(asked) && !asked.startsWith('/sign-in')) return asked;
  return may(role, 'task.read') ? '/tasks' : '/';
}
