// Words for made-up matters: deterministic, so that every run and every peer has the same bytes.

/** Small and good enough to spread things; the same seed gives the same row of numbers in [0, 1). */
export function numbersOf(seed: number): () => number {
  let state = (seed * 2_654_435_761 + 0x9e3779b9) >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

const clauses = [
  '理论学习制度落实不够严格',
  '对下级单位的监督检查不够经常',
  '议事规则没有及时修订',
  '专项资金拨付进度偏慢',
  '工程项目招标程序不规范',
  '干部档案审核留有空白',
  '会议记录不完整',
  '调查研究流于形式',
  '窗口服务事项没有全部公开',
  '谈心谈话记录过于简单',
  '资产登记与实物不符',
  '整改台账更新不及时',
  '责任分工没有落实到具体岗位',
  '已召开专题会议进行研究部署',
  '逐项对照检查并补齐有关材料',
  '修订管理办法并印发执行',
  '安排专人按月核对进展情况',
  '对同类事项开展全面自查',
];
/** Words of two characters that stand in few rows: what people look for. */
export const rareWords = ['扶贫', '粮库', '渔港', '古树', '矿山', '茶园'] as const;

export function pick<T>(next: () => number, values: readonly T[]): T {
  return values[Math.floor(next() * values.length)] as T;
}

/** About so many characters; one text in some two thousand holds a rare word. */
export function text(next: () => number, characters: number): string {
  let said = next() < 0.0005 ? `${pick(next, rareWords)}工作有短板，` : '';
  while (said.length < characters) said += `${pick(next, clauses)}${Math.floor(next() * 90) + 1}项，`;
  return `${said.slice(0, -1)}。`;
}
