import { Button } from 'antd';
import { Component, type ReactNode } from 'react';
import { Page } from '../kit/page';
import { Empty } from '../kit/states';

type Props = { readonly children: ReactNode };

/** Instead of a blank: most often a page from before an upgrade asks for a part that the new version no longer has. */
export class Mishap extends Component<Props, { readonly failed: boolean }> {
  override state = { failed: false };

  static getDerivedStateFromError(): { failed: boolean } {
    return { failed: true };
  }

  override render(): ReactNode {
    if (!this.state.failed) return this.props.children;
    return (
      <Page title="这一页没有打开">
        <Empty why="系统可能刚刚升级，草稿仍保存在本机。请重新载入；如持续出现请联系系统管理员。">
          <Button type="primary" onClick={() => window.location.reload()}>
            重新载入
          </Button>
        </Empty>
      </Page>
    );
  }
}
