// The words by which a careful clerk tells a fault from a measure, a pledge or a chapter about the work itself.
// One table of words for all stages, so that they cannot disagree.

const notFaults =
  /不断|不折不扣|不忘|不懈|不移|不动摇|毫不|永不|不仅|不但|不变|不留|不到位不|无不|少数民族|问题导向|问题清单/g;
const faults = new RegExp(
  [
    '不|未|缺|差距|欠|短板|薄弱|有待|滞后|弱化|淡化|虚化|边缘化|流于形式|松懈|松散|松弛|宽松|宽软|偏|较少|较低|较弱|较慢|不足|漏洞|隐患|空白|脱节',
    '违规|违纪|违法|违反|官僚主义|形式主义|超标|侵占|挪用|截留|拖欠|套取|虚报|虚列|浪费|随意|混乱|腐败|不正之风|走过场|打折扣',
    '弱|乏力|过于|重.{1,8}轻|以.{1,6}代|时有发生|存在.{0,6}(?:问题|现象|风险)|难以|难题|单一|粗放|简单化|突出问题',
  ].join('|'),
);
const actions = new RegExp(
  '^(?:不断|进一步|持续|切实|着力|积极|全面|认真|大力|坚决|坚持|及时|深入|扎实|严格|突出)?' +
    '(?:加强|强化|完善|组织|召开|制定|修订|建立|健全|提高|提升|压实|夯实|规范|开展|优化|细化|明确|加大|狠抓|抓好|抓实|扛牢|推动|深化|聚焦|坚持|增强|严格)',
);
const remedies = /解决|整治|纠正|防止|杜绝|避免|克服/;

/** True when the words name something that is wrong. */
export function namesFault(shadow: string): boolean {
  return faults.test(shadow.replace(notFaults, ''));
}

/** True when the words begin like a measure (加强…, 完善…) and blame nothing. */
export function namesAction(shadow: string): boolean {
  return actions.test(shadow) && (!namesFault(shadow) || remedies.test(shadow));
}

const explicit = /^(?:关于.{1,400}问题|(?:巡[察视])?(?:反馈|存在)(?:的)?问题\d{0,3}:)/;

/** True when the heading says by its form that it is an issue: 关于“…”的问题, 反馈问题:… */
export function saysIssue(shadow: string): boolean {
  return explicit.test(shadow.slice(0, 420));
}

const organisational = new RegExp(
  '组织(?:开展)?(?:整改|落实|领导|推进|部署|实施|保障)|整改(?:工作)?(?:的)?(?:组织|开展|推进|总体|基本|主要成效|成效|成果)|工作(?:组织|开展|推进)情况' +
    '|(?:主要|总体|基本|有关|整体)(?:情况|成效|做法|评价)|履行.{0,14}责任(?:的)?情况|下一步|下步|今后|后续|接下来|打算|工作(?:要求|安排|计划|目标|保障|措施|建议)' +
    '|指导思想|总体要求|基本原则|目标任务|领导小组|保障措施|责任分工|方法步骤|实施步骤|线索|意见建议|意见和建议|整改建议|整改要求|附件|联系(?:方式|电话)|监督电话',
);

/** True for chapters that tell how the work was organised or what comes next; they never hold issues. */
export function isOrganisational(shadow: string): boolean {
  const words = shadow.slice(0, 200);
  if (saysIssue(words)) return false;
  if (/未(?:完成|整改到位)/.test(words)) return false;
  if (/组织(?:路线|建设|生活|力)/.test(words) && namesFault(words)) return false;
  return organisational.test(words);
}

/** True for a chapter whose numbered children are the issues. */
export function holdsIssues(shadow: string): boolean {
  const words = shadow.slice(0, 200);
  if (isOrganisational(words)) return false;
  return /问题|不足|短板|反馈(?:意见|情况)|巡[察视].{0,12}整改|整改(?:进展|落实|完成|任务)?情况|整改(?:任务|措施|内容|事项)|方面$|方面[。:(]|清单/.test(
    words,
  );
}
