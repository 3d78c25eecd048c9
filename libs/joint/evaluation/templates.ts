// Schemes to begin with: copied into a draft, changed there, frozen for a round. Names, weights and grades differ by place
// (domain.md section 5), so nothing in the rules knows any of these.
import type { Agency } from '#kernel/envelope';
import type { Figure, Indicator, Scheme, SchemeGroup, VoteGroup } from '#contracts/evaluation';

type Source = Indicator['source'];
const point = 100;
const sheet = (...by: readonly Agency[]): Source => ({ kind: 'sheet', by: [...by] });
const rate = (figure: Figure): Source => ({ kind: 'figure', figure, count: 'share', each: 0 });
const every = (figure: Figure, points: number): Source => ({
  kind: 'figure',
  figure,
  count: 'each',
  each: points * point,
});
const vote = (...groups: readonly VoteGroup[]): Source => ({ kind: 'vote', groups: [...groups] });

type Line = readonly [id: string, name: string, max: number, rule: string, source: Source, where?: 'onSite'];

/** Counted from the full number of points down. */
function deduction([id, name, max, rule, source, where]: Line): Indicator {
  const start = source.kind === 'figure' && source.count === 'share' ? 'zero' : 'max';
  return { id, name, min: 0, max: max * point, start, rule, source, onSite: where === 'onSite' };
}

function group(id: string, name: string, ...lines: readonly Line[]): SchemeGroup {
  return { id, name, children: lines.map(deduction) };
}

const inspection = sheet('inspection');
const commission = sheet('commission');
const organization = sheet('organization');
const all = sheet('commission', 'organization', 'inspection');

const common = {
  version: 1,
  total: 100 * point,
  step: 50,
  discretion: { min: 0, max: 0 },
  gapPercent: 20,
  vote: { minimum: 20, weights: { satisfied: 100, fairly: 80, average: 60, dissatisfied: 0 } },
} as const;
const fourGrades = (grades: readonly [string, string, string, string]): Scheme['bands'] =>
  grades.map((grade, at) => ({ grade, from: [90, 75, 60, -5][at]! * point }));
const untrue = { id: 'V1', name: '整改报告有5处以上与事实不符', effect: { total: 0 } };

/** The example sheet of domain.md 3.9. */
const threeParties: Scheme = {
  ...common,
  schemeId: 'three-parties',
  name: '三方评估评分表（示例）',
  source: '按扣分制十五、十五、六十、十四类设项，另设一票否决',
  bands: fourGrades(['优秀', '较好', '一般', '差']),
  vetoes: [untrue],
  tree: [
    group(
      '1',
      '组织部署',
      ['1.1', '7日内学习反馈意见、成立整改领导小组', 4, '每迟一周扣1分', inspection],
      ['1.2', '整改方案按时报送并通过', 6, '每退回一次扣2分，每漏一个问题扣2分', inspection],
      ['1.3', '单位自行调度和督促', 5, '少于每月一次的，每少一次扣1分', inspection],
    ),
    group(
      '2',
      '责任落实',
      ['2.1', '书记履行第一责任人责任，手写承诺', 5, '看材料并谈话', commission],
      ['2.2', '班子成员落实“一岗双责”', 5, '谈话，看牵头任务', organization],
      ['2.3', '专题民主生活会', 5, '未开扣5分，质量差扣1至3分', organization],
    ),
    group(
      '3',
      '任务完成',
      ['3.1', '到期问题完成率', 20, '按完成率计分，基本完成折半', rate('completionRate')],
      ['3.2', '现场真实（抽查已销号问题）', 15, '每发现一处虚假销号扣5分', commission, 'onSite'],
      ['3.3', '立行立改问题在巡视期间完成', 5, '按完成率计分', rate('immediateRate')],
      ['3.4', '移交线索和信访件按时办理', 8, '每超期一件扣2分', commission],
      ['3.5', '巡视建议落实', 4, '按落实比例计分', inspection],
      ['3.6', '选人用人专项整改', 4, '每有一个未完成扣1分', organization],
      ['3.7', '建章立制管用、没有反弹', 4, '每反弹一个扣2分', all],
    ),
    {
      id: '4',
      name: '群众评价',
      children: [
        {
          id: '4.1',
          name: '党内通报并向社会公开整改情况',
          min: -5 * point,
          max: 0,
          start: 'max',
          rule: '未公开扣5分',
          source: inspection,
          onSite: false,
        },
        deduction(['4.2', '满意度测评', 10, '按测评结果计分', vote('staff', 'served', 'stationedGroup', 'leaders')]),
      ],
    },
  ],
};

