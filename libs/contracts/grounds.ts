// On what grounds a published event could be recorded (放行依据): which rule of the rule books let it pass, and what that
// rule demanded. A rule is named like its permission (`<decider>.<Command>`), a condition like the refusal that would have
// come otherwise, so that the three tables speak of the same things.
import type { PublishedType } from './events';

/** What a rule demands, by the code with which it refuses; said as what was the case when it let the event pass. */
export const conditions = {
  'round.exists': '轮次此前没有建立过',
  'round.none': '轮次已建立',
  'round.closed': '轮次尚未结束',
  'round.enrolled': '该党组织此前没有列入本轮次',
  'date.none': '日期确有此日',
  'feedback.exists': '反馈意见此前没有登记过',
  'feedback.none': '反馈意见已登记',
  'feedback.frozen': '反馈意见尚未冻结',
  'feedback.future': '反馈日期不晚于当天',
  'feedback.tooLong': '清单文字没有超过限度',
  'feedback.empty': '清单里有问题',
  'feedback.noTitle': '每条都有问题原文',
  'feedback.noNumber': '每条都有编号',
  'feedback.noUnit': '每条都选定了被巡视党组织',
  'feedback.unitUnknown': '所选党组织都在本轮次中',
  'feedback.noDepartment': '行业性问题都填了业务主管部门',
  'feedback.numberTwice': '同一单位没有重复的编号',
  'feedback.difference': '声明数与找到数相等，或写明了差异原因',
  'issue.none': '问题已登记',
  'issue.closedOut': '问题尚未销号',
  'closeOut.waiting': '没有正在核查的销号申请',
  'issue.notClaimed': '问题已认领，书记已签字',
  'claim.notProposed': '联络员已提出认领',
  'claim.signed': '认领此前没有签过字',
  'issue.sameClass': '分类确有变化',
  'issue.measureLater': '已有措施的时限都不晚于改类后的期限',
  'measure.oneLeader': '牵头领导只有一人',
  'measure.oneDepartment': '责任部门只有一个',
  'measure.beyondDue': '措施时限不晚于问题期限',
  'evidence.type': '文件属可接收的类型，内容与扩展名一致',
  'evidence.future': '佐证形成日期不晚于当天',
  'evidence.beforeFeedback': '佐证不早于反馈日期，或写明了原因',
  'evidence.twice': '同一内容此前没有上传过',
  'evidence.tooMany': '佐证份数没有超过限度',
  'evidence.none': '该佐证在案且没有撤回',
  'extension.pending': '没有待答复的延期申请',
  'extension.notLater': '所申请的日期晚于现期限',
  'extension.tooLate': '申请时期限未过',
  'extension.none': '有待答复的延期申请',
  'closeOut.noMeasure': '已有整改措施',
  'closeOut.noEvidence': '已有佐证材料',
  'closeOut.noResult': '整改结果、原因消除和举一反三都已填写',
  'closeOut.notPrepared': '销号申请已填报，佐证此后没有变动',
  'closeOut.turn': '按次序轮到该角色签字',
  'closeOut.sameSigner': '每一级由不同的人签字',
  'closeOut.notRequested': '该次申请正在等待核查结论',
  'verification.notCompetent': '由有权核查此类问题的机关作出：选人用人问题归组织部，其他归纪委监委',
  'verification.notWaiting': '有等待核查的销号申请，尚无结论',
  'verification.ownSignature': '核查人没有在单位一方签过字（回避）',
  'verification.noRemaining': '写明了尚余的任务',
  'verification.dateNotFuture': '新期限在当天之后',
  'verification.noReason': '退回写明了理由',
  'clueHandOver.exists': '该清单此前没有移交过',
  'clueHandOver.empty': '清单里有线索',
  'clueReceipt.none': '清单已收到',
  'clueReceipt.signed': '清单此前没有签收过',
  'clueReceipt.countDiffers': '签收人点收的件数与收到的相等',
  'clueReceipt.ownHandOver': '签收人不是移交人（回避）',
  'body.destroyed': '线索内容此前没有销毁',
  'clueFile.notRequested': '有一人已申请销毁',
  'clueFile.ownRequest': '确认人不是申请人（两人办理）',
} as const;
export type Condition = keyof typeof conditions;

