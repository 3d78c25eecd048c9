import { useSyncExternalStore } from 'react';
import { readConnection, watchConnection } from '../kit/connection';
import { clock } from '../kit/format';

/** Quiet while all is well; says how old the page is when the service cannot be reached. */
export function LiveLine() {
  const { live, readAt } = useSyncExternalStore(watchConnection, readConnection);
  return (
    <div className="live-line" role="status">
      {live === 'down' && (
        <p>连不上服务{readAt === '' ? '' : `，数据截至${clock(readAt)}`}。正在重新连接；填写的内容会保存在本机。</p>
      )}
    </div>
  );
}
