import { isUuid, newId, newToken, uuidFrom } from './ids';

describe('ids', () => {
  it('derived from a name are the same for ever: repeated requests rely on this value', () => {
    expect(uuidFrom('issue-1\nclaim\n0')).toBe(uuidFrom('issue-1\nclaim\n0'));
    expect(uuidFrom('')).toBe('754c33e3-9a7d-57ea-b733-5d9d8bc5fbcf');
    expect(uuidFrom('a')).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-5[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  });

  it('are told from other text', () => {
    expect(isUuid(newId())).toBe(true);
    for (const text of ['', 'x', `${newId()}\n`, newId().replaceAll('-', '')]) expect(isUuid(text)).toBe(false);
  });

  it('drawn at random carry 256 bits', () => {
    expect(newToken()).toMatch(/^[A-Za-z0-9_-]{43}$/);
    expect(newToken()).not.toBe(newToken());
  });
});
