// Roles of domain.md section 2 that take part in the closed loop, the agency whose service holds their accounts,
// and what each may ask. The table is the only place where a role meets a command or a query.
import type { Agency } from '#kernel/envelope';

export const roles = {
  inspectionOffice: { agency: 'inspection', label: '巡视办', sees: 'all' },
  orgLiaison: { agency: 'inspection', label: '联络员', sees: 'own' },
  taskOwner: { agency: 'inspection', label: '责任人', sees: 'own' },
  orgLeader: { agency: 'inspection', label: '牵头领导', sees: 'own' },
  orgSecretary: { agency: 'inspection', label: '党组织书记', sees: 'own' },
  competentDepartment: { agency: 'inspection', label: '业务主管部门', sees: 'own' },
  supervisionOffice: { agency: 'commission', label: '监督检查室', sees: 'all' },
  caseOffice: { agency: 'commission', label: '案件监督管理室', sees: 'all' },
  stationedGroup: { agency: 'commission', label: '派驻纪检监察组', sees: 'own' },
  orgDeptSupervision: { agency: 'organization', label: '干部监督处', sees: 'all' },
} as const satisfies Record<string, { agency: Agency; label: string; sees: 'all' | 'own' }>;

export type Role = keyof typeof roles;
/** `system` is the service itself: reactors and process managers. It never signs in. */
export type ActingRole = Role | 'system';

const everyone = Object.keys(roles) as Role[];
const unitSide: readonly Role[] = ['orgLiaison', 'taskOwner', 'orgLeader', 'orgSecretary'];
// A clue concerns persons: who hands it over and who undertakes it, nobody else (domain.md 2.6).
const clueOffices: readonly Role[] = ['inspectionOffice', 'caseOffice', 'orgDeptSupervision'];

/** Who may ask what. Keys: `<decider>.<Command>` for commands, `<view>.read` for queries. Absent = nobody. */
export const permissions: Readonly<Record<string, readonly ActingRole[]>> = {
  'round.OpenRound': ['inspectionOffice'],
  'round.EnrolOrganisation': ['inspectionOffice'],
  'round.CloseRound': ['inspectionOffice'],
  'feedback.RegisterFeedback': ['inspectionOffice'],
  'feedback.ReviseOutline': ['inspectionOffice'],
  'feedback.FreezeFeedback': ['inspectionOffice'],
  'issue.RegisterIssue': ['system'],
  'issue.ProposeClaim': ['orgLiaison'],
  'issue.SignClaim': ['orgSecretary'],
  'issue.ClassifyIssue': ['inspectionOffice'],
  'issue.AddMeasure': ['orgLiaison', 'taskOwner'],
  'issue.ReportProgress': ['orgLiaison', 'taskOwner'],
  'issue.AttachEvidence': ['orgLiaison', 'taskOwner'],
  'issue.WithdrawEvidence': ['orgLiaison', 'taskOwner'],
  'issue.RequestExtension': ['orgSecretary'],
  'issue.GrantExtension': ['inspectionOffice'],
  'issue.RefuseExtension': ['inspectionOffice'],
  'issue.PrepareCloseOut': ['taskOwner', 'orgLiaison'],
  'issue.SignCloseOut': ['orgLeader', 'orgSecretary', 'competentDepartment'],
  'issue.RecordVerdict': ['system'],
  'receipt.ExpectFeedback': ['system'],
  'receipt.NoteIssue': ['system'],
  'verification.ReceiveCloseOut': ['system'],
  'journal.Anchor': ['system'],
  'exchange.PublishTotals': ['system'],
  'exchange.CompareTotals': ['system'],
  'verification.AcceptCloseOut': ['supervisionOffice', 'stationedGroup', 'orgDeptSupervision'],
  'verification.AcceptAsSubstantiallyDone': ['supervisionOffice', 'stationedGroup', 'orgDeptSupervision'],
  'verification.ReturnCloseOut': ['supervisionOffice', 'stationedGroup', 'orgDeptSupervision'],

  'clueHandOver.HandOverClues': ['inspectionOffice'],
  'clueHandOver.RecordReceipt': ['system'],
  'clueReceipt.TakeInClues': ['system'],
  'clueReceipt.SignReceipt': ['caseOffice', 'orgDeptSupervision'],
  'clueFile.OpenBody': clueOffices,
  'clueFile.RequestDestruction': clueOffices,
  'clueFile.DropDestruction': clueOffices,
  'clueFile.ConfirmDestruction': clueOffices,
  'sealingKey.AnnounceSealingKey': ['system'],

  'session.read': everyone,
  'overview.read': everyone,
  'ledger.read': everyone,
  'issue.read': everyone,
  'evidence.read': everyone,
  'live.read': everyone,
  'alarm.read': everyone,
  'round.read': everyone,
  'history.read': everyone,
  'reconciliation.read': ['inspectionOffice', 'supervisionOffice', 'orgDeptSupervision'],
  'sealed.read': ['inspectionOffice', 'supervisionOffice', 'orgDeptSupervision'],
  'agreement.read': ['inspectionOffice', 'supervisionOffice', 'orgDeptSupervision'],
  'clue.read': clueOffices,
  'feedback.read': ['inspectionOffice'],
  'verification.read': ['supervisionOffice', 'stationedGroup', 'orgDeptSupervision'],
  'task.read': [...unitSide, 'competentDepartment'],
};

export function may(role: ActingRole, permission: string): boolean {
  return permissions[permission]?.includes(role) ?? false;
}
