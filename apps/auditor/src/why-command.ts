// `audit why` as people see it: one paragraph an event, in the words of the glossary and by the clock of Beijing.
import { agencyNames } from '#contracts/agencies';
import { roles } from '#contracts/roles';
import type { Role } from '#contracts/roles';
import { civilMinuteOf } from '#joint/civil-time';
import { oneLine } from './sentences';
import type { Knew, Told, WhyEvent, WhyResult } from './why';

/** Many lines, each ended; nothing that an entry says can break one. */
export function whyText({ issueId, registration, ruleSet, events }: NonNullable<WhyResult['why']>): string {
  const title = registration
    ? `问题 ${registration.number} ${registration.title}(${registration.unitName}),标识 ${issueId}`
    : `问题 ${issueId}(给出的日志里没有它的登记)`;
  const terms = ruleSet && `时限规则:${ruleSet.name}(${ruleSet.id} 第 ${ruleSet.version} 版),出处:${ruleSet.source}`;
  const head = [title, ...(terms ? [terms] : []), `共 ${events.length} 条记录,按因果先后排列,时间为北京时间:`];
  const lines = head.map(oneLine);
  events.forEach((event, n) => {
    const [first, ...rest] = paragraph(event).map(oneLine);
    lines.push(`${n + 1}. ${first}`, ...rest.map((line) => `   ${line}`));
  });
  return `${lines.join('\n')}\n`;
}

function paragraph(event: WhyEvent): string[] {
  const { at, agency, actor, label, words, decidedBy, address, cause, knew } = event;
  const who = `${agency ? agencyNames[agency] : '未知机关'} ${personOf(actor)}`;
  const decided = decidedBy === undefined ? '' : `(据 ${decidedBy} 的结论)`;
  return [
    `${civilMinuteOf(at)} ${who}${decided} ${label}${words === '' ? '' : `:${words}`}`,
    ...ruleLines(event),
    `位置:${address.origin} 第 ${address.index} 条(序号从 0 起),叶哈希 ${address.hash}`,
    ...(cause
      ? [`依据:${cause.origin} 第 ${cause.index} 条${cause.label ? ` ${cause.label}` : ''},叶哈希 ${cause.hash}`]
      : []),
    ...knew.flatMap(knewLines),
    witnessLine(event),
  ];
}

function personOf({ name, role }: WhyEvent['actor']): string {
  if (role === 'system') return '系统';
  return `${Object.hasOwn(roles, role) ? roles[role as Role].label : role} ${name}`;
}

function ruleLines({ ground, type }: WhyEvent): string[] {
  if (!ground) return [`规则:本程序版本未能按约定读懂此条(类型 ${type}),放行规则不明`];
  const { rule, name, meaning, conditions, roleFits, article } = ground;
  const asked = roleFits ? '' : ';注意:按现行规则此角色无权办理';
  return [
    `规则:${rule ? `${rule}(${name})` : name},含义:${meaning}${asked}`,
    ...(conditions.length === 0 ? [] : [`放行条件:${conditions.join(';')}`]),
    ...(article === undefined ? [] : [`期限出处:${article}`]),
  ];
}

function knewLines({ origin, agency, size, last, missed }: Knew): string[] {
  const whose = agency ? `${agencyNames[agency]}日志` : `日志 ${origin}`;
  const known = last ? `关于本问题的最后一条是${toldWords(last)}` : '其中没有关于本问题的';
  const unknown = `当时尚不知:${whose} ${missed.map(toldWords).join('、')}`;
  return [`当时已知:${whose}前 ${size} 条,${known}`, ...(missed.length === 0 ? [] : [unknown])];
}

function toldWords({ index, label, at }: Told): string {
  return `第 ${index} 条 ${label}(${civilMinuteOf(at)} 记录)`;
}

function witnessLine({ witnessed }: WhyEvent): string {
  if (witnessed.length === 0) return '见证:手头的检查点上没有已知见证方的签名';
  const each = witnessed.map(({ name, agency, at, size }) => {
    return `${agency ? agencyNames[agency] : name}不晚于 ${civilMinuteOf(at)}(前 ${size} 条)`;
  });
  return `见证:${each.join('、')}`;
}
