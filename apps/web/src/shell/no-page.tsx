import { Link } from 'react-router';
import { Page } from '../kit/page';
import { Empty } from '../kit/states';

export function NoPage() {
  return (
    <Page title="没有这个页面">
      <Empty why="没有这个地址，请从左侧菜单进入。">
        <Link to="/">回到总览</Link>
      </Empty>
    </Page>
  );
}
