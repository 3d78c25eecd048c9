import fc from 'fast-check';
import { fold } from './fold';
import * as papers from './invented-papers';
import { outline } from './outline';

const titles = (text: string): string[] => outline(text).leaves.map(({ title }) => title);

const expected: [string, string, string, string[]][] = [
  [
    'a full report',
    papers.fullReport,
    'report',
    ['河湖保护目标分解不细', '项目前期工作推进缓慢', '管党治党责任压得不实'],
  ],
  ['a plan', papers.townPlan, 'plan', ['产业规划不够长远', '“一事一议”程序走样，群众知晓率低']],
  [
    'numbered feedback',
    papers.numberedFeedback,
    'feedback notice',
    ['造林计划执行不严', '林长制流于形式', '廉政谈话走过场'],
  ],
  [
    'a paragraph per organisation',
    papers.unitParagraphs,
    'feedback notice',
    [
      '库房管理不规范',
      '干部培养断层、人手不足',
      '警示教育针对性不强',
      '监管责任落实不到位',
      '选人用人把关不严',
      '“三公”经费管理有漏洞',
    ],
  ],
  [
    'a list in a sentence',
    papers.listInSentence,
    'feedback notice',
    ['党总支把关定向作用发挥不充分', '“三重一大”执行“先斩后奏、边干边报”情况未根治', '（下属公司、合资公司）监管缺位'],
  ],
  ['news of a meeting', papers.meetingNews, 'news', []],
  ['figures of a round', papers.roundFigures, 'round summary', []],
  ['bare headings', papers.bareHeadings, 'report', ['馆藏账目不清', '讲解员培训不足']],
  [
    'chapters per organisation',
    papers.unitChapters,
    'feedback notice',
    ['理论学习不深', '库房安全存在隐患', '康复资金发放不及时', '“一站式”服务不到位'],
  ],
  [
    'points on lines',
    papers.seriesOnLines,
    'feedback notice',
    ['党建引领作用发挥不够', '景区监管缺位，安全隐患排查不彻底', '干部队伍结构不优'],
  ],
  ['a flattened page', papers.flattened, 'report', ['“三会一课”不规范', '党费收缴不及时']],
];

const narrow: Record<string, string> = {
  '，': ',',
  '：': ':',
  '；': ';',
  '（': '(',
  '）': ')',
  '．': '.',
  '“': '"',
  '”': '"',
};
const wide: Record<string, string> = Object.fromEntries(Object.entries(narrow).map(([a, b]) => [b, a]));
wide['"'] = '"';
const change = (text: string, pairs: Record<string, string>): string =>
  [...text].map((unit) => pairs[unit] ?? unit).join('');

describe('the outline of a text', () => {
  test.each(expected)('%s: kind and exact titles', (_, text, kind, wanted) => {
    expect(outline(text).kind).toBe(kind);
    expect(titles(text)).toEqual(wanted);
  });

  test.each(expected)('%s: half-width or full-width punctuation changes nothing', (_, text, kind, wanted) => {
    for (const pairs of [narrow, wide]) {
      const found = outline(change(text, pairs));
      expect(found.kind).toBe(kind);
      expect(found.leaves.map(({ title }) => fold(title))).toEqual(wanted.map(fold));
      expect(found.declared).toEqual(outline(text).declared);
    }
  });

  test('numbers are kept as printed, paths are folded', () => {
    expect(outline(papers.fullReport).leaves.map(({ number, path }) => [number, path])).toEqual([
      ['二（一）1', '二/(一)/1'],
      ['二（一）2', '二/(一)/2'],
      ['二（二）', '二/(二)'],
    ]);
  });

  test('status, measures, responsible body and deadline belong to the issue they stand under', () => {
    const [first, second, third] = outline(papers.fullReport).leaves;
    expect(first).toMatchObject({ status: '已完成', measures: [expect.any(String), expect.any(String)] });
    expect(second).toMatchObject({ status: '阶段性完成', responsible: '规划股；李某', deadline: '2024年12月底前' });
    expect(second?.measures).toHaveLength(3);
    expect(third).toMatchObject({
      status: '已完成',
      measures: ['压实责任。党组书记带头谈话。', '完善制度。出台谈心谈话办法。'],
    });
    const [plan] = outline(papers.townPlan).leaves;
    expect(plan).toMatchObject({ manifestations: ['没有论证；', '随意更改。'], responsible: '张某；乡农业中心' });
  });

  test('issues are laid to the organisation of their paragraph or chapter', () => {
    const laid = (text: string): (string | undefined)[] => outline(text).leaves.map(({ unit }) => unit);
    const archive = '市档案馆党组';
    const grain = '市粮食局党组';
    expect(laid(papers.unitParagraphs)).toEqual([archive, archive, archive, grain, grain, grain]);
    expect(laid(papers.unitChapters)).toEqual(['区档案馆', '区档案馆', '区残联党组', '区残联党组']);
  });

  test('declared figures are read, with Chinese numerals, thousands and money', () => {
    expect(outline(papers.fullReport).declared).toEqual({
      issues: 26,
      done: 24,
      partially_done: 2,
      rules_made: 18,
      democratic_life_meetings: 1,
      study_meetings: 12,
      party_lectures: 5,
      money_returned_wan: 3.2,
      completion_rate: '92.31%',
    });
    expect(outline(papers.roundFigures).declared).toEqual({
      issues: 206,
      immediate_issues: 18,
      petitions: 33,
      suggestions: 41,
      clues: 7,
      clue_persons: 9,
      interviews: 1204,
      concentrated_period_months: 3,
    });
  });

  test('more declared than found is a note and nothing is invented', () => {
    const { notes, leaves } = outline(papers.fullReport);
    expect(notes).toContainEqual({ code: 'declaredMoreThanFound', declared: 26, found: 3 });
    expect(notes).toContainEqual({ code: 'repeatedIssue', title: '项目前期工作推进缓慢' });
    expect(leaves).toHaveLength(3);
  });

  test('a text that breaks off marks its last issue, and keeps only the words that are there', () => {
    const cut = papers.seriesOnLines.slice(0, papers.seriesOnLines.indexOf('结构不优'));
    expect(outline(cut).leaves.at(-1)).toMatchObject({ title: '干部队伍', truncated: 'title' });
    expect(outline(cut).notes).toContainEqual({ code: 'textCut' });
    expect(outline(papers.seriesOnLines).leaves.every(({ truncated }) => truncated === undefined)).toBe(true);
  });
});

