import type { Done } from '#contracts/answers';
import { useQueryClient } from '@tanstack/react-query';
import { useRef, useState } from 'react';
import { send } from './http';
import { isView, keys } from './query-keys';
import { asRefusal, type Refusal } from './refusal';
import { fingerprint, Submission } from './submission';

type Options = { readonly method?: string; readonly revision?: number };

/**
 * Sends one command at a time. The promise resolves to the boxed answer, or to undefined when it was refused; the
 * refusal is then in `refusal`. After success every view shown is read again, at the position of the command.
 */
export function useSend(options: Options = {}) {
  const client = useQueryClient();
  const submission = useRef(new Submission());
  const [sending, setSending] = useState(false);
  const [refusal, setRefusal] = useState<Refusal | undefined>();

  async function submit<Answer = Done>(path: string, body: unknown): Promise<{ answer: Answer } | undefined> {
    if (sending) return undefined;
    setSending(true);
    setRefusal(undefined);
    try {
      const commandId = submission.current.idFor(fingerprint(path, body));
      const answer = await send<Answer>(path, body, { commandId, ...options });
      submission.current.finish();
      // Waited for: the next action from this page must not begin from what was there before this one.
      await client.invalidateQueries({ predicate: ({ queryKey }) => isView(queryKey[0]) });
      return { answer };
    } catch (error) {
      const refused = asRefusal(error);
      if (refused.problem.code === 'session.none') client.setQueryData(keys.session, null);
      setRefusal(refused);
      return undefined;
    } finally {
      setSending(false);
    }
  }

  return { submit, sending, refusal, forget: () => setRefusal(undefined) };
}
