// Published events in the words of the ledger: a label for what happened, and a sentence of what it says.
import type { returnReasons } from '#contracts/api';
import type { IssueClass } from '#contracts/events';
import type { Shown } from '../shown';

const classes: Readonly<Record<IssueClass, string>> = {
  immediate: '立行立改',
  timeLimited: '限期整改',
  longTerm: '长期坚持',
};
const authorities = { commission: '纪委监委', organization: '组织部' } as const;
const methods = { document: '书面核查', onSite: '现场核查' } as const;
const reasons: Readonly<Record<(typeof returnReasons)[number], string>> = {
  evidenceMissing: '佐证缺失',
  evidenceDoubtful: '佐证存疑',
  causeNotRemoved: '原因未消除',
  noFigures: '没有具体数据',
  notGeneralised: '没有举一反三',
  other: '其他',
};

const labels: Readonly<Record<Shown['type'], string>> = {
  'inspection.round-opened.v1': '建立轮次',
  'inspection.organisation-enrolled.v1': '列入被巡视党组织',
  'inspection.round-closed.v1': '轮次结束',
  'inspection.feedback-registered.v1': '登记反馈意见',
  'inspection.feedback-frozen.v1': '冻结反馈意见',
  'inspection.issue-registered.v1': '登记问题',
  'inspection.issue-claimed.v1': '认领',
  'inspection.issue-classified.v1': '调整分类',
  'inspection.measure-added.v1': '制定整改措施',
  'inspection.extension-requested.v1': '申请延期',
  'inspection.extension-granted.v1': '同意延期',
  'inspection.extension-refused.v1': '不同意延期',
  'inspection.progress-reported.v1': '报送进展',
  'inspection.evidence-attached.v1': '上传佐证',
  'inspection.evidence-withdrawn.v1': '撤回佐证',
  'inspection.close-out-signed.v1': '签字确认',
  'inspection.close-out-requested.v1': '申请销号',
  'inspection.close-out-returned.v1': '登记退回',
  'inspection.issue-substantially-done.v1': '登记基本完成',
  'inspection.issue-closed-out.v1': '登记销号',
  'inspection.clue-handed-over.v1': '移交线索',
  'inspection.clue-dual-handed-over.v1': '双移交线索',
  'commission.clue-received.v1': '签收线索',
  'organization.clue-received.v1': '签收线索',
  'commission.clue-destroyed.v1': '销毁线索内容',
  'organization.clue-destroyed.v1': '销毁线索内容',
  'inspection.clue-destroyed.v1': '销毁线索内容',
  'inspection.sealing-key-announced.v1': '公布密封公钥',
  'commission.sealing-key-announced.v1': '公布密封公钥',
  'organization.sealing-key-announced.v1': '公布密封公钥',
  'commission.feedback-received.v1': '签收反馈意见',
  'commission.close-out-received.v1': '签收销号申请',
  'commission.close-out-accepted.v1': '同意销号',
  'commission.close-out-accepted-as-substantially-done.v1': '认定基本完成',
  'commission.close-out-returned.v1': '退回',
  'organization.feedback-received.v1': '签收反馈意见',
  'organization.close-out-received.v1': '签收销号申请',
  'organization.close-out-accepted.v1': '同意销号',
  'organization.close-out-accepted-as-substantially-done.v1': '认定基本完成',
  'organization.close-out-returned.v1': '退回',
  'commission.key-announced.v1': '公布新密钥',
  'organization.key-announced.v1': '公布新密钥',
  'inspection.key-announced.v1': '公布新密钥',
  'commission.journal-anchored.v1': '锚定私有日志',
  'organization.journal-anchored.v1': '锚定私有日志',
  'inspection.journal-anchored.v1': '锚定私有日志',
  'commission.totals-published.v1': '公布总数',
  'organization.totals-published.v1': '公布总数',
  'inspection.totals-published.v1': '公布总数',
  'commission.totals-compared.v1': '核对总数',
  'organization.totals-compared.v1': '核对总数',
  'inspection.totals-compared.v1': '核对总数',
  'commission.key-revoked.v1': '吊销密钥',
  'organization.key-revoked.v1': '吊销密钥',
  'inspection.key-revoked.v1': '吊销密钥',
};

