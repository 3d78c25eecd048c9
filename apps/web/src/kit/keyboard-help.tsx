import { Drawer } from 'antd';
import { useReturnFocus } from './return-focus';

const keysAndWords = [
  ['/', '搜索问题'],
  ['J 与 K', '下一行、上一行'],
  ['Enter', '打开选中的一行'],
  ['1 2 3', '核查时：同意销号、认定基本完成、退回'],
  ['Ctrl+Enter', '保存或提交正在填写的内容'],
  ['Esc', '关闭侧边窗口'],
  ['?', '显示本页说明'],
] as const;

export function KeyboardHelp({ onClose }: { onClose: () => void }) {
  useReturnFocus();
  return (
    <Drawer open title="键盘操作" size={380} onClose={onClose} destroyOnHidden>
      <dl className="keys">
        {keysAndWords.map(([key, words]) => (
          <div key={key}>
            <dt>
              <kbd>{key}</kbd>
            </dt>
            <dd>{words}</dd>
          </div>
        ))}
      </dl>
    </Drawer>
  );
}
