// Reads records with their proofs and checks them at once, each time anew: nobody is asked to press anything.
import type { HistoryQuery, IssueHistory, LogHistory, ProvenLog } from '#contracts/history';
import { paths } from '#contracts/api';
import { useQuery } from '@tanstack/react-query';
import dayjs from 'dayjs';
import { read } from '../kit/http';
import { keys } from '../kit/query-keys';
import { check, type Checked } from './check';
import { recall, remember, seenOf, type Memory } from './memory';
import { saidOfIssue, saidOfLogs, type Said } from './sentences';

/** While something still waits to be witnessed, the page looks again by itself. */
const againMilliseconds = 5_000;

export type CheckedAnswer<Answer> = {
  readonly answer: Answer;
  readonly checked: Checked;
  readonly said: Said;
  /** RFC 3339. */
  readonly at: string;
};

export function useIssueHistory(issueId: string) {
  return useQuery({
    queryKey: keys.history(issueId),
    queryFn: () => checked<IssueHistory>(paths.issueHistory(issueId), issueId, saidOfIssue),
    // Whoever comes back sees it checked anew.
    staleTime: 0,
    refetchInterval: ({ state }) => (state.data?.said.state === 'partial' ? againMilliseconds : false),
  });
}

export function useLogHistory() {
  return useQuery({
    queryKey: keys.history(undefined),
    queryFn: () => checked<LogHistory>(paths.history, undefined, saidOfLogs),
    // Whoever comes back sees it checked anew.
    staleTime: 0,
    refetchInterval: ({ state }) => (state.data?.said.state === 'partial' ? againMilliseconds : false),
  });
}

async function checked<Answer extends { readonly logs: readonly ProvenLog[] }>(
  path: string,
  issueId: string | undefined,
  saidOf: (found: Checked, answer: Answer) => Said,
): Promise<CheckedAnswer<Answer>> {
  // What is asked about is what is compared with, even if another tab has seen more meanwhile.
  const memory = recall(window.localStorage);
  const answer = await read<Answer>(withSeen(path, memory));
  const found = check(answer.logs, (origin) => memory[origin], issueId);
  const at = dayjs().toISOString();
  if (!found.fault) remember(window.localStorage, found.logs, at);
  return { answer, checked: found, said: saidOf(found, answer), at };
}

function withSeen(path: string, memory: Memory): string {
  const seen: HistoryQuery['seen'] = seenOf(memory);
  return seen === undefined ? path : `${path}?${new URLSearchParams({ seen }).toString()}`;
}
