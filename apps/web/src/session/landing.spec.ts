import { landing } from './landing';

describe('after sign-in', () => {
  it('a unit lands on its tasks, an office on the overview', () => {
    expect(landing('orgLiaison', null)).toBe('/tasks');
    expect(landing('inspectionOffice', null)).toBe('/');
  });
  it('the page that was asked for comes back', () => {
    expect(landing('orgLiaison', '/issues/issue-1')).toBe('/issues/issue-1');
  });
  it('an address outside this site is never followed', () => {
    expect(landing('orgLiaison', '//evil.example')).toBe('/tasks');
    expect(landing('orgLiaison', 'https://evil.example')).toBe('/tasks');
    expect(landing('orgLiaison', '/sign-in?next=/')).toBe('/tasks');
  });
});
