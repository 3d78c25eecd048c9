// What each action of an issue asks for: its words, its fields, and the command of the contract behind them.
import type { IssuePage } from '#contracts/answers';
import * as contract from '#contracts/api';
import type { IssueAction, VerificationAction } from '#contracts/api';
import { classWords } from '#contracts/words.zh';
import type { FormSpec } from '../kit/form-drawer';
import { methodWords, optionsOf, returnReasonWords } from '../kit/labels';

type Fields = FormSpec['fields'];
export type ActionSpec = FormSpec & { readonly primary?: boolean };

const people: Fields = [
  { name: 'leadLeader', label: '牵头领导', kind: 'line' },
  { name: 'department', label: '责任部门', kind: 'line' },
  { name: 'person', label: '责任人', kind: 'line' },
];
const verdict: Fields = [
  { name: 'method', label: '核查方式', kind: 'choice', options: optionsOf(methodWords) },
  { name: 'note', label: '核查意见', kind: 'words', rows: 3 },
];

export const issueActionSpecs: Readonly<Record<IssueAction, ActionSpec>> = {
  proposeClaim: {
    name: 'proposeClaim',
    title: '认领问题',
    submit: '认领',
    done: '已提交认领，等待书记签字确认。',
    schema: contract.proposeClaim,
    primary: true,
    fields: people,
  },
  signClaim: {
    name: 'signClaim',
    title: '签字确认认领',
    submit: '签字确认',
    done: '已签字确认认领。',
    schema: contract.signClaim,
    primary: true,
    explanation: '签字表示党组织认领这一问题，并确认牵头领导、责任部门和责任人。签字后不能撤回。',
    fields: [],
  },
  classify: {
    name: 'classify',
    title: '调整类型',
    submit: '调整类型',
    done: '已调整类型。',
    schema: contract.classify,
    explanation: '调整类型会按本轮规则重新计算整改时限。',
    fields: [
      { name: 'class', label: '类型', kind: 'choice', options: optionsOf(classWords) },
      { name: 'reason', label: '理由', kind: 'words', rows: 3 },
    ],
  },
  addMeasure: {
    name: 'addMeasure',
    title: '添加措施',
    submit: '添加措施',
    done: '已添加措施。',
    schema: contract.addMeasure,
    fields: [
      { name: 'text', label: '措施内容', kind: 'words' },
      ...people,
      { name: 'due', label: '完成时限', kind: 'date' },
    ],
  },
  reportProgress: {
    name: 'reportProgress',
    title: '报进展',
    submit: '报进展',
    done: '已报进展。',
    schema: contract.reportProgress,
    primary: true,
    fields: [{ name: 'text', label: '进展及成效', kind: 'words', rows: 8 }],
  },
  attachEvidence: {
    name: 'attachEvidence',
    title: '上传佐证',
    submit: '上传佐证',
    done: '已上传佐证。',
    schema: contract.attachEvidence,
    fields: [
      { name: 'file', label: '佐证文件', kind: 'file', hint: '把文件拖到这里，或点按钮选择；不要上传涉密文件' },
      { name: 'dated', label: '佐证日期', kind: 'date', hint: '文件上的落款日期，应不早于反馈日期' },
      { name: 'explanation', label: '说明', kind: 'words', rows: 3 },
    ],
  },
  withdrawEvidence: {
    name: 'withdrawEvidence',
    title: '撤回佐证',
    submit: '撤回佐证',
    done: '已撤回佐证，记录仍在时间轴中。',
    schema: contract.withdrawEvidence,
    danger: true,
    fields: [
      { name: 'sha256', label: '佐证文件', kind: 'pick' },
      { name: 'reason', label: '撤回理由', kind: 'words', rows: 3 },
    ],
  },
  requestExtension: {
    name: 'requestExtension',
    title: '申请延期',
    submit: '申请延期',
    done: '已申请延期，等待巡视办审核。',
    schema: contract.requestExtension,
    fields: [
      { name: 'until', label: '延期至', kind: 'date' },
      { name: 'reason', label: '理由', kind: 'words' },
    ],
  },
  grantExtension: {
    name: 'grantExtension',
    title: '同意延期',
    submit: '同意延期',
    done: '已同意延期。',
    schema: contract.grantExtension,
    primary: true,
    explanation: '同意后，整改时限改为申请的日期。',
    fields: [],
  },
  refuseExtension: {
    name: 'refuseExtension',
    title: '不同意延期',
    submit: '不同意延期',
    done: '已答复不同意延期。',
    schema: contract.refuseExtension,
    fields: [{ name: 'reason', label: '理由', kind: 'words', rows: 3 }],
  },
  prepareCloseOut: {
    name: 'prepareCloseOut',
    title: '申请销号',
    submit: '申请销号',
    done: '已提交销号材料，等待依次签字。',
    schema: contract.prepareCloseOut,
    explanation: '提交后由经办、牵头领导、党组织书记依次签字，再送核查机关。',
    fields: [
      { name: 'result', label: '整改结果', kind: 'words', rows: 6 },
      { name: 'causeRemoved', label: '原因如何消除', kind: 'words' },
      { name: 'generalisation', label: '举一反三', kind: 'words' },
    ],
  },
  signCloseOut: {
    name: 'signCloseOut',
    title: '签字确认销号申请',
    submit: '签字确认',
    done: '已签字确认。',
    schema: contract.signCloseOut,
    primary: true,
    explanation: '签字表示您已看过整改结果和佐证，同意申请销号。签字后不能撤回。',
    fields: [],
  },
};

export const verdictSpecs: Readonly<Record<VerificationAction, ActionSpec>> = {
  accept: {
    name: 'accept',
    title: '同意销号',
    submit: '同意销号',
    done: '已同意销号，巡视办收到后完成销号。',
    schema: contract.accept,
    primary: true,
    fields: verdict,
  },
  acceptAsSubstantiallyDone: {
    name: 'acceptAsSubstantiallyDone',
    title: '认定基本完成',
    submit: '认定基本完成',
    done: '已认定基本完成。',
    schema: contract.acceptAsSubstantiallyDone,
    explanation: '基本完成单独统计，不计入完成率；剩余工作到期后继续核查。',
    fields: [
      ...verdict,
      { name: 'remaining', label: '剩余工作', kind: 'words', rows: 3 },
      { name: 'newDate', label: '剩余工作时限', kind: 'date' },
    ],
  },
  return: {
    name: 'return',
    title: '退回',
    submit: '退回',
    done: '已退回，单位会看到退回理由。',
    schema: contract.returnCloseOut,
    danger: true,
    fields: [
      { name: 'reasonCode', label: '退回原因', kind: 'choice', options: optionsOf(returnReasonWords) },
      { name: 'reason', label: '具体理由', kind: 'words' },
      ...verdict,
    ],
  },
};

/** A statement on its way through the signatures can be replaced; what was signed before no longer counts. */
export const prepareAgainSpec: ActionSpec = {
  ...issueActionSpecs.prepareCloseOut,
  title: '重新填报销号材料',
  submit: '重新填报',
  done: '已重新填报，等待依次签字。',
  explanation: '重新填报后，已签的字作废，由经办、牵头领导、党组织书记重新依次签字。',
};

export function isInSigning({ line, closeOut }: IssuePage): boolean {
  return closeOut !== undefined && closeOut.attempt > line.attempt;
}