const open = ['issue.none', 'issue.closedOut', 'closeOut.waiting'] as const;
const frozen = [
  ...([
    'feedback.none',
    'feedback.frozen',
    'round.none',
    'round.closed',
    'feedback.empty',
    'feedback.noTitle',
  ] as const),
  ...(['feedback.noNumber', 'feedback.noUnit', 'feedback.unitUnknown', 'feedback.noDepartment'] as const),
  ...(['feedback.numberTwice', 'feedback.difference', 'feedback.tooLong'] as const),
] as const;
const deciding = ['verification.notCompetent', 'verification.notWaiting', 'verification.ownSignature'] as const;

/** Each rule by which something is published: its name in people's words, and what it demands. */
export const passing = {
  'round.OpenRound': { name: '建立轮次', demands: ['round.exists'] },
  'round.EnrolOrganisation': { name: '列入被巡视党组织', demands: ['round.none', 'round.closed', 'round.enrolled'] },
  'round.CloseRound': { name: '结束轮次', demands: ['round.none', 'round.closed'] },
  'feedback.RegisterFeedback': {
    name: '登记反馈意见',
    demands: ['feedback.exists', 'round.none', 'round.closed', 'date.none', 'feedback.future', 'feedback.tooLong'],
  },
  'feedback.FreezeFeedback': { name: '冻结反馈意见', demands: frozen },
  // Asked by the service for each line of a frozen feedback: what the freezing demanded is what let it pass.
  'issue.RegisterIssue': { name: '冻结后逐条登记问题', demands: frozen },
  'issue.SignClaim': {
    name: '书记签字认领',
    demands: [...open, 'claim.notProposed', 'claim.signed', 'measure.oneLeader'],
  },
  'issue.ClassifyIssue': { name: '调整分类', demands: [...open, 'issue.sameClass', 'issue.measureLater'] },
  'issue.AddMeasure': {
    name: '制定整改措施',
    demands: [
      ...([...open, 'issue.notClaimed', 'measure.oneLeader', 'measure.oneDepartment'] as const),
      ...(['date.none', 'measure.beyondDue'] as const),
    ],
  },
  'issue.RequestExtension': {
    name: '书记申请延期',
    demands: [
      ...([...open, 'issue.notClaimed', 'extension.pending'] as const),
      ...(['date.none', 'extension.notLater', 'extension.tooLate'] as const),
    ],
  },
  'issue.GrantExtension': { name: '同意延期', demands: [...open, 'extension.none'] },
  'issue.RefuseExtension': { name: '不同意延期', demands: [...open, 'extension.none'] },
  'issue.ReportProgress': { name: '报送进展', demands: [...open, 'issue.notClaimed'] },
  'issue.AttachEvidence': {
    name: '上传佐证',
    demands: [
      ...([...open, 'issue.notClaimed', 'date.none', 'evidence.future'] as const),
      ...(['evidence.type', 'evidence.beforeFeedback', 'evidence.twice', 'evidence.tooMany'] as const),
    ],
  },
  'issue.WithdrawEvidence': { name: '撤回佐证', demands: [...open, 'evidence.none'] },
  'issue.PrepareCloseOut': {
    name: '填报销号申请（第一个签字）',
    demands: [...open, 'issue.notClaimed', 'closeOut.noMeasure', 'closeOut.noEvidence', 'closeOut.noResult'],
  },
  'issue.SignCloseOut': {
    name: '按次序签字',
    demands: [...open, 'closeOut.notPrepared', 'closeOut.turn', 'closeOut.sameSigner'],
  },
  'issue.RecordVerdict': {
    name: '登记核查结论',
    demands: ['issue.none', 'closeOut.notRequested', 'verification.notCompetent', 'verification.ownSignature'],
  },
  // No refusal: it speaks once it holds as many issues as were frozen.
  'receipt.NoteIssue': { name: '持有的问题数达到冻结数即签收', demands: [] },
  'verification.ReceiveCloseOut': { name: '签收销号申请', demands: ['verification.notCompetent'] },
  'verification.AcceptCloseOut': { name: '同意销号', demands: deciding },
  'verification.AcceptAsSubstantiallyDone': {
    name: '认定基本完成',
    demands: [...deciding, 'verification.noRemaining', 'date.none', 'verification.dateNotFuture'],
  },
  'clueHandOver.HandOverClues': { name: '移交线索清单', demands: ['clueHandOver.exists', 'clueHandOver.empty'] },
  'clueReceipt.SignReceipt': {
    name: '点收签字',
    demands: ['clueReceipt.none', 'clueReceipt.signed', 'clueReceipt.countDiffers', 'clueReceipt.ownHandOver'],
  },
  'clueFile.ConfirmDestruction': {
    name: '第二人确认销毁',
    demands: ['body.destroyed', 'clueFile.notRequested', 'clueFile.ownRequest'],
  },
  'verification.ReturnCloseOut': { name: '退回', demands: [...deciding, 'verification.noReason'] },
} as const satisfies Readonly<Record<string, { readonly name: string; readonly demands: readonly Condition[] }>>;
export type PassingRule = keyof typeof passing;

