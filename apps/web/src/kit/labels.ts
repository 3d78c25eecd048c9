// Chinese words of ux.md section 6 that only the console says; one word, one meaning.
import { agencyNames } from '#contracts/agencies';
import type { Overview, Tracks } from '#contracts/answers';
import type { returnReasons } from '#contracts/api';
import type { WitnessStatus } from '#contracts/witnesses';
import { statusWords } from '#contracts/words.zh';

export const agencyWords = agencyNames;
/** What the status filter offers: the statuses, and all that is not yet done. */
export const statusFilterWords = { open: '未完成', ...statusWords } as const;
export const lightFilterWords = { red: '逾期', yellow: '10日内到期', green: '20日内到期' } as const;
export const tierWords = {
  central: '中央',
  provincial: '省级',
  municipal: '市级',
  county: '县级',
  internal: '系统内',
} as const;
export const unitTrackWords: Record<Tracks['unit'], string> = { open: '未报完成', reportedDone: '已报完成' };
export const agencyTrackWords: Record<Tracks['agency'], string> = {
  none: '未到核查',
  waiting: '待核查',
  returned: '已退回',
  substantiallyDone: '基本完成',
  accepted: '同意销号',
};
export const siteTrackWords: Record<Tracks['site'], string> = {
  notSampled: '未抽查',
  true: '现场属实',
  false: '现场不属实',
};
export const peerWords: Record<Overview['peers'][number]['state'], string> = {
  following: '正在跟随',
  unreachable: '连不上',
  stopped: '已停止',
};
/** How far the other agencies stand by a record: it is in a log, one of them has cosigned it, enough of them have. */
export const witnessWords: Record<WitnessStatus, string> = {
  recorded: '待见证',
  witnessed: '部分见证',
  final: '见证齐全',
};
export const witnessMeanings: Record<WitnessStatus, string> = {
  recorded: '已记录，其他机关还没有见证（一般1分钟内）',
  witnessed: '至少一家其他机关已见证，还没有足数，暂不作数',
  final: '足数的其他机关已见证，改动会被发现',
};
export const returnReasonWords: Record<(typeof returnReasons)[number], string> = {
  evidenceMissing: '佐证缺失',
  evidenceDoubtful: '佐证存疑',
  causeNotRemoved: '原因未消除',
  noFigures: '没有具体数据',
  notGeneralised: '没有举一反三',
  other: '其他',
};
export const methodWords = { document: '书面核查', onSite: '现场核查' } as const;
export const verdictWords: Readonly<Record<string, string>> = {
  accepted: '同意销号',
  accept: '同意销号',
  substantiallyDone: '基本完成',
  acceptAsSubstantiallyDone: '基本完成',
  returned: '退回',
  return: '退回',
};
export const feedbackKindWords: Readonly<Record<string, string>> = {
  report: '整改情况报告',
  'feedback notice': '反馈通报',
  'round summary': '轮次综述',
  plan: '整改方案',
  'plan template': '整改方案范本',
  news: '新闻稿',
  other: '其他文稿',
};
export const declaredWords: Readonly<Record<string, string>> = {
  units: '单位',
  orgs: '党组织',
  areas: '方面',
  issues: '问题',
  done: '已完成',
  partially_done: '阶段性完成',
  not_done: '未完成',
  completion_rate: '完成率',
  immediate_issues: '立行立改问题',
  suggestions: '建议',
  clues: '线索',
  clue_persons: '线索涉及人数',
  petitions: '信访件',
  interviews: '谈话人次',
  visits: '走访次数',
  rules_made: '建章立制',
  study_meetings: '专题学习',
  party_lectures: '专题党课',
  democratic_life_meetings: '民主生活会',
  money_returned_wan: '退缴万元',
  money_from_individuals_wan: '个人退缴万元',
  loss_recovered_wan: '挽回损失万元',
  concentrated_period_months: '集中整改期（月）',
  suggestions_to_organization_department: '给组织部的建议',
  suggestions_to_government: '给政府的建议',
  issues_town: '镇级问题',
  issues_villages: '村级问题',
  issues_poor_villages: '贫困村问题',
};

/** Options of a select box from a table of words. */
export function optionsOf<Key extends string>(words: Readonly<Record<Key, string>>): { value: Key; label: string }[] {
  return (Object.keys(words) as Key[]).map((value) => ({ value, label: words[value] }));
}
