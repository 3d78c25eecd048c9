import type { FeedbackList, TaskList, VerificationQueue } from '#contracts/answers';
import { paths } from '#contracts/api';
import { useQuery } from '@tanstack/react-query';
import { read } from '../kit/http';
import { keys } from '../kit/query-keys';
import { useMay } from '../session/session';

export type Todo = { readonly count: number; readonly path: string };

/** How many things wait for this user, and on which page. */
export function useTodo(): Todo {
  const may = useMay();
  const tasks = useQuery({
    queryKey: keys.tasks,
    queryFn: () => read<TaskList>(paths.tasks),
    enabled: may('task.read'),
  });
  const queue = useQuery({
    queryKey: keys.verifications,
    queryFn: () => read<VerificationQueue>(paths.verifications),
    enabled: may('verification.read'),
  });
  const feedbacks = useQuery({
    queryKey: keys.feedbacks,
    queryFn: () => read<FeedbackList>(paths.feedbacks),
    enabled: may('feedback.read'),
  });
  if (may('task.read')) {
    return { count: tasks.data?.tasks.filter((task) => task.todo !== '').length ?? 0, path: '/tasks' };
  }
  if (may('verification.read')) return { count: queue.data?.waiting.length ?? 0, path: '/verifications' };
  const editing = feedbacks.data?.filter(({ state }) => state === 'editing') ?? [];
  return { count: editing.length, path: '/feedbacks' };
}
