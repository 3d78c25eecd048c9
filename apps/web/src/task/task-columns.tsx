import type { Task } from '#contracts/answers';
import { Button } from 'antd';
import { Link } from 'react-router';
import { issueActionSpecs } from '../issue/action-specs';
import { LightMark, StatusChip } from '../kit/chips';
import type { Column } from '../kit/data-table';
import { dateTime } from '../kit/format';
import { WitnessBadge } from '../kit/witness-badge';

const about: readonly Column<Task>[] = [
  {
    key: 'number',
    title: '编号',
    width: 108,
    cell: ({ line }) => <Link to={`/issues/${line.issueId}`}>{line.number}</Link>,
  },
  { key: 'title', title: '反馈问题', cell: ({ line }) => <div className="two-lines">{line.title}</div> },
  {
    key: 'due',
    title: '时限',
    width: 158,
    cell: ({ line }) => (
      <>
        {line.due} <LightMark light={line.light} daysLeft={line.daysLeft} />
      </>
    ),
  },
  {
    key: 'status',
    title: '状态',
    width: 98,
    cell: ({ line }) => (
      <>
        <StatusChip status={line.status} />
        {line.returns > 0 && <div className="sub">退回{line.returns}次</div>}
        <div>
          <WitnessBadge status={line.witness} />
        </div>
      </>
    ),
  },
  { key: 'work', title: '措施/佐证', width: 82, cell: ({ line }) => `${line.measures}/${line.evidence}` },
];

/** Columns of a task list; with `onDo` the next step can be taken from the row itself. */
export function taskColumns(onDo: ((task: Task) => void) | undefined): readonly Column<Task>[] {
  if (onDo === undefined) return about;
  return [
    ...about,
    { key: 'since', title: '何时起', width: 132, cell: ({ since }) => <span className="sub">{dateTime(since)}</span> },
    {
      key: 'todo',
      title: '要办的事',
      width: 300,
      cell: (task) => (
        <div className="todo-cell">
          {task.action !== '' && task.todo === issueActionSpecs[task.action].title ? null : <span>{task.todo}</span>}
          {task.action !== '' && (
            <Button
              size="small"
              type="primary"
              aria-label={`${issueActionSpecs[task.action].title} ${task.line.number}`}
              onClick={() => onDo(task)}
            >
              {issueActionSpecs[task.action].title}
            </Button>
          )}
        </div>
      ),
    },
  ];
}