const pieces = [
  ...expected.flatMap(([, paper]) => paper.split('\n')),
  ...[
    '一、',
    '（一）',
    '1.',
    '(1)',
    '①',
    '一是',
    '首先',
    '问题：',
    '存在',
    '不够',
    '等问题',
    '。',
    '；',
    '“',
    '整改情况：',
    '\n',
  ],
];
const mixture = fc
  .array(fc.oneof(fc.constantFrom(...pieces), fc.string({ maxLength: 8 })), { maxLength: 40 })
  .map((all) => all.join(''));

describe('for any text at all', () => {
  test('folding keeps the length', () => {
    fc.assert(fc.property(fc.string({ unit: 'binary' }), (value) => fold(value).length === value.length));
  });

  test('the outline is total, and every title, unit and text is a slice of the source inside its own range', () => {
    fc.assert(
      fc.property(mixture, (value) => {
        const found = outline(value);
        let reached = 0;
        for (const leaf of found.leaves) {
          expect(value.slice(leaf.from, leaf.to)).toBe(leaf.text);
          expect(leaf.text).toContain(leaf.title);
          expect(leaf.title.trim()).not.toBe('');
          expect(leaf.from).toBeGreaterThanOrEqual(reached);
          reached = leaf.to;
          if (leaf.unit !== undefined) expect(value).toContain(leaf.unit);
          for (const measure of leaf.measures) expect(leaf.text).toContain(measure);
        }
      }),
      { numRuns: 400 },
    );
  });

  test('folding the text first gives the same outline, folded', () => {
    fc.assert(
      fc.property(mixture, (value) => {
        const plain = outline(value);
        const folded = outline(fold(value));
        expect(folded.kind).toBe(plain.kind);
        expect(folded.declared).toEqual(plain.declared);
      }),
      { numRuns: 200 },
    );
  });

  test('chapters about the work itself never give an issue, whatever their sentences say', () => {
    const chapter = fc.constantFrom(
      '组织整改落实情况',
      '党组履行主体责任情况',
      '下一步工作打算',
      '整改工作成效',
      '问题线索办理情况',
      '意见建议',
    );
    const sentence = fc.constantFrom(
      '（一）责任落实不到位',
      '1.关于“学习不深”的问题',
      '整改情况：一是补课不够。',
      '2.监管缺位',
    );
    fc.assert(
      fc.property(
        fc.array(fc.tuple(chapter, fc.array(sentence, { maxLength: 5 })), { minLength: 1, maxLength: 4 }),
        (chapters) => {
          const body = chapters
            .map(([title, lines], at) => `${'一二三四'[at]}、${title}\n${lines.join('\n')}`)
            .join('\n');
          const report = `某局党组关于巡察整改情况的报告\n现将整改情况报告如下：\n${body}`;
          expect(outline(report).leaves).toEqual([]);
        },
      ),
    );
  });
});
