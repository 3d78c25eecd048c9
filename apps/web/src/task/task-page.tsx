import type { Task, TaskList } from '#contracts/answers';
import { paths } from '#contracts/api';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { Link, useNavigate } from 'react-router';
import { DataTable } from '../kit/data-table';
import { dateTime } from '../kit/format';
import { read } from '../kit/http';
import { Page } from '../kit/page';
import { keys } from '../kit/query-keys';
import { useRowKeys } from '../kit/row-keys';
import { Empty, Shown } from '../kit/states';
import { ActionLoader } from './action-loader';
import { taskColumns } from './task-columns';

export function TaskPage() {
  const tasks = useQuery({ queryKey: keys.tasks, queryFn: () => read<TaskList>(paths.tasks) });
  const cutOff = tasks.data?.cutOff ?? '';
  return (
    <Page title="我的任务" aside={cutOff !== '' && <span className="sub">数据截至 {dateTime(cutOff)}</span>}>
      <Shown reading={tasks}>{(data) => <Content tasks={data.tasks} />}</Shown>
    </Page>
  );
}

/** What this user has to do stands first; everything else of the unit follows for reference. */
function Content({ tasks }: { tasks: readonly Task[] }) {
  const navigate = useNavigate();
  const [doing, setDoing] = useState<Task | undefined>();
  const todo = tasks.filter((task) => task.todo !== '');
  const others = tasks.filter((task) => task.todo === '');
  const [chosen, setChosen] = useState<string | undefined>();
  useRowKeys(
    [...todo, ...others].map(({ line }) => line.issueId),
    chosen,
    setChosen,
  );
  const table = (caption: string, rows: readonly Task[], withAction: boolean) => (
    <DataTable
      caption={caption}
      columns={taskColumns(withAction ? setDoing : undefined)}
      rows={rows}
      rowKey={({ line }) => line.issueId}
      chosen={chosen}
      onChoose={({ line }) => void navigate(`/issues/${line.issueId}`)}
    />
  );
  return (
    <>
      <section aria-labelledby="todo-heading">
        <h2 id="todo-heading">待办 {todo.length}</h2>
        {todo.length === 0 ? (
          <Empty why="现在没有要您办的事。">
            <Link to="/ledger">查看问题台账</Link>
          </Empty>
        ) : (
          table('待办', todo, true)
        )}
      </section>
      {others.length > 0 && (
        <section aria-labelledby="others-heading">
          <h2 id="others-heading">其他问题 {others.length}</h2>
          {table('其他问题', others, false)}
        </section>
      )}
      {doing !== undefined && <ActionLoader task={doing} onClose={() => setDoing(undefined)} />}
    </>
  );
}
