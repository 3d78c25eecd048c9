import type { IssuePage, Task } from '#contracts/answers';
import { paths } from '#contracts/api';
import { useQuery } from '@tanstack/react-query';
import { Drawer } from 'antd';
import { ActionDrawer } from '../issue/action-drawer';
import { issueActionSpecs } from '../issue/action-specs';
import { read } from '../kit/http';
import { keys } from '../kit/query-keys';
import { Shown } from '../kit/states';

/** A form opened from the list still needs the issue itself: its revision, and the facts that are not typed again. */
export function ActionLoader({ task, onClose }: { task: Task; onClose: () => void }) {
  const { issueId } = task.line;
  const { action } = task;
  const issue = useQuery({ queryKey: keys.issue(issueId), queryFn: () => read<IssuePage>(paths.issue(issueId)) });
  if (action === '') return null;
  if (issue.data !== undefined) return <ActionDrawer issue={issue.data} chosen={{ action }} onClose={onClose} />;
  return (
    <Drawer open title={issueActionSpecs[action].title} size={520} onClose={onClose} destroyOnHidden>
      <Shown reading={issue}>{() => null}</Shown>
    </Drawer>
  );
}
