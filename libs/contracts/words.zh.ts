// Chinese words of ux.md section 6 for the values of the contract, for screens and papers alike; one word, one meaning.
import type { IssueStatus } from './answers';
import type { IssueClass, IssueKind, IssueSpecial } from './events';

export const statusWords: Readonly<Record<IssueStatus, string>> = {
  registered: '已登记',
  claimed: '已认领',
  rectifying: '整改中',
  closeOutRequested: '申请销号',
  substantiallyDone: '基本完成',
  closedOut: '已销号',
};
export const classWords: Readonly<Record<IssueClass, string>> = {
  immediate: '立行立改',
  timeLimited: '限期整改',
  longTerm: '长期坚持',
};
export const kindWords: Readonly<Record<IssueKind, string>> = { single: '个性', common: '共性', sectoral: '行业性' };
export const specialWords: Readonly<Record<IssueSpecial, string>> = {
  none: '巡视',
  selection: '选人用人专项',
  ideology: '意识形态专项',
};
