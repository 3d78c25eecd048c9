import type { ReactNode } from 'react';
import { Page } from '../kit/page';
import { Empty } from '../kit/states';
import { useMay } from '../session/session';

/** Shows a page only to those who may ask for it; the others learn whom to ask. The service refuses them anyway. */
export function Allowed({ permission, children }: { permission: string; children: ReactNode }) {
  const may = useMay();
  if (may(permission)) return <>{children}</>;
  return (
    <Page title="没有权限">
      <Empty why="您的角色不能查看这一页。如确需查看，请联系本机构系统管理员。" />
    </Page>
  );
}