/** One hundred by deduction, 15 / 15 / 60 / 10, with 23 items. */
const byDeduction: Scheme = {
  ...common,
  schemeId: 'by-deduction',
  name: '百分扣分制（十五、十五、六十、十）',
  source: '县级做法：组织领导15分、责任落实15分、任务完成60分、群众满意10分，共23个扣分项',
  bands: fourGrades(['好', '较好', '一般', '差']),
  vetoes: [untrue],
  tree: [
    group(
      '1',
      '组织领导',
      ['1.1', '及时传达学习反馈意见', 3, '未传达扣3分，迟于7日扣1分', inspection],
      ['1.2', '成立领导小组并明确分工', 3, '未成立扣3分，分工不明扣1分', inspection],
      ['1.3', '整改方案按时报送', 3, '每迟一周扣1分', inspection],
      ['1.4', '三个清单齐全、与反馈一一对应', 3, '每漏一条扣1分', inspection],
      ['1.5', '党组织定期研究整改', 3, '每少一次扣1分', organization],
    ),
    group(
      '2',
      '责任落实',
      ['2.1', '书记第一责任', 4, '未牵头重点问题扣2分，未带头承诺扣2分', commission],
      ['2.2', '班子成员“一岗双责”', 3, '未牵头整改任务的，每人扣1分', organization],
      ['2.3', '纪检机构日常监督', 3, '无监督记录扣3分', commission],
      ['2.4', '专题民主生活会质量', 3, '未召开扣3分，质量差扣1分', organization],
      ['2.5', '压实基层责任', 2, '未延伸到基层扣2分', organization],
    ),
    group(
      '3',
      '任务完成',
      ['3.1', '到期问题完成率', 15, '按完成率计分，基本完成折半', rate('completionRate')],
      ['3.2', '立行立改完成率', 5, '按完成率计分', rate('immediateRate')],
      ['3.3', '按期完成', 5, '每超期一个扣1分', every('overdue', -1)],
      ['3.4', '销号质量', 5, '每退回一次扣1分', every('returns', -1)],
      ['3.5', '佐证充分', 4, '按有佐证的已销号问题比例计分', rate('evidence')],
      ['3.6', '没有反弹', 6, '每反弹一个扣2分', every('rebound', -2)],
      ['3.7', '现场真实', 8, '每发现一处虚假销号扣4分', commission, 'onSite'],
      ['3.8', '线索和信访件办理', 4, '每超期一件扣1分', commission],
      ['3.9', '选人用人专项', 4, '每有一个未完成扣1分', organization],
      ['3.10', '建章立制、举一反三', 4, '制度不管用的，每项扣1分', all],
    ),
    group(
      '4',
      '群众满意',
      ['4.1', '党内通报和社会公开', 3, '未通报扣2分，未公开扣1分', inspection],
      ['4.2', '干部职工满意度', 4, '按测评结果计分', vote('staff', 'leaders')],
      ['4.3', '服务对象满意度', 3, '按测评结果计分', vote('served', 'stationedGroup')],
    ),
  ],
};

/** Five aspects with eleven elements, and four bodies' votes. */
const fourVotes: Scheme = {
  ...common,
  schemeId: 'four-votes',
  name: '五个方面十一项要素、四方评价',
  source: '县级做法：本单位干部职工、派驻机构、组织部门、巡察机构四方评价',
  bands: fourGrades(['优秀', '合格', '基本合格', '不合格']),
  vetoes: [untrue],
  tree: [
    group(
      '1',
      '责任担当',
      ['1.1', '党组织主体责任', 8, '看会议和部署', commission],
      ['1.2', '书记第一责任', 7, '看牵头和承诺', commission],
    ),
    group(
      '2',
      '组织推进',
      ['2.1', '方案和清单', 6, '看是否逐条对应', inspection],
      ['2.2', '调度督促', 6, '看台账和记录', inspection],
    ),
    group(
      '3',
      '整改成效',
      ['3.1', '问题完成', 12, '按完成率计分，基本完成折半', rate('completionRate')],
      ['3.2', '整改真实', 10, '每发现一处虚假销号扣5分', all, 'onSite'],
      ['3.3', '按期整改', 6, '按按期完成比例计分', rate('timeliness')],
    ),
    group(
      '4',
      '长效机制',
      ['4.1', '建章立制', 5, '看制度执行', inspection],
      ['4.2', '防止反弹', 5, '每反弹一个扣1分', every('rebound', -1)],
    ),
    group(
      '5',
      '作风和公开',
      ['5.1', '选人用人和队伍建设', 5, '看专项整改', organization],
      ['5.2', '整改公开', 5, '未公开不得分', inspection],
    ),
    group(
      '6',
      '四方评价',
      ['6.1', '本单位干部职工评价', 7, '按测评结果计分', vote('staff', 'leaders')],
      ['6.2', '派驻机构评价', 6, '按测评结果计分', vote('stationedGroup')],
      ['6.3', '组织部门评价', 6, '好6分、较好4.5分、一般3分、差0分', organization],
      ['6.4', '巡察机构评价', 6, '好6分、较好4.5分、一般3分、差0分', inspection],
    ),
  ],
};

export const schemeTemplates: readonly Scheme[] = [threeParties, byDeduction, fourVotes];
