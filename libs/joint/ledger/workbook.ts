// The ledger as a table of the customary columns (整改台账, ux.md section 2 T4). Columns for figures that nobody has
// recorded are left out: nothing is invented, and an empty column would ask for the same fact twice.
import type { IssueStatus } from '#contracts/answers';
import { classWords, specialWords } from '#contracts/words.zh';
import { civilDateOf } from '../civil-time';
import type { LedgerRow } from './ledger';
import type { OfficePart } from './parts';

/** All of a row but what it is searched by. */
export type ExportedRow = Omit<LedgerRow, 'words' | 'grams'>;

export type LedgerColumn = {
  readonly group: string;
  readonly title: string;
  readonly width: number;
  readonly value: (row: ExportedRow, n: number) => string | number;
};

/** 完成情况 knows three words; the ledger's steps before an accepted close-out are all 未完成. */
const doneWords: Readonly<Record<IssueStatus, string>> = {
  registered: '未完成',
  claimed: '未完成',
  rectifying: '未完成',
  closeOutRequested: '未完成',
  substantiallyDone: '基本完成',
  closedOut: '已完成',
};

const office = ({ parts }: ExportedRow): OfficePart | undefined => parts.inspection;
const numbered = (lines: readonly string[]): string => lines.map((line, n) => `${n + 1}. ${line}`).join('\n');

/** The first column is hidden: it carries the id, by which a filled-in sheet finds its way back. */
export const ledgerColumns: readonly LedgerColumn[] = [
  { group: '', title: '_id', width: 4, value: ({ id }) => id },
  { group: '', title: '序号', width: 6, value: (_, n) => n },
  { group: '', title: '编号', width: 12, value: ({ number }) => number },
  { group: '', title: '单位', width: 16, value: ({ unitName }) => unitName },
  { group: '反馈问题', title: '方面', width: 14, value: ({ topic }) => topic },
  { group: '反馈问题', title: '专项', width: 12, value: ({ special }) => specialWords[special] },
  { group: '反馈问题', title: '原文', width: 40, value: (row) => office(row)?.registered.text || row.title },
  { group: '反馈问题', title: '类型', width: 10, value: (row) => classWords[row.class] },
  {
    group: '整改任务',
    title: '措施',
    width: 40,
    value: (row) => numbered((office(row)?.measures ?? []).map(({ text }) => text)),
  },
  { group: '整改任务', title: '牵头领导', width: 10, value: ({ leadLeader }) => leadLeader },
  { group: '整改任务', title: '责任部门', width: 14, value: ({ department }) => department },
  { group: '整改任务', title: '责任人', width: 10, value: ({ person }) => person },
  { group: '整改任务', title: '时限', width: 12, value: ({ due }) => due },
  { group: '进展', title: '完成情况', width: 10, value: ({ status }) => doneWords[status] },
  { group: '进展', title: '进展及成效', width: 40, value: (row) => office(row)?.request?.result ?? '' },
  { group: '进展', title: '佐证', width: 8, value: ({ evidence }) => evidence },
  {
    group: '核查',
    title: '申请日',
    width: 12,
    value: (row) => {
      const at = office(row)?.request?.at;
      return at === undefined ? '' : civilDateOf(at);
    },
  },
  { group: '核查', title: '意见', width: 20, value: ({ parts, verifier }) => parts[verifier]?.verdict?.words ?? '' },
  { group: '核查', title: '销号日', width: 12, value: ({ closedOn }) => closedOn },
  { group: '核查', title: '退回次数', width: 8, value: ({ returns }) => returns },
  {
    group: '',
    title: '延期至',
    width: 12,
    value: (row) => {
      const extension = office(row)?.extension;
      return extension?.state === 'granted' ? extension.until : '';
    },
  },
  { group: '', title: '备注', width: 14, value: () => '' },
];
