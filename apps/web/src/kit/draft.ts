// Half-written forms survive a closed tab or an ended session. A draft belongs to one user, one record and one form,
// and is gone once submitted. Beside drafts the page keeps only how far it has verified the logs (`history/memory.ts`).

export type DraftValues = Readonly<Record<string, unknown>>;
export type Draft = { readonly savedAt: string; readonly values: DraftValues };
/** The three calls of Web Storage that drafts need. */
export type DraftStorage = Pick<Storage, 'getItem' | 'setItem' | 'removeItem'>;

export function draftKey(userId: string, recordId: string, form: string): string {
  return ['draft', userId, recordId, form].map(encodeURIComponent).join('/');
}

/** The kept draft, or undefined when there is none, it is damaged, or the storage is closed to us. */
export function loadDraft(storage: DraftStorage, key: string): Draft | undefined {
  try {
    const kept = JSON.parse(storage.getItem(key) ?? 'null') as Partial<Draft> | null;
    if (kept === null || typeof kept.savedAt !== 'string' || typeof kept.values !== 'object') return undefined;
    return kept as Draft;
  } catch {
    return undefined;
  }
}

/** @returns whether it was kept; a full or forbidden storage must not stop the typing. */
export function saveDraft(storage: DraftStorage, key: string, values: DraftValues, savedAt: string): boolean {
  try {
    storage.setItem(key, JSON.stringify({ savedAt, values }));
    return true;
  } catch {
    return false;
  }
}

export function clearDraft(storage: DraftStorage, key: string): void {
  storage.removeItem(key);
}
