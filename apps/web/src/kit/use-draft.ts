import dayjs from 'dayjs';
import { useEffect, useRef, useState } from 'react';
import { clearDraft, loadDraft, saveDraft, type DraftValues } from './draft';

const restMilliseconds = 600;

/** A form's draft: what was kept when the form opened, and calls to keep more or drop it. */
export function useDraft(key: string) {
  const [kept] = useState(() => loadDraft(window.localStorage, key));
  const [savedAt, setSavedAt] = useState(kept?.savedAt ?? '');
  const timer = useRef(0);
  useEffect(() => () => window.clearTimeout(timer.current), []);
  return {
    kept,
    savedAt,
    keep(values: DraftValues) {
      window.clearTimeout(timer.current);
      timer.current = window.setTimeout(() => {
        const now = dayjs().toISOString();
        if (saveDraft(window.localStorage, key, values, now)) setSavedAt(now);
      }, restMilliseconds);
    },
    drop() {
      window.clearTimeout(timer.current);
      clearDraft(window.localStorage, key);
      setSavedAt('');
    },
  };
}
