// Recognises the name of an inspected organisation in running text, and the list of those a paper says were inspected.

import type { Span } from './issue-title';

const suffix = new RegExp(
  String.raw`(?:办|局|委|党组|党委|党工委|总支|支部|集团|公司|学院|医院|学校|中学|小学|大学|镇|乡|街道|中心|联社|供销社|协会|学会|总会|联合会|妇联|工会|法院|检察院|研究院` +
    String.raw`|院|村|社区|站|所|部|处|队|厅|署|银行|党组织|管委会|委员会|政府|机关|园区|馆|台|厂|系)$`,
);
const notName =
  /[,。;:"!?、\s]|指出|发现|认为|巡[察视]组|被巡|反馈|检查|会议|本轮|上述|严肃|部分|有的|个别|当前|目前|仍然|方面|问题|(?:^各)|(?:^该)|开展|进行/;
const generic = /^(?:党委|党组|党工委|党总支|党支部|党组织|单位|学院|公司|集团|领导班子|班子|机关|[^的]{0,4}级党组织)$/;

/** True when the folded words look like the name of one organisation, and not like 党委 alone. */
export function isOrganName(shadow: string): boolean {
  return (
    shadow.length >= 2 && shadow.length <= 30 && suffix.test(shadow) && !notName.test(shadow) && !generic.test(shadow)
  );
}

const inspection = /(?:开展|进行)了?[^,。;]{0,16}巡[察视]/g;
const counted = /(?:等|共)\d{1,3}(?:家|个)[^,。;]{0,14}$/;
const longestList = 400;
const addressed = /向([^,。;:!?\n、]{2,40}?)反馈(?:了)?巡[察视]/g;

/** Names in a list from `listFrom` on; 对 and 向 open other phrases too: only what follows the last one counts. */
function namesIn(list: string, listFrom: number, opener: string): Span[] {
  const spans: Span[] = [];
  const skip = list.lastIndexOf(opener) + 1;
  let at = listFrom + skip;
  for (const piece of list.slice(skip).split(/[、,]/)) {
    const name = piece.replace(/^(?:分别|和|及|以及)/, '').replace(/等$/, '');
    const from = at + piece.indexOf(name);
    if (isOrganName(name)) spans.push({ from, to: from + name.length });
    at += piece.length + 1;
  }
  return spans;
}

/**
 * Places of the organisations named in 对A、B、C等N家单位开展…巡察, or else in 向A反馈巡察情况. Duplicates are left to
 * the caller.
 */
export function inspectedOrgans(shadow: string): Span[] {
  const named = [...shadow.matchAll(inspection)].flatMap(({ index }) => {
    // Looking back from the verb, not ahead from every 对, keeps the search linear.
    const before = shadow.slice(Math.max(0, index - longestList), index);
    const sentence = before.slice(Math.max(...['。', ';', '!', '?', '\n'].map((stop) => before.lastIndexOf(stop))) + 1);
    if (!sentence.includes('对')) return [];
    return namesIn(sentence.replace(counted, ''), index - sentence.length, '对');
  });
  if (named.length > 0) return named;
  return [...shadow.matchAll(addressed)].flatMap((match) => namesIn(match[1] ?? '', match.index + 1, '向'));
}
