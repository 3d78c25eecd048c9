import type { FeedbackPage } from '#contracts/answers';
import { paths, reviseOutline } from '#contracts/api';
import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { draftKey } from '../kit/draft';
import { say } from '../kit/notice';
import { keys } from '../kit/query-keys';
import { useDraft } from '../kit/use-draft';
import { useSend } from '../kit/use-send';
import { useMe } from '../session/session';
import type { Lines } from './outline';

export type Outline = ReturnType<typeof useOutline>;

/**
 * The lines on the clerk's desk: those of the service until something is changed, then the changed ones, kept as a
 * draft until they are saved. A draft made on an older revision is not brought back: it would undo someone else's work.
 */
export function useOutline(feedback: FeedbackPage) {
  const { feedbackId, revision } = feedback;
  const client = useQueryClient();
  const draft = useDraft(draftKey(useMe().data?.id ?? '', feedbackId, 'outline'));
  const { submit, sending, refusal, forget } = useSend({ revision });
  const [edited, setEdited] = useState<Lines | undefined>(() =>
    draft.kept?.values['revision'] === revision ? (draft.kept.values['lines'] as Lines) : undefined,
  );

  async function save(): Promise<void> {
    if (edited === undefined) return;
    const checked = reviseOutline.safeParse({ lines: edited });
    const done = await submit(paths.outline(feedbackId), checked.data ?? { lines: edited });
    if (done === undefined) return;
    draft.drop();
    await client.invalidateQueries({ queryKey: keys.feedback(feedbackId) });
    setEdited(undefined);
    say('已保存修改。');
  }
  return {
    lines: edited ?? feedback.lines,
    changed: edited !== undefined,
    savedAt: draft.savedAt,
    sending,
    refusal,
    save,
    change(lines: Lines) {
      setEdited(lines);
      draft.keep({ revision, lines });
    },
    discard() {
      draft.drop();
      forget();
      setEdited(undefined);
    },
  };
}
