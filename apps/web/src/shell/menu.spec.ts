import { roles, type Role } from '#contracts/roles';
import { isWithin, menuOf } from './menu';

const labels = (role: Role) => menuOf(role).map(({ label }) => label);

describe('the menu', () => {
  it('hides what a role may not ask for', () => {
    expect(labels('orgLiaison')).not.toContain('反馈导入');
    expect(labels('orgLiaison')).not.toContain('核查');
    expect(labels('inspectionOffice')).not.toContain('我的任务');
    expect(labels('supervisionOffice')).not.toContain('线索');
    expect(labels('caseOffice')).toContain('线索');
  });
  it('puts the own work first', () => {
    expect(labels('orgSecretary')[0]).toBe('我的任务');
    expect(labels('supervisionOffice')[0]).toBe('核查');
  });
  it('shows where a page belongs: an issue to the ledger, a feedback to the import', () => {
    expect(isWithin('/ledger', '/issues/f1-0001')).toBe(true);
    expect(isWithin('/feedbacks', '/feedbacks/f1')).toBe(true);
    expect(isWithin('/', '/ledger')).toBe(false);
  });
  it('has no more than nine entries for anyone', () => {
    for (const role of Object.keys(roles) as Role[]) expect(menuOf(role).length).toBeLessThanOrEqual(9);
  });
});
