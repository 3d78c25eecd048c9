// What each action on a list of clues asks for, and the command of the contract behind it.
import type { ClueAction } from '#contracts/clues';
import { clueReason, confirmDestruction, signReceipt } from '#contracts/clues';
import type { FormSpec } from '../kit/form-drawer';

const reason = (label: string, hint: string): FormSpec['fields'] => [
  { name: 'reason', label, kind: 'words', rows: 3, hint },
];

export const clueSpecs: Readonly<Record<ClueAction, FormSpec>> = {
  signReceipt: {
    name: 'signReceipt',
    title: '签收线索清单',
    submit: '签收',
    done: '已签收。',
    schema: signReceipt,
    explanation: '请逐件清点后填写件数；签收后不能撤回。',
    fields: [{ name: 'count', label: '清点件数', kind: 'number' }],
  },
  openBody: {
    name: 'openBody',
    title: '启封线索内容',
    submit: '启封',
    done: '已启封，事由已记录。',
    schema: clueReason,
    explanation: '谁在何时因何启封，记入本机关的私有日志，不能删除。离开本页后内容不再显示。',
    fields: reason('启封事由', '如：分办前阅；不写被反映人姓名和内容'),
  },
  requestDestruction: {
    name: 'requestDestruction',
    title: '申请销毁线索内容',
    submit: '申请销毁',
    done: '已申请销毁，等待另一位同志确认。',
    schema: clueReason,
    danger: true,
    explanation: '销毁须两人办理：您申请后，由另一位同志确认才会销毁。移交、签收的记录保留。',
    fields: reason('销毁依据', '如：保管期满，写明批准文号；不写被反映人姓名和内容'),
  },
  confirmDestruction: {
    name: 'confirmDestruction',
    title: '确认销毁线索内容',
    submit: '确认销毁',
    done: '已销毁。',
    schema: confirmDestruction,
    danger: true,
    explanation: '确认后本机关保存的内容立即销毁，任何人都不能恢复；移交、签收和销毁的记录保留。',
    fields: [],
  },
  dropDestruction: {
    name: 'dropDestruction',
    title: '撤销销毁申请',
    submit: '撤销申请',
    done: '已撤销销毁申请，内容继续保存。',
    schema: clueReason,
    fields: reason('撤销理由', '如：案件尚未了结'),
  },
};
