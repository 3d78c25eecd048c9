import { clearDraft, draftKey, loadDraft, saveDraft, type DraftStorage } from './draft';

function memory(): DraftStorage {
  const kept = new Map<string, string>();
  return {
    getItem: (key) => kept.get(key) ?? null,
    setItem: (key, value) => void kept.set(key, value),
    removeItem: (key) => void kept.delete(key),
  };
}

describe('drafts', () => {
  it('come back as they were kept', () => {
    const storage = memory();
    saveDraft(storage, 'k', { text: '已整改' }, '2026-11-24T08:20:00Z');
    expect(loadDraft(storage, 'k')).toEqual({ savedAt: '2026-11-24T08:20:00Z', values: { text: '已整改' } });
  });
  it('are gone once cleared', () => {
    const storage = memory();
    saveDraft(storage, 'k', { text: '已整改' }, '2026-11-24T08:20:00Z');
    clearDraft(storage, 'k');
    expect(loadDraft(storage, 'k')).toBeUndefined();
  });
  it('belong to one user: another at the same desk does not get them', () => {
    expect(draftKey('li', 'issue-1', 'reportProgress')).not.toBe(draftKey('wang', 'issue-1', 'reportProgress'));
  });
  it('cannot be confused by separators inside ids', () => {
    expect(draftKey('a/b', 'c', 'd')).not.toBe(draftKey('a', 'b/c', 'd'));
  });
  it('are ignored when damaged', () => {
    const storage = memory();
    storage.setItem('k', '{"savedAt":');
    expect(loadDraft(storage, 'k')).toBeUndefined();
  });
  it('never stop the typing when the storage is full', () => {
    const full: DraftStorage = {
      ...memory(),
      setItem: () => {
        throw new Error('quota');
      },
    };
    expect(saveDraft(full, 'k', {}, '')).toBe(false);
  });
});
