// One thread of `Judges`.
import { parentPort } from 'node:worker_threads';
import { judgeBundle } from '#tlog/judge';
import type { JudgeAnswer, JudgeMessage } from './judges';

parentPort!.on('message', ({ bundle, task }: JudgeMessage) => {
  const { leaves, marks, root, bad, rest } = judgeBundle(bundle, task);
  const answer: JudgeAnswer = { leaves, marks, ...(root && { root }), ...(bad && { bad }), ...(rest && { rest }) };
  parentPort!.postMessage(answer, [leaves.buffer as ArrayBuffer, marks.buffer as ArrayBuffer]);
});