export function labelOf(event: Shown): string {
  return labels[event.type];
}

/** Of an event whose data nobody has checked; undefined for a type that is unknown here. */
export function labelOfType(type: string): string | undefined {
  return Object.hasOwn(labels, type) ? labels[type as Shown['type']] : undefined;
}

/** Whoever writes a sentence ends it; where ours goes on, one full stop is enough. */
const open = (words: string): string => words.replace(/[。；\s]+$/, '');

/** Empty where the label says it all. */
export function wordsOf(event: Shown): string {
  switch (event.type) {
    case 'inspection.issue-registered.v1':
      return `${event.data.number} ${event.data.title}`;
    case 'inspection.issue-claimed.v1':
      return `牵头领导${event.data.leadLeader}，责任部门${event.data.department}，责任人${event.data.person}`;
    case 'inspection.issue-classified.v1':
      return `改为${classes[event.data.class]}，期限${event.data.due}。理由：${event.data.reason}`;
    case 'inspection.measure-added.v1': {
      const { text, leadLeader, department, person, due } = event.data;
      return `${open(text)}（${leadLeader}，${department}，${person}，${due}前）`;
    }
    case 'inspection.extension-requested.v1':
      return `申请延至${event.data.until}。理由：${event.data.reason}`;
    case 'inspection.extension-granted.v1':
      return `期限延至${event.data.until}`;
    case 'inspection.progress-reported.v1':
      return event.data.text;
    case 'inspection.evidence-attached.v1': {
      const { name, dated, explanation } = event.data;
      return `${name}（形成于${dated}）${explanation === '' ? '' : `。说明：${explanation}`}`;
    }
    case 'inspection.close-out-signed.v1':
      return `第${event.data.attempt}次申请，第${event.data.step}个签字`;
    case 'inspection.close-out-requested.v1':
      return `第${event.data.attempt}次申请，送${authorities[event.data.verifier]}核查。${event.data.result}`;
    default:
      return decisionWords(event);
  }
}

function decisionWords(event: Shown): string {
  switch (event.type) {
    case 'inspection.extension-refused.v1':
    case 'inspection.evidence-withdrawn.v1':
      return `理由：${event.data.reason}`;
    case 'inspection.close-out-returned.v1':
      return `累计退回${event.data.returns}次。${reasonWords(event.data)}`;
    case 'inspection.issue-substantially-done.v1':
      return `尚余：${open(event.data.remaining)}。新期限${event.data.newDate}`;
    case 'inspection.issue-closed-out.v1':
      return `经${authorities[event.data.verifier]}核查同意`;
    case 'commission.close-out-received.v1':
    case 'organization.close-out-received.v1':
      return `第${event.data.attempt}次申请`;
    case 'commission.close-out-accepted.v1':
    case 'organization.close-out-accepted.v1':
      return checkWords(event.data);
    case 'commission.close-out-accepted-as-substantially-done.v1':
    case 'organization.close-out-accepted-as-substantially-done.v1':
      return `${open(checkWords(event.data))}。尚余：${open(event.data.remaining)}。新期限${event.data.newDate}`;
    case 'commission.close-out-returned.v1':
    case 'organization.close-out-returned.v1':
      return `${open(checkWords(event.data))}。${reasonWords(event.data)}`;
    default:
      return '';
  }
}

function checkWords({ method, note }: { method: keyof typeof methods; note: string }): string {
  return note === '' ? methods[method] : `${methods[method]}：${note}`;
}

function reasonWords({ reasonCode, reason }: { reasonCode: string; reason: string }): string {
  const code = (reasons as Readonly<Record<string, string>>)[reasonCode] ?? reasonCode;
  return `理由（${code}）：${reason}`;
}
