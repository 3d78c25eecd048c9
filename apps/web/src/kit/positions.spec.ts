import { forgetPosition, later, notePosition, withPosition } from './positions';

describe('the position of the last command', () => {
  beforeEach(forgetPosition);

  it('is compared as a number, not as text', () => {
    expect(later('9', '10')).toBe('10');
    expect(later('99999999999999999998', '99999999999999999999')).toBe('99999999999999999999');
  });
  it('is not named before the first command', () => expect(withPosition('/api/ledger')).toBe('/api/ledger'));
  it('is named by every read after a command', () => {
    notePosition('42');
    expect(withPosition('/api/ledger')).toBe('/api/ledger?after=42');
    expect(withPosition('/api/ledger?light=red')).toBe('/api/ledger?light=red&after=42');
  });
  it('never goes back', () => {
    notePosition('42');
    notePosition('7');
    expect(withPosition('/x')).toBe('/x?after=42');
  });
});
