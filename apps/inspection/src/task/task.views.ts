// Tasks keep nothing of their own: they are read off the ledger and the rules of the issue.
import type { Slice } from '#chassis/slice';
import type { Asked } from './task.api';
import { taskApi } from './task.api';

export function taskSlice(asked: Asked): Slice {
  return { name: 'task', api: [taskApi(asked)] };
}