export interface Ground {
  /** What the event says has happened. */
  readonly meaning: string;
  /** Any one of them lets it pass; they differ by the role that asks. */
  readonly rules: readonly PassingRule[];
  /** Instead of a rule: what the service tells of itself, for which nobody asks at a page. */
  readonly service?: string;
  /** A date in it is measured by the terms of the round's rule set, which names the article that they come from. */
  readonly terms?: true;
}

const received = { meaning: '该机关收齐了这份反馈意见的全部问题', rules: ['receipt.NoteIssue'] } as const;
const requested = { meaning: '核查机关收到了这次销号申请', rules: ['verification.ReceiveCloseOut'] } as const;
const accepted = { meaning: '核查机关同意销号', rules: ['verification.AcceptCloseOut'] } as const;
const mostlyDone = {
  meaning: '核查机关认定基本完成，尚余任务另定新期限',
  rules: ['verification.AcceptAsSubstantiallyDone'],
} as const;
const returned = { meaning: '核查机关退回申请，说明理由', rules: ['verification.ReturnCloseOut'] } as const;

const keyAnnounced = {
  meaning: '机关更换了签名密钥，新旧两把密钥都在交接书上签了字',
  rules: [],
  service: '服务停止时由管理人员更换，启动时自行公布；交接书自证',
} as const;

const keyRevoked = {
  meaning: '一机关声明另一机关的密钥已失窃：超过所写条数的签名不再算数',
  rules: [],
  service: '由管理人员在服务停止时记下，启动时公布；两个机关所言一致才对他人有效',
} as const;
const anchored = {
  meaning: '私有日志此时的检查点以加盐承诺公布，内容不公开',
  rules: [],
  service: '服务按固定间隔自行公布，无事也公布',
} as const;

const totalsPublished = {
  meaning: '本机关台账在所载三家日志条数处的总数与分组摘要，供另两家核对',
  rules: [],
  service: '服务每日自行公布一次',
} as const;
const totalsCompared = {
  meaning: '按三家日志在同一条数处重算另一机关公布的总数，相同或不同；不同的载明首个涉及的记录',
  rules: [],
  service: '服务存足所载条数后自行重算并公布',
} as const;

const sealingKeyAnnounced = {
  meaning: '机关公布新的密封公钥，此后的密封内容加密到这把公钥',
  rules: [],
  service: '服务启动时自行公布',
} as const;
const clueReceived = { meaning: '接收机关点收签字', rules: ['clueReceipt.SignReceipt'] } as const;
const clueDestroyed = { meaning: '本机关两人办理，销毁了线索内容', rules: ['clueFile.ConfirmDestruction'] } as const;

/** One row for each published type. */
export const grounds: Readonly<Record<PublishedType, Ground>> = {
  'inspection.round-opened.v1': { meaning: '轮次建立，时限规则随之固定', rules: ['round.OpenRound'] },
  'inspection.organisation-enrolled.v1': { meaning: '该党组织列入本轮次', rules: ['round.EnrolOrganisation'] },
  'inspection.round-closed.v1': { meaning: '轮次结束，不再办理', rules: ['round.CloseRound'] },
  'inspection.feedback-registered.v1': { meaning: '反馈意见原文登记在案', rules: ['feedback.RegisterFeedback'] },
  'inspection.feedback-frozen.v1': {
    meaning: '问题的编号和原文从此不变，期限据此计算',
    rules: ['feedback.FreezeFeedback'],
    terms: true,
  },
  'inspection.issue-registered.v1': { meaning: '问题列入台账', rules: ['issue.RegisterIssue'], terms: true },
  'inspection.issue-claimed.v1': { meaning: '书记签字，牵头领导、部门和责任人落实', rules: ['issue.SignClaim'] },
  'inspection.issue-classified.v1': { meaning: '分类改变，期限随之改变', rules: ['issue.ClassifyIssue'], terms: true },
  'inspection.measure-added.v1': { meaning: '一项整改措施定下', rules: ['issue.AddMeasure'], terms: true },
  'inspection.extension-requested.v1': { meaning: '书记申请延长期限', rules: ['issue.RequestExtension'], terms: true },
  'inspection.extension-granted.v1': { meaning: '巡视办同意延长期限', rules: ['issue.GrantExtension'], terms: true },
  'inspection.extension-refused.v1': { meaning: '巡视办不同意延长期限', rules: ['issue.RefuseExtension'] },
  'inspection.progress-reported.v1': { meaning: '单位报送整改进展', rules: ['issue.ReportProgress'] },
  'inspection.evidence-attached.v1': { meaning: '一份佐证材料按指纹登记在案', rules: ['issue.AttachEvidence'] },
  'inspection.evidence-withdrawn.v1': { meaning: '一份佐证材料撤回', rules: ['issue.WithdrawEvidence'] },
  'inspection.close-out-signed.v1': {
    meaning: '销号申请的一级签字',
    rules: ['issue.PrepareCloseOut', 'issue.SignCloseOut'],
  },
  'inspection.close-out-requested.v1': { meaning: '签字齐全，送核查机关', rules: ['issue.SignCloseOut'] },
  'inspection.close-out-returned.v1': { meaning: '台账登记退回，整改继续', rules: ['issue.RecordVerdict'] },
  'inspection.issue-substantially-done.v1': { meaning: '台账登记基本完成和新期限', rules: ['issue.RecordVerdict'] },
  'inspection.issue-closed-out.v1': { meaning: '台账登记销号', rules: ['issue.RecordVerdict'] },
  'commission.feedback-received.v1': received,
  'commission.close-out-received.v1': requested,
  'commission.close-out-accepted.v1': accepted,
  'commission.close-out-accepted-as-substantially-done.v1': mostlyDone,
  'commission.close-out-returned.v1': returned,
  'organization.feedback-received.v1': received,
  'organization.close-out-received.v1': requested,
  'organization.close-out-accepted.v1': accepted,
  'organization.close-out-accepted-as-substantially-done.v1': mostlyDone,
  'organization.close-out-returned.v1': returned,
  'commission.key-announced.v1': keyAnnounced,
  'organization.key-announced.v1': keyAnnounced,
  'inspection.key-announced.v1': keyAnnounced,
  'commission.key-revoked.v1': keyRevoked,
  'organization.key-revoked.v1': keyRevoked,
  'inspection.key-revoked.v1': keyRevoked,
  'inspection.clue-handed-over.v1': { meaning: '线索单移纪委监委', rules: ['clueHandOver.HandOverClues'] },
  'inspection.clue-dual-handed-over.v1': {
    meaning: '线索双移纪委监委和组织部',
    rules: ['clueHandOver.HandOverClues'],
  },
  'commission.clue-received.v1': clueReceived,
  'organization.clue-received.v1': clueReceived,
  'commission.clue-destroyed.v1': clueDestroyed,
  'organization.clue-destroyed.v1': clueDestroyed,
  'inspection.clue-destroyed.v1': clueDestroyed,
  'commission.sealing-key-announced.v1': sealingKeyAnnounced,
  'organization.sealing-key-announced.v1': sealingKeyAnnounced,
  'inspection.sealing-key-announced.v1': sealingKeyAnnounced,
  'commission.journal-anchored.v1': anchored,
  'organization.journal-anchored.v1': anchored,
  'inspection.journal-anchored.v1': anchored,
  'commission.totals-published.v1': totalsPublished,
  'organization.totals-published.v1': totalsPublished,
  'inspection.totals-published.v1': totalsPublished,
  'commission.totals-compared.v1': totalsCompared,
  'organization.totals-compared.v1': totalsCompared,
  'inspection.totals-compared.v1': totalsCompared,
};
